internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

// The usual reads and writes of items as bytes, for callers that have bytes and want bytes: what a
// request gave is not made into an `Item`, nor what is stored. Whatever is unusual (secondary indexes, limits of
// capacity, a key that is none) is answered with `.unusual`, before anything was done: the verbs in the neighbouring
// files do it, or say what is wrong.

/// What a call on bytes came to.
package enum EncodedOutcome<Answer: Sendable>: Sendable {
    /// Nothing was done; ask the verb.
    case unusual
    /// There is no such item.
    case absent
    case done(Answer)
}

extension Database {
    /// Lends the stored bytes of an item to `body`.
    ///
    /// - Parameters:
    ///   - tableName: The table.
    ///   - key: The key attributes and nothing else, as `ItemFormat` draws them.
    ///   - isConsistent: Whether it counts as a consistent read; every read is one.
    ///   - body: May run twice.
    /// - Returns: What `body` answered.
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    package func getEncoded<Answer: Sendable>(
        _ tableName: String,
        key: PlainKey,
        isConsistent: Bool = false,
        _ body: @escaping ItemReading<Answer>
    ) async throws(DatabaseError) -> EncodedOutcome<Answer> {
        let live = try catalog.table(tableName)
        let table = live.version
        guard table.gate == nil, let entryKey = try table.entryKey(of: key) else {
            return .unusual
        }
        live.note(entryKey)
        let id = table.engineTable.id
        guard let usage = table.usage else {
            let answer = try await readBytes(id, entryKey, nil, body)
            return answer.map { .done($0) } ?? .absent
        }
        let answer = try await readBytes(id, entryKey, usage) { bytes throws(ItemError) in
            (answer: try body(bytes), sizeBytes: try EncodedAttributes.sizeBytes(bytes))
        }
        let units = CapacityRules.read(
            itemBytes: answer?.sizeBytes ?? 0,
            isConsistent ? .strong : .eventual
        )
        usage.add(.read, units)
        return answer.map { .done($0.answer) } ?? .absent
    }

    /// `getEncoded` where bytes are the answer: what a server asks for with each request, so it is compiled for that.
    package func getRendered(
        _ tableName: String,
        key: PlainKey,
        isConsistent: Bool,
        _ body: @escaping ItemReading<[UInt8]>
    ) async throws(DatabaseError) -> EncodedOutcome<[UInt8]> {
        try await getEncoded(tableName, key: key, isConsistent: isConsistent, body)
    }

    /// Puts an item in place of the one with its key, if there is one.
    ///
    /// - Parameters:
    ///   - tableName: The table.
    ///   - item: As `ItemFormat` draws it; validated.
    ///   - sizeBytes: What `Item.sizeBytes` of it is.
    /// - Returns: Whether it was put.
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    package func putEncoded(
        _ tableName: String,
        _ item: [UInt8],
        sizeBytes: Int
    ) async throws(DatabaseError) -> EncodedOutcome<Void> {
        guard let put = try EncodedPut(try catalog.table(tableName), item, sizeBytes) else {
            return .unusual
        }
        let outcome: Result<Tally, ItemError>
        do throws(EngineError) {
            outcome = try await engine.update(
                owning: [put.write.owned],
                options.durability,
                waitingAtMost: options.longestWriteWait
            ) { view throws(EngineError) in try put.decide(view) }
        } catch {
            throw put.leave(error)
        }
        try put.leave(outcome)
        return .done(())
    }

