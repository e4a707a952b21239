internal import OrderedCollections
internal import ShaleJSON

// Parallel and inline Map: branches that run inside of the execution.
extension ExecutionState {
    /// How many iterations of an inline Map run at a time, whatever it asks for.
    static let inlineLimit = 40

    mutating func performParallel(
        _ id: BranchID,
        _ scopes: [Int],
        _ turn: inout Turn
    ) throws(StateFailure) {
        var input = try effectiveInput(id, turn)
        if let arguments = definition(of: id).arguments {
            input = try arguments.evaluate(in: evaluation(id, data: input, turn))
            turn.inspector?.arguments(input, of: definition(of: id))
        }
        if let inspector = turn.inspector { return try inspectFork(id, inspector, &turn) }
        advanceHistory(id, "ParallelStateStarted", &turn)
        let fork = Fork(
            scopes: scopes,
            isMap: false,
            input: input,
            items: [],
            count: scopes.count,
            limit: scopes.count,
            results: Array(repeating: nil, count: scopes.count),
            chain: self[id].lastEvent
        )
        forks[id] = fork
        self[id].phase = .fork
        try startChildren(id, &turn)
    }

    mutating func performMap(
        _ id: BranchID,
        _ map: MapDefinition,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let input = try effectiveInput(id, turn)
        let evaluation = evaluation(id, data: input, turn)
        if let inspector = turn.inspector {
            return try inspectMap(id, map, evaluation, inspector, &turn)
        }
        let limit = try integer(of: map.maxConcurrency, evaluation) ?? 0
        guard limit >= 0 else { throw .runtime("MaxConcurrency must not be negative: \(limit)") }
        if case .reader(let reader) = map.items {
            try startReading(id, map, reader, input: input, limit: limit, &turn)
            return
        }
        let items = try items(map, evaluation)
        recordMapStarted(id, count: items.count, &turn)
        if map.isDistributed {
            try startMapRun(id, map, items: items, input: input, limit: limit, &turn)
            return
        }
        let fork = Fork(
            scopes: [map.scope],
            isMap: true,
            input: input,
            items: items,
            count: items.count,
            limit: limit == 0 ? Self.inlineLimit : min(limit, Self.inlineLimit),
            results: Array(repeating: nil, count: items.count),
            chain: self[id].lastEvent
        )
        forks[id] = fork
        self[id].phase = .fork
        try startChildren(id, &turn)
    }

    func items(
        _ map: MapDefinition,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> [JSONValue] {
        let value: JSONValue
        switch map.items {
        case .path(let path):
            value = try evaluation.value(of: path, field: "ItemsPath")
            if let items = value.elements { return items }
            throw .runtime("Reference path \"\(path.text)\" must point to array.")
        case .template(let template):
            value = try template.evaluate(in: evaluation)
            if let items = value.elements { return items }
            if case .expression(let expression) = template {
                throw expression.unexpected(value, expected: "array")
            }
        case .input, .reader:
            value = evaluation.data
            if let items = value.elements { return items }
        }
        throw .evaluation("Map state input must be an array but was: \(value.json)", at: nil)
    }

    /// Starts as many branches as may run, or completes the state where all are done.
    private mutating func startChildren(
        _ id: BranchID,
        _ turn: inout Turn
    ) throws(StateFailure) {
        while self[fork: id].hasRoom { try startChild(id, &turn) }
        guard self[fork: id].running.isEmpty, let fork = forks.removeValue(forKey: id) else {
            return
        }
        let type = definition(of: id).typeName + "StateSucceeded"
        record(type, after: self[id].lastEvent, &turn)
        self[id].phase = .performing
        let results = JSONValue.array(fork.results.map { $0 ?? .null })
        try complete(id, result: results, &turn)
    }

    private mutating func startChild(_ id: BranchID, _ turn: inout Turn) throws(StateFailure) {
        let index = self[fork: id].next
        let isMap = self[fork: id].isMap
        let item = isMap ? MapItem(index: index, value: self[fork: id].items[index]) : nil
        let (input, source) = try childInput(id, self[fork: id].input, item, turn)
        let child = BranchID(number: newNumber())
        branches[child] = Branch(
            parent: id,
            index: index,
            item: item,
            state: program.scopes[self[fork: id].scopes[isMap ? 0 : index]].start,
            input: input,
            inputSource: source,
            lastEvent: self[fork: id].chain
        )
        if isMap {
            let event = recordIteration("MapIterationStarted", id, self[child], &turn)
            self[child].lastEvent = event
        }
        ready.append(child)
        self[fork: id].next += 1
        self[fork: id].running.insert(child)
    }

    /// What a branch gets: the input of the state, or the item as ItemSelector has it.
    private func childInput(
        _ id: BranchID,
        _ input: JSONValue,
        _ item: MapItem?,
        _ turn: Turn
    ) throws(StateFailure) -> (JSONValue, Branch.InputSource) {
        guard let item else { return (input, .fork) }
        guard case .map(let map) = definition(of: id).kind, let selector = map.itemSelector else {
            return (item.value, .fork)
        }
        let evaluation = evaluation(id, data: input, item: item, turn)
        return (try selector.evaluate(in: evaluation), .own)
    }

    @discardableResult
    mutating func recordIteration(
        _ type: String,
        _ id: BranchID,
        _ child: Branch,
        _ turn: inout Turn
    ) -> Int {
        let prefix = "m" + type.dropFirst()
        return record(
            type,
            after: child.lastEvent,
            &turn,
            prefix + "EventDetails",
            ["name": .string(definition(of: id).name), "index": .integer(Int64(child.index))]
        )
    }

    // MARK: Ends of branches

    mutating func childSucceeded(
        _ id: BranchID,
        _ childID: BranchID,
        _ child: Branch,
        output: JSONValue,
        _ turn: inout Turn
    ) {
        guard forks[id] != nil else { return }
        self[fork: id].results[child.index] = output
        self[fork: id].running.remove(childID)
        self[fork: id].chain = child.lastEvent
        self[id].lastEvent =
            self[fork: id].isMap
            ? recordIteration("MapIterationSucceeded", id, child, &turn) : child.lastEvent
        attempt(id, &turn) { (state, turn) throws(StateFailure) in
            try state.startChildren(id, &turn)
        }
    }

    mutating func childFailed(
        _ id: BranchID,
        _ childID: BranchID,
        _ child: Branch,
        _ failure: StateFailure,
        _ turn: inout Turn
    ) {
        guard let fork = forks.removeValue(forKey: id) else { return }
        branches[childID] = nil
        if fork.isMap { recordIteration("MapIterationFailed", id, child, &turn) }
        for sibling in fork.running.sorted() where branches[sibling] != nil {
            recordAborted(sibling, &turn)
            if fork.isMap { recordIteration("MapIterationAborted", id, self[sibling], &turn) }
            discard(sibling, &turn)
        }
        self[id].lastEvent = child.lastEvent
        self[id].phase = .performing
        // It is told already, with the state in which it happened.
        let reported = StateFailure(error: failure.error, cause: failure.cause)
        fail(id, reported, &turn)
    }
}

extension Fork {
    /// Whether another branch may start.
    fileprivate var hasRoom: Bool { next < count && running.count < limit }
}
