internal import OrderedCollections
internal import ShaleJSON

// Distributed Map: iterations that are executions of their own, which somebody else runs.
extension ExecutionState {
    /// How many child executions a Map run may have at a time.
    static let childLimit = 10_000
    static let toleratedError = "States.ExceedToleratedFailureThreshold"

    mutating func startReading(
        _ id: BranchID,
        _ map: MapDefinition,
        _ reader: MapDefinition.ItemReader,
        input: JSONValue,
        limit: Int,
        _ turn: inout Turn
    ) throws(StateFailure) {
        // How many items there are is not known yet; the service says none.
        recordMapStarted(id, count: 0, &turn)
        let number = TaskID(newNumber())
        let request = try readRequest(number, id, reader, input: input, turn)
        let run = try newRun(number, id, map, .reading, input: input, limit: limit, turn)
        note(id, run, itemCount: 0, &turn)
        turn.step.commands.append(.readItems(request))
    }

    mutating func recordMapStarted(_ id: BranchID, count: Int, _ turn: inout Turn) {
        advanceHistory(
            id,
            "MapStateStarted",
            &turn,
            "mapStateStartedEventDetails",
            ["length": .integer(Int64(count))]
        )
    }

    /// Tells that there is a run.
    private mutating func note(
        _ id: BranchID,
        _ run: MapRun,
        itemCount: Int,
        _ turn: inout Turn
    ) {
        advanceHistory(
            id,
            "MapRunStarted",
            &turn,
            "mapRunStartedEventDetails",
            ["mapRunArn": .string(run.arn)]
        )
        tasks[run.id] = id
        mapRuns[id] = run
        self[id].phase = .mapRun
        let limits = run.limits
        turn.step.commands.append(
            .mapRunStarted(run.id, arn: run.arn, itemCount: itemCount, limits: limits)
        )
    }

    mutating func startMapRun(
        _ id: BranchID,
        _ map: MapDefinition,
        items: [JSONValue],
        input: JSONValue,
        limit: Int,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let number = TaskID(newNumber())
        let run = try newRun(number, id, map, .running, input: input, limit: limit, turn)
        let inputs = try childInputs(id, run, map, items, turn)
        note(id, run, itemCount: items.count, &turn)
        self[mapRun: id].begin(inputs)
        try goOn(id, &turn)
    }

    func newRun(
        _ number: TaskID,
        _ id: BranchID,
        _ map: MapDefinition,
        _ stage: MapRun.Stage,
        input: JSONValue,
        limit: Int,
        _ turn: Turn
    ) throws(StateFailure) -> MapRun {
        let evaluation = evaluation(id, data: input, turn)
        let count = try integer(of: map.toleratedCount, evaluation)
        if let count, count < 0 { throw .runtime("ToleratedFailureCount cannot be negative.") }
        let percentage = try percentage(of: map.toleratedPercentage, evaluation)
        let place = context.regionAndAccount
        let label = map.label ?? turn.random.uuid()
        return MapRun(
            id: number,
            arn: "arn:aws:states:\(place.region):\(place.account):mapRun:\(context.machineName)/"
                + "\(label):\(turn.random.uuid())",
            stage: stage,
            input: input,
            limit: limit == 0 ? Self.childLimit : min(limit, Self.childLimit),
            toleratedCount: count,
            toleratedPercentage: percentage
        )
    }

