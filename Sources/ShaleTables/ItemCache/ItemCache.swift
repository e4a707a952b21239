internal import ShaleBytes
internal import ShaleCache
internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

/// The items of a database that are asked for most, by key: coherent, so that reads of both kinds use it.
///
/// After a write is acknowledged, and after any reader has seen it, nobody finds an older item here, nor the
/// knowledge that there is none. Two things make it so:
///
/// - **No write is missed.** The engine tells of every write of a table that is read here, whatever verb it comes from,
///   before any reader can see it (`WriteWatch`); the entry goes then.
/// - **Nothing old comes in.** An entry carries the position of the view that it was read in. A write raises the position of its
///   key's stripe; an entry from below it stays out (`CacheShard`).
///
/// There is nothing to take back, so neither an error nor a cancelled task can leave the cache in between.
///
/// Tables are told apart by the engine's numbers, which are never used again: what is left of a deleted table is
/// found by nobody.
final class ItemCache: Sendable {
    /// An item's place: for the reads of one item that are under way.
    struct Name: Hashable, Sendable {
        var table: TableID
        var key: EntryKey
    }

    let cache: CoherentCache
    let watch: WriteWatch
    let flights = SingleFlight<Name>()
    private let time: any TimeSource
    private let hitTimes = SampledTimes()
    private let missTimes = SampledTimes()
    private let lifetimeNanoseconds: UInt64
    private let loan: CacheLoan

    /// An empty cache of so many bytes.
    init(capacityBytes: Int, lifetime: Duration, _ world: World) {
        let cache = CoherentCache(capacityBytes: capacityBytes)
        self.cache = cache
        watch = WriteWatch { table, key, end in
            cache.invalidate(table.rawValue, key, from: end.rawValue)
        }
        time = world.time
        lifetimeNanoseconds = lifetime.wholeNanoseconds
        loan = CacheLoan(.items, capacityBytes: capacityBytes)
    }

    /// The cache that the options ask for; nil for none.
    convenience init?(_ options: DatabaseOptions, _ world: World) {
        let bytes = options.cache.itemBytes ?? options.engine.memoryBudgetBytes / 8
        guard bytes > 0 else { return nil }
        self.init(capacityBytes: bytes, lifetime: options.cache.itemLifetime, world)
    }

    /// Uses the entry of a key, if there is one in a form that `body` can use.
    ///
    /// To an entry in another form `body` answers nil; that is a miss.
    @inline(__always)
    func find<Answer>(_ name: Name, _ body: (ItemEntry.Value) -> Answer?) -> Answer? {
        name.key.bytes.withLentBytes { find(name.table.rawValue, $0, body) }
    }

    @inline(__always)
    private func find<Answer>(
        _ table: UInt64,
        _ key: LentBytes,
        _ body: (ItemEntry.Value) -> Answer?
    ) -> Answer? {
        let hash = CoherentCache.hash(table, key)
        let slot = cache.slots.enter()
        defer { cache.slots.leave(slot) }
        let now = time.monotonicNanoseconds
        guard let found = cache.find(table, key, hash: hash, at: now) else {
            cache.count(.miss)
            return nil
        }
        return found.with { object in
            // Safety: only `insert` puts entries in, and those are of this type.
            let entry = unsafe unsafeDowncast(object, to: ItemEntry.self)
            let answer = body(entry.value)
            if case .absent = entry.value {
                cache.count(.nothing)
            } else {
                cache.count(answer == nil ? .miss : .value)
            }
            if answer != nil { hitTimes.note(from: now, time) }
            return answer
        }
    }

    /// Takes in what was read at `position`.
    ///
    /// `storedBytes` is how large it is in the engine; `floor` is what `WriteWatch.start` has answered before the view
    /// was taken, and below it nothing is kept.
    func insert(
        _ value: ItemEntry.Value,
        of name: Name,
        storedBytes: Int,
        readAt position: LogPosition,
        floor: LogPosition?,
        _ engine: Engine
    ) {
        guard let floor, position >= floor else { return }
        let end = time.monotonicNanoseconds &+ lifetimeNanoseconds
        cache.insert(
            ItemEntry(name.table, name.key, value, storedBytes: storedBytes, endTick: end),
            readAt: position.rawValue
        )
        loan.balance(cache.bytes, engine)
    }

    /// Forgets a table that was deleted.
    func removeAll(of table: TableID) { cache.removeAll(of: table.rawValue) }

    var statistics: CacheStatistics {
        var all = CacheStatistics(cache.statistics)
        all.joined = flights.joined
        (all.timedHits, all.timedHitNanoseconds) = hitTimes.counted
        (all.timedMisses, all.timedMissNanoseconds) = missTimes.counted
        return all
    }

    /// The time, for a read that goes to the engine.
    var now: UInt64 { time.monotonicNanoseconds }

    /// A read that went to the engine has ended.
    func noteMiss(from start: UInt64) { missTimes.note(from: start, time) }
}

/// How long something takes, from one in 64 times.
private struct SampledTimes: Sendable {
    private let times = ShardedCount()
    private let nanoseconds = ShardedCount()

    /// Something that began at `start` has ended.
    @inline(__always)
    func note(from start: UInt64, _ time: any TimeSource) {
        // The last bits of the clock are as good as random.
        guard start & 63 == 0 else { return }
        times.add(1)
        nanoseconds.add(Int(clamping: time.monotonicNanoseconds &- start))
    }

    var counted: (times: Int, nanoseconds: Int) { (times.load(), nanoseconds.load()) }
}

extension CacheStatistics {
    init(_ counted: CoherentCache.Statistics) {
        hits = counted.hits
        negativeHits = counted.negativeHits
        misses = counted.misses
        fills = counted.fills
        evictions = counted.evictions
        refusedRare = counted.refusedRare
        refusedStale = counted.refusedStale
        invalidations = counted.invalidations
        entryCount = counted.entryCount
        bytes = counted.bytes
        capacityBytes = counted.capacityBytes
    }
}
