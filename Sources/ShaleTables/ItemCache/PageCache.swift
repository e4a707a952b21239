internal import ShaleBytes
internal import ShaleCache
internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// Pages of queries and scans that are asked for again and again, of the tables that an option names.
///
/// A page may be older than writes that have ended, up to its table's time; whoever asks for consistency does not come
/// here. A page is found by the whole request and by the version of the table's definition, so that a page of an index
/// that was dropped is not found. Who asks while the same page is being read waits for it.
final class PageCache: Sendable {
    private let cache: CoherentCache
    private let flights = SingleFlight<[UInt8]>()
    private let loan: CacheLoan
    private let time: any TimeSource
    private let lifetimes: [String: UInt64]

    /// The cache that the options ask for; nil for none.
    init?(_ options: DatabaseOptions, _ world: World) {
        let bytes = options.cache.pageBytes ?? options.engine.memoryBudgetBytes / 16
        guard bytes > 0, !options.cache.pageLifetimes.isEmpty else { return nil }
        cache = CoherentCache(capacityBytes: bytes)
        loan = CacheLoan(.pages, capacityBytes: bytes)
        time = world.time
        lifetimes = options.cache.pageLifetimes.mapValues(\.wholeNanoseconds)
    }

    /// A page with its request.
    ///
    /// Unchecked because the class above it is, whose one variable is changed under a lock of its shard; the page never changes.
    private final class Entry: CacheEntry, @unchecked Sendable {
        let page: PageResponse

        init(_ key: [UInt8], _ table: TableID, _ page: PageResponse, endTick: UInt64) {
            self.page = page
            let bytes =
                page.items.reduce(page.encodedItems?.count ?? 0) {
                    $0 + 2 * $1.sizeBytes + 56 * $1.count
                }
            super.init(
                space: table.rawValue,
                key: key,
                hash: key.withLentBytes { CoherentCache.hash(table.rawValue, $0) },
                valueBytes: bytes + (page.lastEvaluatedKey?.sizeBytes ?? 0),
                endTick: endTick
            )
        }
    }

    /// Whether a request may be answered from here: its table is named, and it does not ask for consistency.
    func takes(_ tableName: String, _ options: PageOptions) -> Bool {
        !options.consistentRead && lifetimes[tableName] != nil && options.legacyFilter == nil
            && options.attributesToGet == nil
    }

    /// The page of a request: from memory, or as `read` answers.
    ///
    /// One from memory costs no capacity, and is counted as a hit of its table.
    func page(
        _ key: [UInt8],
        of tableName: String,
        _ version: TableVersion,
        _ engine: Engine,
        _ read: () async throws(DatabaseError) -> PageResponse
    ) async throws(DatabaseError) -> PageResponse {
        let table = version.engineTable.id
        func hit() -> PageResponse? {
            guard let page = find(key, table) else { return nil }
            version.usage?.addCacheHit()
            return page
        }
        if let page = hit() { return page }
        // Equal words on another table are another request.
        let flight = key + (0..<8).map { UInt8(truncatingIfNeeded: table.rawValue >> ($0 * 8)) }
        let isFirst = await flights.begin(flight)
        defer { if isFirst { flights.end(flight) } }
        if !isFirst, let page = hit() { return page }
        let page = try await read()
        let end = time.monotonicNanoseconds &+ (lifetimes[tableName] ?? 0)
        // No write is told of here: a page is as good at any position.
        cache.insert(Entry(key, table, page, endTick: end), readAt: 0)
        loan.balance(cache.bytes, engine)
        return page
    }

    private func find(_ key: [UInt8], _ table: TableID) -> PageResponse? {
        key.withLentBytes { lent in
            let slot = cache.slots.enter()
            defer { cache.slots.leave(slot) }
            let hash = CoherentCache.hash(table.rawValue, lent)
            let now = time.monotonicNanoseconds
            let found = cache.find(table.rawValue, lent, hash: hash, at: now)
            cache.count(found == nil ? .miss : .value)
            return found?.with { ($0 as? Entry)?.page }
        }
    }

    /// Forgets a table that was deleted.
    func removeAll(of table: TableID) { cache.removeAll(of: table.rawValue) }

    var statistics: CacheStatistics {
        var all = CacheStatistics(cache.statistics)
        all.joined = flights.joined
        return all
    }
}

extension Duration {
    /// Nanoseconds, from zero to what a word holds.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, isTooMuch) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return isTooMuch ? .max : product &+ UInt64(attoseconds / 1_000_000_000)
    }
}