    private func percentage(
        of source: NumberSource?,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> Double? {
        guard let source else { return nil }
        let value = try value(of: source, evaluation)
        guard let number = value.number else { throw Self.notA("float", value, source) }
        guard (0...100).contains(number) else {
            throw .runtime("ToleratedFailurePercentage must be between 0 and 100.")
        }
        return number
    }

    /// The inputs of the child executions: the items as ItemSelector has them, in batches where asked for.
    private func childInputs(
        _ id: BranchID,
        _ run: MapRun,
        _ map: MapDefinition,
        _ items: [JSONValue],
        _ turn: Turn
    ) throws(StateFailure) -> [JSONValue] {
        let inputs = try selected(items, map.itemSelector, id, input: run.input, turn)
        guard let batcher = map.batcher else { return inputs }
        return try batches(of: inputs, batcher, evaluation(id, data: run.input, turn))
    }

    /// The items as ItemSelector has them.
    func selected(
        _ items: [JSONValue],
        _ selector: Template?,
        _ id: BranchID,
        input: JSONValue,
        _ turn: Turn
    ) throws(StateFailure) -> [JSONValue] {
        guard let selector else { return items }
        var inputs: [JSONValue] = []
        inputs.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            let item = MapItem(index: index, value: item)
            let evaluation = evaluation(id, data: input, item: item, turn)
            inputs.append(try selector.evaluate(in: evaluation))
        }
        return inputs
    }

