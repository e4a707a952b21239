internal import Synchronization

/// Versions of keys in memory: found by hash without a lock, visited in order when somebody asks.
///
/// Keys order by their bytes, and the first eight are taken to be a hash: they divide the table into
/// stripes, each with a lock for its writers, so that the stripes in order are the entries in order. A
/// stripe is an arena that only grows, a hash index over it, and, from the first visit in order on, a tree.
/// Whatever was found stays where it is until the table is gone.
///
/// An empty table has no memory of its own.
// Sendable: the words of a stripe change under its lock, and those that are read without it are atomic.
package final class EntryTable: @unchecked Sendable {
    static let stripeCount = 8

    private let pool: ChunkPool
    private let firstHash: UInt64
    /// How many low bits of a hash, counted from the first, do not choose the stripe.
    private let shift: UInt64
    /// Address of the stripes' controls; 0 while nothing was added.
    private let stripes = Atomic<UInt>(0)
    private let making = Mutex(())

    /// An empty table for keys whose first eight bytes are between `firstHash` and `lastHash`.
    package init(firstHash: UInt64, lastHash: UInt64, pool: ChunkPool) {
        precondition(firstHash <= lastHash, "the first is not behind the last")
        self.pool = pool
        self.firstHash = firstHash
        let significant = UInt64.bitWidth - (lastHash - firstHash).leadingZeroBitCount
        let chosen = Self.stripeCount.trailingZeroBitCount
        shift = UInt64(max(0, significant - chosen))
    }

    deinit {
        guard let base else { return }
        for number in 0..<Self.stripeCount { stripe(number, base).deallocate() }
        base.deallocate()
        pool.count(-Self.stripeCount * StripeControl.sizeBytes)
    }

    /// Memory that the table has taken.
    package var allocatedBytes: Int {
        guard let base else { return 0 }
        return (0..<Self.stripeCount).reduce(Self.stripeCount * StripeControl.sizeBytes) {
            $0 + stripe($1, base).allocatedBytes
        }
    }

    /// The number of the stripe whose keys begin with this hash.
    @inline(__always)
    func stripeNumber(_ hash: UInt64) -> Int {
        guard hash > firstHash else { return 0 }
        return Int(min((hash - firstHash) >> shift, UInt64(Self.stripeCount - 1)))
    }

    @inline(__always)
    private var base: Place? {
        let address = stripes.load(ordering: .acquiring)
        return address == 0 ? nil : Place(address: address)
    }

    @inline(__always)
    private func stripe(_ number: Int, _ base: Place) -> TableStripe {
        TableStripe(control: base.advanced(number * StripeControl.sizeBytes), pool: pool)
    }

    /// A stripe; nil while the table is empty.
    func stripe(_ number: Int) -> TableStripe? { base.map { stripe(number, $0) } }

    /// The newest version of `key` before `position`.
    ///
    /// Wait-free; what was added before is found.
    package func find(
        _ key: LentBytes,
        keyHash: UInt64,
        before position: UInt64
    ) -> EntryVersion? {
        guard let base else { return nil }
        return stripe(stripeNumber(key.digest(from: 0)), base).find(key, keyHash, before: position)
    }

    /// Asks for the memory with which a search for this key will begin.
    package func prefetch(_ key: LentBytes, keyHash: UInt64) {
        guard let base else { return }
        stripe(stripeNumber(key.digest(from: 0)), base).prefetch(keyHash)
    }

    /// Adds a version of a key; nil is a tombstone.
    ///
    /// Versions may arrive in any order of their positions; of two with the same the last stays.
    /// Memory of a version that has a newer one before `horizon` may be used again: nobody may look for
    /// it, or look at it. The horizon is asked for only if there is such a version.
    ///
    /// - Returns: by how many bytes the table's memory has grown.
    package func add(
        _ key: LentBytes,
        keyHash: UInt64,
        at position: UInt64,
        _ value: LentBytes?,
        horizon: () -> UInt64
    ) -> Int {
        precondition(position < EntryLayout.tombstone, "a position has 63 bits")
        let (base, made) = self.base.map { ($0, 0) } ?? makeStripes()
        let stripe = stripe(stripeNumber(key.digest(from: 0)), base)
        stripe.lock()
        let before = stripe.allocatedBytes
        stripe.add(key, keyHash, position, value, horizon: horizon)
        let growth = stripe.allocatedBytes - before
        stripe.unlock()
        return growth + made
    }

    private func makeStripes() -> (Place, Int) {
        making.withLock { _ in
            if let base { return (base, 0) }
            let size = Self.stripeCount * StripeControl.sizeBytes
            let base = Place.allocate(size)
            pool.count(size)
            stripes.store(base.address, ordering: .releasing)
            return (base, size)
        }
    }
}
