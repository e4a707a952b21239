internal import ShaleEngine
internal import Synchronization

/// What a cache above the engine holds in place of the block cache.
///
/// The block cache is told in steps, so that an entry more costs a comparison.
final class CacheLoan: Sendable {
    private let borrower: CacheBorrower
    private let step: Int
    /// What the block cache was last told to do without.
    private let lent = Atomic<Int>(0)

    /// For a cache of so many bytes.
    init(_ borrower: CacheBorrower, capacityBytes: Int) {
        self.borrower = borrower
        step = max(1, capacityBytes / 16)
    }

    /// Has the block cache do without what the cache holds now.
    func balance(_ held: Int, _ engine: Engine) {
        let lent = lent.load(ordering: .relaxed)
        guard abs(held - lent) >= step else { return }
        let isMine = self.lent.compareExchange(
            expected: lent,
            desired: held,
            ordering: .relaxed
        ).exchanged
        if isMine { engine.lendCacheBytes(held, to: borrower) }
    }
}
