internal import Synchronization

/// The writes of one partition that are not in its runs yet, in memory.
///
/// Stripes divide the partition's range of hashes, so that writers of different keys do not wait for
/// each other; the stripes in order are the entries in order. A write may arrive later than one with a
/// later position: versions find their place by position.
///
/// A sealed memtable is one that no newer write goes to; its object does not change.
final class Memtable: Sendable {
    private final class Stripe: Sendable {
        let tree = Mutex(MemtableTree())
    }

    static let stripeCount = 8
    private let stripes: [Stripe]
    private let firstHash: UInt64
    /// Hashes per stripe.
    private let stride: UInt64
    private let bytes = Atomic<Int>(0)
    private let oldest = Atomic<UInt64>(Memtable.nothing)
    /// No position is as large. (`Atomic.min` compares with the sign in 6.3.1, so `.max` would not do.)
    private static let nothing = UInt64(Int64.max)
    private let account: MemtableAccount

    /// An empty memtable for keys from `lower` on, below `upper`.
    init(lower: [UInt8], upper: [UInt8]?, account: MemtableAccount) {
        self.account = account
        stripes = (0..<Self.stripeCount).map { _ in Stripe() }
        firstHash = EntryKey.hash(of: lower)
        let last = upper.map { EntryKey.hash(of: $0) } ?? .max
        stride = max(1, (last - firstHash) / UInt64(Self.stripeCount) + 1)
    }

    deinit { account.add(-sizeBytes) }

    /// Memory that the entries take, dead versions included.
    var sizeBytes: Int { bytes.load(ordering: .relaxed) }

    /// The position of the oldest write in it; nil if it is empty.
    var oldestPosition: LogPosition? {
        let position = oldest.load(ordering: .acquiring)
        return position == Self.nothing ? nil : LogPosition(position)
    }

    var isEmpty: Bool { oldestPosition == nil }

    /// Adds a write.
    ///
    /// Versions that no view can see any more, judged by `horizon`, are dropped.
    func add(
        _ key: EntryKey,
        _ value: [UInt8]?,
        at position: LogPosition,
        horizon: () -> LogPosition
    ) {
        // Both numbers are below the sign bit: see `nothing`.
        _ = oldest.min(position.rawValue, ordering: .acquiringAndReleasing)
        let version = MemtableVersion(position: position, value: value)
        let growth = stripes[stripe(of: EntryKey.hash(of: key.bytes))].tree.withLock { tree in
            tree.add(key.bytes, version, horizon: horizon)
        }
        bytes.add(growth, ordering: .relaxed)
        account.add(growth)
    }

    /// The newest version of a key before `position`.
    func version(of key: EntryKey, before position: LogPosition) -> MemtableVersion? {
        stripes[stripe(of: EntryKey.hash(of: key.bytes))].tree.withLock { tree in
            tree.entry(key.bytes)?.version(before: position)
        }
    }

    /// A key and its newest version.
    struct Visible: Sendable {
        var key: [UInt8]
        var position: LogPosition
        var value: [UInt8]?
    }

    /// The next entries of a range in order, at most `limit`, as seen at `position`.
    func page(
        _ range: EntryRange,
        _ direction: ScanDirection,
        before position: LogPosition,
        limit: Int
    ) -> [Visible] {
        var page: [Visible] = []
        let first = stripe(of: EntryKey.hash(of: range.lower))
        let last = range.upper.map { stripe(of: EntryKey.hash(of: $0)) } ?? stripes.count - 1
        guard first <= last else { return [] }
        let order = direction == .ascending ? Array(first...last) : Array((first...last).reversed())
        for index in order where page.count < limit {
            stripes[index].tree.withLock { tree in
                let visit: (MemtableEntry) -> Bool = { entry in
                    guard range.contains(entry.key) else { return false }
                    if let version = entry.version(before: position) {
                        page.append(
                            Visible(
                                key: entry.key,
                                position: version.position,
                                value: version.value
                            )
                        )
                    }
                    return page.count < limit
                }
                switch direction {
                case .ascending: tree.ascend(from: range.lower, visit)
                case .descending: tree.descend(below: range.upper, visit)
                }
            }
        }
        return page
    }

    private func stripe(of hash: UInt64) -> Int {
        guard hash > firstHash else { return 0 }
        return Int(min((hash - firstHash) / stride, UInt64(stripes.count - 1)))
    }
}

/// Memory of all memtables of a database that still live, sealed ones included.
final class MemtableAccount: Sendable {
    private let total = Atomic<Int>(0)

    var sizeBytes: Int { total.load(ordering: .relaxed) }

    func add(_ bytes: Int) { total.add(bytes, ordering: .relaxed) }
}