    func batches(
        of inputs: [JSONValue],
        _ batcher: MapDefinition.ItemBatcher,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> [JSONValue] {
        let maxItems = try integer(of: batcher.maxItems, evaluation) ?? Int.max
        let maxBytes = try integer(of: batcher.maxBytes, evaluation) ?? Self.dataLimit
        guard maxItems > 0 else { throw .runtime("MaxItemsPerBatch must be positive.") }
        guard maxBytes > 0 else { throw .runtime("MaxInputBytesPerBatch must be positive.") }
        let batchInput = try batcher.batchInput?.evaluate(in: evaluation)
        var batches: [JSONValue] = []
        var batch: [JSONValue] = []
        var bytes = 0
        func close() {
            guard !batch.isEmpty else { return }
            var members: JSONObject = ["Items": .array(batch)]
            if let batchInput { members["BatchInput"] = batchInput }
            batches.append(.object(members))
            (batch, bytes) = ([], 0)
        }
        let frame = (batchInput?.encoded().count ?? 0) + 64
        for input in inputs {
            let size = input.encoded().count + 1
            if batch.count == maxItems || bytes + size + frame > maxBytes { close() }
            batch.append(input)
            bytes += size
        }
        close()
        return batches
    }

    // MARK: Running

    /// Starts children as far as the run may, or ends the run where nothing is left.
    private mutating func goOn(_ id: BranchID, _ turn: inout Turn) throws(StateFailure) {
        if isFailureExceeded(self[mapRun: id]) {
            giveUp(id, &turn)
            return
        }
        guard case .map(let map) = definition(of: id).kind else {
            preconditionFailure("a Map run is that of a Map state")
        }
        var children: [ChildRequest.Child] = []
        while self[mapRun: id].running < self[mapRun: id].limit,
            let index = self[mapRun: id].nextIndex()
        {
            children.append(child(index, of: self[mapRun: id], map))
            self[mapRun: id].running += 1
        }
        if !children.isEmpty {
            let request = childRequest(self[mapRun: id], map, children)
            turn.step.commands.append(.startChildren(request))
        }
        if self[mapRun: id].running == 0 { try endRun(id, &turn) }
    }

    func isFailureExceeded(_ run: MapRun) -> Bool {
        guard run.failed > 0 else { return false }
        if run.toleratedCount == nil, run.toleratedPercentage == nil { return true }
        if let count = run.toleratedCount, run.failed > count { return true }
        guard let percentage = run.toleratedPercentage else { return false }
        return Double(run.failed) * 100 > percentage * Double(run.inputs.count)
    }

    private mutating func endRun(_ id: BranchID, _ turn: inout Turn) throws(StateFailure) {
        guard case .map(let map) = definition(of: id).kind, let writer = map.writer else {
            try succeedRun(id, .array(self[mapRun: id].results.compactMap { $0 }), &turn)
            return
        }
        self[mapRun: id].stage = .writing
        let request = try writeRequest(self[mapRun: id], id, map, writer, turn)
        turn.step.commands.append(.writeResults(request))
    }

    private mutating func succeedRun(
        _ id: BranchID,
        _ result: JSONValue,
        _ turn: inout Turn
    ) throws(StateFailure) {
        guard let run = mapRuns.removeValue(forKey: id) else { return }
        tasks[run.id] = nil
        var hasWritten = false
        if run.stage == .writing, case .map(let map) = definition(of: id).kind {
            hasWritten = map.writer?.resource != nil
        }
        turn.step.commands.append(
            .mapRunEnded(run.id, arn: run.arn, status: .succeeded, hasWritten: hasWritten)
        )
        advanceHistory(id, "MapRunSucceeded", &turn)
        record("MapStateSucceeded", after: self[id].lastEvent, &turn)
        self[id].phase = .performing
        try complete(id, result: result, &turn)
    }

    private mutating func failRun(
        _ id: BranchID,
        _ failure: StateFailure,
        _ turn: inout Turn
    ) {
        let run = self[mapRun: id]
        let told = told(failure, of: id)
        tasks[run.id] = nil
        if run.stage == .failing {
            self[mapRun: id].stage = .running
        } else if run.running > 0 {
            turn.step.commands.append(.stopChildren(run.id))
        }
        turn.step.commands.append(.mapRunEnded(run.id, arn: run.arn, status: .failed))
        advanceHistory(id, "MapRunFailed", &turn, "mapRunFailedEventDetails", .failure(told))
        fail(id, failure, &turn)
        // Where the failure was taken, the run is over; otherwise a redrive may go on with it.
        if status == .running { mapRuns[id] = nil }
    }

    private static let failureExceeded = StateFailure(
        error: toleratedError,
        cause: "The specified tolerated failure threshold was exceeded"
    )

    /// Fails a run of which too many children failed; where their results are written, not before they are.
    private mutating func giveUp(_ id: BranchID, _ turn: inout Turn) {
        let run = self[mapRun: id]
        guard case .map(let map) = definition(of: id).kind, let writer = map.writer,
            writer.resource != nil
        else { return failRun(id, Self.failureExceeded, &turn) }
        do throws(StateFailure) {
            let request = try writeRequest(run, id, map, writer, turn)
            self[mapRun: id].stage = .failing
            if run.running > 0 { turn.step.commands.append(.stopChildren(run.id)) }
            turn.step.commands.append(.writeResults(request))
        } catch {
            // Where to write cannot be told from the input; that too many failed is the earlier reason.
            failRun(id, Self.failureExceeded, &turn)
        }
    }

    /// Goes on with a run after a redrive: the children that did not succeed start again.
    mutating func redriveMapRun(_ id: BranchID, _ turn: inout Turn) {
        self[mapRun: id].startAgain()
        self[id].lastEvent = record(
            "MapRunRedriven",
            after: eventCount,
            &turn,
            "mapRunRedrivenEventDetails",
            [
                "mapRunArn": .string(self[mapRun: id].arn),
                "redriveCount": .integer(Int64(redriveCount)),
            ]
        )
        tasks[self[mapRun: id].id] = id
        let run = self[mapRun: id]
        turn.step.commands.append(
            .mapRunStarted(run.id, arn: run.arn, itemCount: nil, limits: run.limits)
        )
        attempt(id, &turn) { (state, turn) throws(StateFailure) in
            try state.goOn(id, &turn)
        }
    }

    // MARK: Events

    mutating func handleMapRun(_ event: ExecutionEvent, _ turn: inout Turn) {
        guard let id = tasks[event.mapRun], let stage = mapRuns[id]?.stage,
            case .map(let map) = definition(of: id).kind
        else { return takeLate(event) }
        attempt(id, &turn) { (state, turn) throws(StateFailure) in
            switch (event, stage) {
            case (.itemsRead(_, let items), .reading):
                let run = state[mapRun: id]
                turn.step.commands.append(
                    .mapRunStarted(
                        run.id,
                        arn: run.arn,
                        itemCount: items.count,
                        limits: run.limits
                    )
                )
                state[mapRun: id].begin(try state.childInputs(id, run, map, items, turn))
                try state.goOn(id, &turn)
            case (.itemsFailed(_, let cause), .reading):
                let failure = StateFailure(
                    error: "States.ItemReaderFailed",
                    cause: cause,
                    origin: .machine
                )
                state.failRun(id, failure, &turn)
            case (.childSucceeded(_, let index, let output), .running):
                try state.childDone(id, index, output, &turn)
            case (.childFailed(_, let index, _, _), .running):
                try state.childDone(id, index, nil, &turn)
            case (.resultsWritten(_, let output), .writing):
                try state.succeedRun(id, output, &turn)
            case (.resultsFailed(_, let cause), .writing):
                let failure = StateFailure(error: "States.ResultWriterFailed", cause: cause)
                state.failRun(id, failure, &turn)
            case (.resultsWritten, .failing), (.resultsFailed, .failing):
                state.failRun(id, Self.failureExceeded, &turn)
            case (.childSucceeded(_, let index, let output), .failing):
                // It had ended before it could be stopped; a redrive does not run it again.
                _ = state[mapRun: id].finish(index, output)
            case (.mapRunUpdated(_, let limit, let count, let percentage), .running):
                state[mapRun: id].update(limit, count, percentage)
                let run = state[mapRun: id]
                turn.step.commands.append(
                    .mapRunStarted(run.id, arn: run.arn, itemCount: nil, limits: run.limits)
                )
                try state.goOn(id, &turn)
            default: break
            }
        }
    }

    /// Notes the success of a child that was told when its run had failed, so that a redrive does not run it again.
    private mutating func takeLate(_ event: ExecutionEvent) {
        guard status != .running, case .childSucceeded(let task, let index, let output) = event,
            let id = mapRuns.first(where: { $0.value.id == task && $0.value.stage == .running })?
                .key
        else { return }
        _ = self[mapRun: id].finish(index, output)
    }

    private mutating func childDone(
        _ id: BranchID,
        _ index: Int,
        _ output: JSONValue?,
        _ turn: inout Turn
    ) throws(StateFailure) {
        guard self[mapRun: id].finish(index, output) else { return }
        try goOn(id, &turn)
    }
}

extension MapRun {
    /// Takes the inputs of the children, none of which has started.
    fileprivate mutating func begin(_ inputs: [JSONValue]) {
        stage = .running
        self.inputs = inputs
        results = Array(repeating: nil, count: inputs.count)
        isDone = Array(repeating: false, count: inputs.count)
    }