    /// Puts and deletes items of different keys, all of them in one log record.
    package func writeEncoded(
        _ requests: [(tableName: String, writes: [EncodedRequest])]
    ) async throws(DatabaseError) -> EncodedOutcome<Void> {
        var parts: [(table: LiveTable, version: TableVersion, change: Tally)] = []
        defer { for part in parts { part.table.leave(part.version, part.change) } }
        var writes: [EncodedWrite] = []
        var sizeBytes = 0
        for (index, request) in requests.enumerated() {
            let table = try catalog.table(request.tableName)
            let version = try table.enter()
            parts.append((table, version, Tally()))
            for each in request.writes {
                guard var write = try EncodedWrite(each, version) else { return .unusual }
                write.part = index
                table.note(write.key)
                sizeBytes += write.bytes?.count ?? 0
                writes.append(write)
            }
        }
        // A key twice is refused; what is large goes into records of its own.
        guard sizeBytes <= Self.encodedBatchBytes, EncodedWrite.areOfDifferentItems(writes)
        else { return .unusual }
        let all = writes
        let outcome: Result<[Tally], ItemError>
        do throws(EngineError) {
            outcome = try await engine.update(
                owning: all.map(\.owned),
                options.durability,
                waitingAtMost: options.longestWriteWait
            ) { view throws(EngineError) in
                var batch = WriteBatch()
                let changes = try EncodedWrite.decide(all, view, &batch)
                if case .failure = changes { batch = WriteBatch() }
                return (batch, changes)
            }
        } catch {
            throw DatabaseError(error)
        }
        let changes: [Tally]
        switch outcome {
        case .success(let all): changes = all
        case .failure(let error): throw DatabaseError(damagedItem: error)
        }
        for (write, change) in zip(writes, changes) {
            parts[write.part].change.combine(with: change)
            parts[write.part].version.usage?.add(.write, write.units(change))
        }
        return .done(())
    }

    /// As much as is written together: well below what a log record holds.
    private static let encodedBatchBytes = 1 << 20
}

/// The key attributes of a request, as `ItemFormat` draws them.
package struct PlainKey: Sendable {
    package var bytes: [UInt8]
    /// How many attributes there are.
    package var count: Int

    package init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }
}

/// One write of a batch, as bytes.
package enum EncodedRequest: Sendable {
    case put([UInt8], sizeBytes: Int)
    case delete(PlainKey)
}

/// One put that has entered its table, until it leaves.
///
/// An object, so that little lies in the frame of who waits for the log: with many connections what lies there is
/// more than the processor's caches hold.
private final class EncodedPut: Sendable {
    let write: EncodedWrite
    private let table: LiveTable
    private let version: TableVersion

    /// Enters the table; nil where the put is unusual.
    init?(_ table: LiveTable, _ item: [UInt8], _ sizeBytes: Int) throws(DatabaseError) {
        let version = try table.enter()
        self.table = table
        self.version = version
        do throws(DatabaseError) {
            guard let write = try EncodedWrite(.put(item, sizeBytes: sizeBytes), version) else {
                table.leave(version, Tally())
                return nil
            }
            self.write = write
        } catch {
            table.leave(version, Tally())
            throw error
        }
        table.note(write.key)
    }

    func decide(
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Result<Tally, ItemError>) {
        var batch = WriteBatch()
        let outcome = try write.decide(view, &batch)
        return (batch, outcome)
    }

    /// Leaves the table when the put is durable, or was not done because what is stored is damaged.
    func leave(_ outcome: Result<Tally, ItemError>) throws(DatabaseError) {
        switch outcome {
        case .success(let change):
            table.leave(version, change)
            version.usage?.add(.write, write.units(change))
        case .failure(let error):
            table.leave(version, Tally())
            throw DatabaseError(damagedItem: error)
        }
    }

    /// Leaves the table when the engine could not write.
    func leave(_ error: EngineError) -> DatabaseError {
        table.leave(version, Tally())
        return DatabaseError(error)
    }
}

extension DatabaseError {
    init(damagedItem error: ItemError) { self = .damaged("item", error.description) }
}

extension TableVersion {
    /// Where the item with this key is; nil where it is no key of the table.
    func entryKey(of key: PlainKey) throws(DatabaseError) -> EntryKey? {
        guard key.count == (schema.sort == nil ? 1 : 2) else { return nil }
        return try entryKey(ofItem: key.bytes)
    }

    /// Where an item is; nil where its key attributes are none.
    func entryKey(ofItem item: [UInt8]) throws(DatabaseError) -> EntryKey? {
        do throws(ItemError) {
            var partition: [UInt8] = []
            guard
                try KeyCoding.append(
                    schema.partition,
                    limit: ItemLimits.partitionKeySizeBytes,
                    of: item.span,
                    to: &partition
                )
            else { return nil }
            guard let attribute = schema.sort else { return engineTable.key(partition: partition) }
            var sort: [UInt8] = []
            guard
                try KeyCoding.append(
                    attribute,
                    limit: ItemLimits.sortKeySizeBytes,
                    of: item.span,
                    to: &sort
                )
            else { return nil }
            return engineTable.key(partition: partition, sort: sort)
        } catch {
            throw DatabaseError(error)
        }
    }
}
