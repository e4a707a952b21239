internal import Synchronization

/// Numbers of batches, each used once in all lives.
final class BatchNumbers: Sendable {
    private let last = Atomic<UInt64>(0)
    func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
    var count: UInt64 { last.load(ordering: .relaxed) }
}