    /// The next child to start: those of a redrive first.
    fileprivate mutating func nextIndex() -> Int? {
        if !again.isEmpty { return again.removeFirst() }
        guard next < inputs.count else { return nil }
        next += 1
        return next - 1
    }

    /// Takes the end of a child, once; false where there is no such child.
    fileprivate mutating func finish(_ index: Int, _ output: JSONValue?) -> Bool {
        guard isDone.indices.contains(index), index < next, !isDone[index], running > 0 else {
            return false
        }
        isDone[index] = true
        results[index] = output
        running -= 1
        if output == nil { failed += 1 }
        return true
    }

    fileprivate mutating func startAgain() {
        stage = .running
        running = 0
        failed = 0
        again = (0..<next).filter { results[$0] == nil }
        for index in again { isDone[index] = false }
    }

    fileprivate mutating func update(_ limit: Int?, _ count: Int?, _ percentage: Double?) {
        let most = ExecutionState.childLimit
        if let limit { self.limit = limit <= 0 ? most : min(limit, most) }
        toleratedCount = count ?? toleratedCount
        toleratedPercentage = percentage ?? toleratedPercentage
    }
}

extension ExecutionEvent {
    /// The Map run that an event is about.
    fileprivate var mapRun: TaskID {
        switch self {
        case .itemsRead(let id, _), .itemsFailed(let id, _), .childSucceeded(let id, _, _),
            .childFailed(let id, _, _, _), .resultsWritten(let id, _), .resultsFailed(let id, _),
            .mapRunUpdated(let id, _, _, _):
            id
        default: preconditionFailure("no event of a Map run")
        }
    }
}
