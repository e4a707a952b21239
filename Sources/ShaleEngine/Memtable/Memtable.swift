internal import ShaleBytes
internal import Synchronization

/// The writes of one partition that are not in its runs yet, in memory.
///
/// An `EntryTable` in the engine's own terms: point reads take no lock, writers of different
/// stripes do not wait for each other, and nothing is put into order before somebody asks for it. A
/// write may arrive later than one with a later position: versions find their place by position.
///
/// A sealed memtable is one that no newer write goes to; its object does not change.
final class Memtable: Sendable {
    let table: EntryTable
    private let oldest = Atomic<UInt64>(Memtable.nothing)
    /// No position is as large. (`Atomic.min` compares with the sign in 6.3.1, so `.max` would not do.)
    private static let nothing = UInt64(Int64.max)
    private let account: MemtableAccount
    /// What is counted as leaving memory.
    private let leavingBytes = Atomic<Int>(0)

    /// An empty memtable for keys from `lower` on, below `upper`.
    init(lower: [UInt8], upper: [UInt8]?, account: MemtableAccount) {
        let first = EntryKey.hash(of: lower)
        let last = upper.map { EntryKey.hash(of: $0) } ?? .max
        table = EntryTable(firstHash: first, lastHash: max(first, last), pool: account.pool)
        self.account = account
    }

    deinit { account.left(leavingBytes.load(ordering: .relaxed)) }

    /// Its entries are in a run, and its memory goes as soon as no view holds it.
    func leave() {
        let bytes = sizeBytes
        // Two partitions share one after a split.
        let before = leavingBytes.exchange(bytes, ordering: .relaxed)
        account.leaves(bytes - before)
    }

    /// Memory that it takes: entries, dead versions, indexes, and what waits to be filled.
    var sizeBytes: Int { table.allocatedBytes }

    /// The position of the oldest write in it; nil if it is empty.
    var oldestPosition: LogPosition? {
        let position = oldest.load(ordering: .acquiring)
        return position == Self.nothing ? nil : LogPosition(position)
    }

    var isEmpty: Bool { oldestPosition == nil }

    /// Adds a write; nil deletes.
    ///
    /// `keyHash` is `RunFormat.keyHash(key)`.
    /// Memory of versions that no view can see any more, judged by `horizon`, is used again.
    /// - Returns: whether the memtable has taken more memory.
    @discardableResult
    func add(
        _ key: LentBytes,
        keyHash: UInt64,
        _ value: LentBytes?,
        at position: LogPosition,
        horizon: () -> LogPosition
    ) -> Bool {
        if position.rawValue < oldest.load(ordering: .relaxed) {
            // Both numbers are below the sign bit: see `nothing`.
            _ = oldest.min(position.rawValue, ordering: .acquiringAndReleasing)
        }
        let growth = table.add(key, keyHash: keyHash, at: position.rawValue, value) {
            horizon().rawValue
        }
        return growth > 0
    }

    /// The newest version of a key before `position`; `keyHash` is `RunFormat.keyHash(key)`.
    ///
    /// Wait-free. What is found is valid as long as the memtable lives and the caller holds a view that
    /// is not newer than `position`.
    func find(
        _ key: LentBytes,
        keyHash: UInt64,
        before position: LogPosition
    ) -> MemtableHit? {
        table.find(key, keyHash: keyHash, before: position.rawValue).map { MemtableHit($0) }
    }

    /// Asks for the memory that a search for this key will need first.
    func prefetch(_ key: LentBytes, keyHash: UInt64) { table.prefetch(key, keyHash: keyHash) }
}

/// A version that was found in a memtable.
struct MemtableHit: Sendable {
    let position: LogPosition
    let isTombstone: Bool
    /// Of a tombstone no bytes.
    let value: LentBytes

    init(_ version: EntryVersion) {
        position = LogPosition(version.position)
        isTombstone = version.isTombstone
        value = version.value
    }
}

/// Memory of all memtables of a database that still live, sealed ones included, and the pool from
/// which they draw it.
final class MemtableAccount: Sendable {
    let pool: ChunkPool

    /// Keeps up to this much of the memory of dead memtables for the next ones.
    init(retainedBytes: Int = 0) { pool = ChunkPool(retainedBytes: retainedBytes) }

    var sizeBytes: Int { pool.usedBytes }

    private let leaving = Atomic<Int>(0)

    /// The same without what is in runs already and only waits for the last view that holds it.
    var unflushedBytes: Int { max(0, sizeBytes - leaving.load(ordering: .relaxed)) }

    fileprivate func leaves(_ bytes: Int) { leaving.add(bytes, ordering: .relaxed) }

    fileprivate func left(_ bytes: Int) { leaving.subtract(bytes, ordering: .relaxed) }
}
