/// The one account of the memory that a database takes on purpose.
///
/// Memtables, block cache, item cache and the rest draw on the same total, so that what one does not
/// need another can use. The budget counts and advises, and does not refuse: a memtable must be able
/// to take the write that the log already holds. Who draws looks at `available` first, and gives back,
/// evicts or slows writers down when it is negative.
///
/// The documented limit: resident memory stays within 1.15 times the total plus 48 MiB. What is not
/// counted here (stacks, code, the allocator's slack, a request's own bytes) is what the rest covers.

internal import Synchronization

/// A number of bytes that named accounts share.
///
/// All calls are lock-free and may come from any thread.
public final class MemoryBudget: Sendable {
    /// Who takes memory.
    public enum Account: Int, Sendable, CaseIterable {
        /// Writes that are not in a run yet.
        case memtables
        /// Blocks, indexes and filters of runs.
        case blockCache
        /// Decoded items.
        case items
        /// Everything else that is worth counting.
        case other
    }

    /// What all accounts together should stay within.
    public let totalBytes: Int

    private let memtables = Atomic<Int>(0)
    private let blockCache = Atomic<Int>(0)
    private let items = Atomic<Int>(0)
    private let other = Atomic<Int>(0)

    /// A budget of which nothing is used.
    public init(totalBytes: Int) {
        precondition(totalBytes >= 0, "a budget is not negative")
        self.totalBytes = totalBytes
    }

    /// Counts memory that an account took.
    public func add(_ bytes: Int, to account: Account) {
        precondition(bytes >= 0, "what is taken is not negative")
        change(account, by: bytes)
    }

    /// Counts memory that an account gave back: at most what it took.
    public func subtract(_ bytes: Int, from account: Account) {
        precondition(bytes >= 0, "what is given back is not negative")
        let left = change(account, by: -bytes)
        precondition(left >= 0, "an account gives back only what it took")
    }

    /// What one account holds.
    public func used(by account: Account) -> Int {
        switch account {
        case .memtables: memtables.load(ordering: .relaxed)
        case .blockCache: blockCache.load(ordering: .relaxed)
        case .items: items.load(ordering: .relaxed)
        case .other: other.load(ordering: .relaxed)
        }
    }

    /// What all accounts hold.
    public var used: Int {
        Account.allCases.reduce(0) { $0 + used(by: $1) }
    }

    /// What is left; negative when more is used than the total.
    public var available: Int { totalBytes - used }

    @discardableResult
    private func change(_ account: Account, by bytes: Int) -> Int {
        switch account {
        case .memtables: memtables.add(bytes, ordering: .relaxed).newValue
        case .blockCache: blockCache.add(bytes, ordering: .relaxed).newValue
        case .items: items.add(bytes, ordering: .relaxed).newValue
        case .other: other.add(bytes, ordering: .relaxed).newValue
        }
    }
}
