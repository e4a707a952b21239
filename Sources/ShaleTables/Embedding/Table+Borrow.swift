internal import ShaleCapacity
internal import ShaleEngine
public import ShaleItems

/// Reads that copy nothing: the bytes of an item are lent where they lie, in memory or in a block.
///
/// The bytes are as `ItemFormat` draws them; `EncodedAttributes.forEach` lends each attribute,
/// `ItemDecoder.attribute(named:in:)` picks one out of them. They must not leave the closure, and
/// cannot.
extension Table {
    /// Lends the bytes of an item to `body`; nil if there is no such item.
    ///
    ///     let plays = try await songs.withItem(key) { (bytes) throws(ItemError) in
    ///         try ItemDecoder.attribute(named: "Plays", in: bytes)
    ///     }
    ///
    /// - Parameters:
    ///   - key: The primary key, nothing else.
    ///   - body: May run twice, the second time on a thread that waits for the disk; so it changes
    ///     nothing outside.
    /// - Returns: What `body` answered; nil if there is no such item.
    /// - Throws: as `get(_:)`; what `body` throws, as `.internalFailure` or `.validation`.
    @inlinable
    public func withItem<Answer: Sendable>(
        _ key: Item,
        _ body: @escaping @Sendable (Span<UInt8>) throws(ItemError) -> Answer
    ) async throws(DatabaseError) -> Answer? {
        var result: Result<Answer, ItemError>?
        let isInMemory = try lendInMemory(key) { bytes in
            do throws(ItemError) {
                result = .success(try body(bytes))
            } catch {
                result = .failure(error)
            }
        }
        if isInMemory { return try Self.answer(result) }
        return try await withItemFromDisk(key, body)
    }

    /// Lends the item's bytes, if there is such an item, as far as memory goes; false if the disk is
    /// needed.
    @usableFromInline
    func lendInMemory(
        _ key: Item,
        _ body: (Span<UInt8>) -> Void
    ) throws(DatabaseError) -> Bool {
        let version = try database.catalog.table(name).version
        // The slow way asks for capacity, charges and counts.
        guard version.gate == nil, version.usage == nil else { return false }
        let engine = database.engine
        let table = version.engineTable.id
        var isInMemory = false
        do throws(EngineError) {
            let isKey = try version.withKey(of: key) { key throws(EngineError) in
                isInMemory = try engine.lendValueInMemory(table, key) { bytes in
                    body(Span<UInt8>(_bytes: bytes))
                }
            }
            // The slow way says what is wrong with it.
            return isKey && isInMemory
        } catch {
            throw DatabaseError(error)
        }
    }

    @usableFromInline
    func withItemFromDisk<Answer: Sendable>(
        _ key: Item,
        _ body: @escaping @Sendable (Span<UInt8>) throws(ItemError) -> Answer
    ) async throws(DatabaseError) -> Answer? {
        let (version, entryKey) = try admittedPlace(of: key)
        let table = version.engineTable.id
        let lent: Lent<Answer>?
        do throws(EngineError) {
            lent = try await database.engine.read { view throws(EngineError) in
                try view.withValue(table, entryKey) { bytes in Self.lend(bytes, body) }
            }
        } catch {
            throw DatabaseError(error)
        }
        Self.charge(version, entryKey, lent?.sizeBytes ?? 0)
        return try Self.answer(lent?.result)
    }

    /// Lends the bytes of an item to `body`, and blocks the calling thread where the disk is needed.
    ///
    /// For threads of the program's own; never from a task or an event loop.
    /// - Throws: as `withItem(_:_:)`.
    public func withItemBlocking<Answer>(
        _ key: Item,
        _ body: (Span<UInt8>) throws(ItemError) -> Answer
    ) throws(DatabaseError) -> Answer? {
        let (version, entryKey) = try admittedPlace(of: key)
        let table = version.engineTable.id
        let lent: Lent<Answer>?
        do throws(EngineError) {
            lent = try database.engine.readBlocking { view throws(EngineError) in
                try view.withValue(table, entryKey) { bytes in Self.lend(bytes, body) }
            }
        } catch {
            throw DatabaseError(error)
        }
        Self.charge(version, entryKey, lent?.sizeBytes ?? 0)
        return try Self.answer(lent?.result)
    }

    private static func charge(_ version: TableVersion, _ key: EntryKey, _ sizeBytes: Int) {
        version.gate?.charge(readOf: key, sizeBytes, .strong)
        version.usage?.add(.read, CapacityRules.read(itemBytes: sizeBytes, .strong))
    }

    /// Where an item is, to be read once: capacity for it was asked for.
    private func admittedPlace(of key: Item) throws(DatabaseError) -> (TableVersion, EntryKey) {
        let version = try database.catalog.table(name).version
        let entryKey: EntryKey
        if let known = version.entryKey(ofKey: key) {
            entryKey = known
        } else {
            let table = version.definition
            entryKey = table.entryKey(try table.checkedKey(key))
        }
        try version.gate?.admit(readOf: entryKey, .strong)
        return (version, entryKey)
    }

    /// What a closure answered, and what the item is charged by.
    fileprivate struct Lent<Answer> {
        var result: Result<Answer, ItemError>
        var sizeBytes: Int
    }

    private static func lend<Answer>(
        _ bytes: RawSpan,
        _ body: (Span<UInt8>) throws(ItemError) -> Answer
    ) -> Lent<Answer> {
        let span = Span<UInt8>(_bytes: bytes)
        do throws(ItemError) {
            let size = try EncodedAttributes.sizeBytes(span)
            return Lent(result: .success(try body(span)), sizeBytes: size)
        } catch {
            return Lent(result: .failure(error), sizeBytes: 0)
        }
    }

    @inlinable
    static func answer<Answer>(
        _ result: Result<Answer, ItemError>?
    ) throws(DatabaseError) -> Answer? {
        switch result {
        case nil: return nil
        case .success(let answer): return answer
        case .failure(let error): throw failure(error)
        }
    }

    /// What `body` threw, as the database's error.
    @usableFromInline
    static func failure(_ error: ItemError) -> DatabaseError { DatabaseError(error) }
}

extension Table.Lent: Sendable where Answer: Sendable {}
