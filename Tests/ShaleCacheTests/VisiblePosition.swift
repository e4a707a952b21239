import Synchronization

/// What is visible, for tests with threads.
final class VisiblePosition: Sendable {
    private let number = Atomic<UInt64>(0)
    private let readCount = Atomic<Int>(0)
    private let over = Atomic<Bool>(false)

    var value: UInt64 { number.load(ordering: .sequentiallyConsistent) }
    var isOver: Bool { over.load(ordering: .sequentiallyConsistent) }

    var reads: Int { readCount.load(ordering: .relaxed) }

    func noteRead() { readCount.add(1, ordering: .relaxed) }
    func raise(to value: UInt64) { number.store(value, ordering: .sequentiallyConsistent) }
    func end() { over.store(true, ordering: .sequentiallyConsistent) }
}
