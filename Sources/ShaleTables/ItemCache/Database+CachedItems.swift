internal import ShaleBytes
internal import ShaleEngine
internal import ShaleItems

// Reads of one item: from the cache, else from memory, else from the disk, where whoever wants the same item waits
// for whoever came first.

extension Database {
    /// The item under a key, decoded; nil if there is none.
    func readItem(_ table: TableID, _ key: EntryKey) async throws(DatabaseError) -> Item? {
        guard let items, engine.isOpen else {
            return try await readPast(table, key) { bytes throws(ItemError) in
                try ItemDecoder.decode(bytes)
            }
        }
        let name = ItemCache.Name(table: table, key: key)
        return try await read(name, items, { items.item(name) }) { bytes throws(ItemError) in
            let item = try ItemDecoder.decode(bytes)
            return (item, .item(item))
        }
    }

    /// What `body`, which may run twice, makes of the stored bytes of an item; nil if there is none.
    func readBytes<Answer: Sendable>(
        _ table: TableID,
        _ key: EntryKey,
        _ body: @escaping ItemReading<Answer>
    ) async throws(DatabaseError) -> Answer? {
        guard let items, engine.isOpen else { return try await readPast(table, key, body) }
        let name = ItemCache.Name(table: table, key: key)
        return try await read(name, items, { items.bytes(name, body) }) {
            bytes throws(ItemError) in
            (try body(bytes), .bytes(LentBytes.copy(of: bytes)))
        }
    }

    /// The same where nothing is kept.
    private func readPast<Answer: Sendable>(
        _ table: TableID,
        _ key: EntryKey,
        _ body: @escaping ItemReading<Answer>
    ) async throws(DatabaseError) -> Answer? {
        let found: Result<Answer, ItemError>?
        do throws(EngineError) {
            // Used where it lies: the bytes are not copied first.
            found = try await engine.read { view throws(EngineError) in
                try view.withValue(table, key) { bytes in
                    Result { () throws(ItemError) in try body(Span<UInt8>(_bytes: bytes)) }
                }
            }
        } catch {
            throw DatabaseError(error)
        }
        return try Self.answer(found)
    }

    /// What was read through a view, and where that was.
    private struct Reading<Answer: Sendable>: Sendable {
        var position: LogPosition
        var found: Result<(Answer, ItemEntry.Value), ItemError>?
        var storedBytes = 0
    }

    private func read<Answer: Sendable>(
        _ name: ItemCache.Name,
        _ items: ItemCache,
        _ cached: () -> CachedItem<Answer>,
        _ make: @escaping ItemReading<(Answer, ItemEntry.Value)>
    ) async throws(DatabaseError) -> Answer? {
        switch cached() {
        case .absent: return nil
        case .present(let answer): return try Self.answer(answer)
        case .unknown: break
        }
        let start = items.now
        let reading: Reading<Answer>?
        do throws(EngineError) {
            reading = try await fetch(name, items, make) {
                if case .unknown = cached() { false } else { true }
            }
        } catch {
            throw DatabaseError(error)
        }
        if let reading {
            items.noteMiss(from: start)
            return try Self.answer(reading.found.map { $0.map(\.0) })
        }
        return try await read(name, items, cached, make)
    }

    /// Reads past the cache, and keeps what it finds.
    ///
    /// - Returns: Nil where another has read meanwhile, and has put it into the cache.
    private func fetch<Answer: Sendable>(
        _ name: ItemCache.Name,
        _ items: ItemCache,
        _ make: @escaping ItemReading<(Answer, ItemEntry.Value)>,
        isThere: () -> Bool
    ) async throws(EngineError) -> Reading<Answer>? {
        // Before the view: whoever writes later tells.
        let floor = items.watch.start(of: name.table, in: engine)
        let body: @Sendable (ReadView) throws(EngineError) -> Reading<Answer> = {
            view throws(EngineError) in
            var reading = Reading<Answer>(position: view.position)
            reading.found = try view.withValue(name.table, name.key) { bytes in
                reading.storedBytes = bytes.byteCount
                return Result { () throws(ItemError) in try make(Span<UInt8>(_bytes: bytes)) }
            }
            return reading
        }
        if let reading = try inMemory(body) {
            keep(reading, name, floor, items)
            return reading
        }
        let isFirst = await items.flights.begin(name)
        defer { if isFirst { items.flights.end(name) } }
        if !isFirst, isThere() { return nil }
        let reading = try await engine.read(body)
        keep(reading, name, floor, items)
        return reading
    }

    private func inMemory<Answer: Sendable>(
        _ body: (ReadView) throws(EngineError) -> Reading<Answer>
    ) throws(EngineError) -> Reading<Answer>? {
        do throws(EngineError) {
            return try engine.readInMemory(body)
        } catch {
            guard error.code == .wouldBlock else { throw error }
            return nil
        }
    }

    private func keep<Answer>(
        _ reading: Reading<Answer>,
        _ name: ItemCache.Name,
        _ floor: LogPosition?,
        _ items: ItemCache
    ) {
        let value: ItemEntry.Value
        switch reading.found {
        case nil: value = .absent
        case .success(let made): value = made.1
        case .failure: return
        }
        items.insert(
            value,
            of: name,
            storedBytes: reading.storedBytes,
            readAt: reading.position,
            floor: floor,
            engine
        )
    }

    private static func answer<Answer>(
        _ found: Result<Answer, ItemError>?
    ) throws(DatabaseError) -> Answer? {
        switch found {
        case nil: return nil
        case .success(let answer): return answer
        case .failure(let error): throw .damaged("item", error.description)
        }
    }
}

/// What the cache knows of an item.
enum CachedItem<Answer> {
    /// Nothing.
    case unknown
    /// That there is none.
    case absent
    /// What it is.
    case present(Result<Answer, ItemError>)
}

extension ItemCache {
    /// The item of this name, decoded.
    func item(_ name: Name) -> CachedItem<Item> {
        find(name) { value in
            switch value {
            case .absent: .absent
            case .item(let item): .present(.success(item))
            case .bytes(let bytes):
                .present(Result { () throws(ItemError) in try ItemDecoder.decode(bytes.span) })
            }
        } ?? .unknown
    }

    /// What `body` makes of the stored bytes of the item of this name; unknown where only its decoded form is here.
    func bytes<Answer>(
        _ name: Name,
        _ body: ItemReading<Answer>
    ) -> CachedItem<Answer> {
        find(name) { value -> CachedItem<Answer>? in
            switch value {
            case .absent: .absent
            case .item: nil
            case .bytes(let bytes):
                .present(Result { () throws(ItemError) in try body(bytes.span) })
            }
        } ?? .unknown
    }
}
