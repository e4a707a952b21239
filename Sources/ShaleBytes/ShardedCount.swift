internal import CShaleShims
package import Synchronization

/// A number that many threads add to, each at a place of its own.
@safe
// Sendable: the words are atomics, and their place does not change.
package final class ShardedCount: @unchecked Sendable {
    private static let shards = 16
    /// Words between two shards: two cache lines, since processors fetch them in pairs.
    private static let stride = 16
    private let words: UnsafeMutablePointer<Atomic<Int>>

    /// Zero.
    package init() {
        let count = Self.shards * Self.stride
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Atomic<Int>>.stride,
            alignment: 128
        )
        // Safety: the memory was allocated for `count` words and lives as long as this object.
        unsafe words = bytes.bindMemory(to: Atomic<Int>.self, capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe UnsafeMutableRawPointer(words).deallocate() }

    /// Adds to the calling thread's share.
    package func add(_ number: Int) {
        let shard = Int(shale_thread_number()) & (Self.shards - 1)
        // Safety: the shard is one of ours.
        unsafe words[shard * Self.stride].add(number, ordering: .relaxed)
    }

    /// The sum as of about now.
    package func load(ordering _: AtomicLoadOrdering = .relaxed) -> Int {
        var sum = 0
        for shard in 0..<Self.shards {
            // Safety: as above.
            sum &+= unsafe words[shard * Self.stride].load(ordering: .relaxed)
        }
        return sum
    }
}
