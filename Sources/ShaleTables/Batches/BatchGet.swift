internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads up to 100 items of any tables, all as of one moment.
    ///
    /// What is over 16 MB is not read, nor what there is no capacity for; it is named in the answer.
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`; `.throughputExceeded` or `.throttled` when there is
    ///   capacity for nothing.
    public func batchGetItem(
        _ request: BatchGetItemRequest
    ) async throws(DatabaseError) -> BatchGetItemResponse {
        let count = request.requestItems.reduce(0) { $0 + $1.keys.keys.count }
        guard count <= TableLimits.keysPerBatchGet else {
            throw .validation("Too many items requested for the BatchGetItem call")
        }
        guard count > 0 else {
            throw .validation(
                "1 validation error detected: Value at 'requestItems' failed to satisfy "
                    + "constraint: Member must have length greater than or equal to 1"
            )
        }
        var projections: [Projection?] = []
        for (_, keys) in request.requestItems { projections.append(try keys.checkedProjection()) }
        var parts: [KeysRead] = []
        var gates: [CapacityGate?] = []
        var usages: [UsageCounters?] = []
        var keys: Set<OwnedKey> = []
        for ((tableName, given), projection) in zip(request.requestItems, projections) {
            let version = try catalog.table(tableName).version
            parts.append(try KeysRead(given, projection, version.definition, &keys))
            gates.append(version.gate)
            usages.append(version.usage)
        }
        for index in parts.indices { parts[index].admit(gates[index]) }
        // Where nothing at all can be read the whole request is refused.
        if parts.allSatisfy(\.keys.isEmpty), let refusal = parts.compactMap(\.refusal).first {
            throw refusal
        }
        let reads = parts
        let result: Result<[KeysRead.Answer], DatabaseError>
        do throws(EngineError) {
            result = try await engine.read { view throws(EngineError) in
                try KeysRead.run(reads, view)
            }
        } catch {
            throw DatabaseError(error)
        }
        let answers = try result.get()
        for (read, (answer, gate)) in zip(reads, zip(answers, gates)) { read.charge(answer, gate) }
        for (usage, answer) in zip(usages, answers) { usage?.add(.read, answer.units) }
        return respond(request, reads, answers)
    }

    private func respond(
        _ request: BatchGetItemRequest,
        _ reads: [KeysRead],
        _ answers: [KeysRead.Answer]
    ) -> BatchGetItemResponse {
        var response = BatchGetItemResponse(responses: [], unprocessedKeys: [])
        var consumed: [ConsumedCapacity] = []
        let names = request.shownNames ?? request.requestItems.map(\.tableName)
        for ((read, answer), name) in zip(zip(reads, answers), names) {
            response.responses.append((name, answer.items))
            consumed.append(ConsumedCapacity(tableName: name, table: answer.units))
            let places = read.refused + read.keys[answer.sizes.count...].map(\.place)
            guard !places.isEmpty else { continue }
            var unprocessed = read.given
            unprocessed.keys = places.sorted().map { read.given.keys[$0] }
            response.unprocessedKeys.append((name, unprocessed))
        }
        if request.returnConsumedCapacity != .none { response.consumedCapacity = consumed }
        return response
    }
}

extension KeysAndAttributes {
    /// The projection, parsed; nil is all attributes.
    fileprivate func checkedProjection() throws(DatabaseError) -> Projection? {
        var reader = try ExpressionReader(ExpressionAttributes(names: names))
        let parsed = try reader.projection(projection)
        try reader.finish(hasExpressions: projection != nil)
        return parsed ?? attributesToGet
    }
}

/// The keys that a batch reads from one table, checked.
private struct KeysRead: Sendable {
    let table: TableDefinition
    let given: KeysAndAttributes
    /// What is read, and where it stands in the request.
    private(set) var keys: [(place: Int, key: EntryKey)]
    /// Where in the request stands what there is no capacity for.
    private(set) var refused: [Int] = []
    /// Why there is none.
    private(set) var refusal: DatabaseError?
    let projection: Projection?

    struct Answer: Sendable {
        var items: [Item] = []
        var units = CapacityUnits.zero
        /// Sizes of the items of as many of the keys as were read, from the first on.
        var sizes: [Int] = []
    }

    /// `known` are the keys of the batch so far: none may be there twice, whatever its table was called.
    init(
        _ given: KeysAndAttributes,
        _ projection: Projection?,
        _ table: TableDefinition,
        _ known: inout Set<OwnedKey>
    ) throws(DatabaseError) {
        self.table = table
        self.given = given
        self.projection = projection
        guard !given.keys.isEmpty else {
            throw .validation(
                "1 validation error detected: Value '[]' at 'requestItems.\(table.name).member."
                    + "keys' failed to satisfy constraint: Member must have length greater than "
                    + "or equal to 1"
            )
        }
        var keys: [EntryKey] = []
        for key in given.keys { keys.append(table.entryKey(try table.checkedKey(key))) }
        for key in keys {
            guard known.insert(OwnedKey(table.engineTable.id, key)).inserted else {
                throw .validation("Provided list of item keys contains duplicates")
            }
        }
        self.keys = Array(keys.enumerated()).map { (place: $0.offset, key: $0.element) }
    }

    private var consistency: CapacityRules.Consistency {
        given.consistentRead ? .strong : .eventual
    }

    /// Asks for capacity, key by key.
    mutating func admit(_ gate: CapacityGate?) {
        guard let gate else { return }
        var admitted: [(place: Int, key: EntryKey)] = []
        for each in keys {
            do throws(DatabaseError) {
                try gate.admit(readOf: each.key, consistency)
                admitted.append(each)
            } catch {
                refusal = error
                refused.append(each.place)
            }
        }
        keys = admitted
    }

    /// Charges what was read, and gives back what the others took.
    func charge(_ answer: Answer, _ gate: CapacityGate?) {
        guard let gate else { return }
        for (each, size) in zip(keys, answer.sizes) {
            gate.charge(readOf: each.key, size, consistency)
        }
        for each in keys[answer.sizes.count...] { gate.giveBack(readOf: each.key, consistency) }
    }

    static func run(
        _ reads: [KeysRead],
        _ view: ReadView
    ) throws(EngineError) -> Result<[Answer], DatabaseError> {
        var remaining = TableLimits.batchGetSizeBytes
        var answers: [Answer] = []
        for read in reads {
            do throws(DatabaseError) {
                answers.append(try read.run(view, &remaining))
            } catch {
                // The engine must see its own errors: it may read again on another thread.
                guard let engine = error.engine else { return .failure(error) }
                throw engine
            }
        }
        return .success(answers)
    }

    private func run(_ view: ReadView, _ remaining: inout Int) throws(DatabaseError) -> Answer {
        var answer = Answer()
        for (_, key) in keys {
            let bytes: [UInt8]?
            do throws(EngineError) {
                bytes = try view.get(table.engineTable.id, key)
            } catch {
                throw DatabaseError(error)
            }
            let item = try bytes.map { (bytes) throws(DatabaseError) in
                try StoredItem.decode(bytes)
            }
            let size = item?.sizeBytes ?? 0
            guard size <= remaining else {
                // Once one item is left out, all that follow are.
                remaining = -1
                break
            }
            remaining -= size
            answer.sizes.append(size)
            answer.units += CapacityRules.read(itemBytes: size, consistency)
            if let item { answer.items.append(projection?.apply(to: item) ?? item) }
        }
        return answer
    }
}
