internal import Synchronization

/// Words that threads load and store one by one.
@safe
// Sendable: the words are atomics, and their place does not change.
package struct AtomicColumn: ~Copyable, @unchecked Sendable {
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many there are.
    package let count: Int

    /// So many words, all zero.
    package init(count: Int) {
        precondition(count > 0, "a column has words")
        self.count = count
        unsafe words = .allocate(capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe words.deallocate() }

    /// The word at `index`, and what was stored before it.
    package func load(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "an index inside the column")
        // Safety: the index was just checked.
        return unsafe words[index].load(ordering: .sequentiallyConsistent)
    }

    /// Replaces the word at `index` if it is still `expected`.
    /// - Returns: whether it was.
    package func exchange(_ index: Int, from expected: UInt64, to word: UInt64) -> Bool {
        precondition(index >= 0 && index < count, "an index inside the column")
        // Safety: the index was just checked.
        return unsafe words[index].compareExchange(
            expected: expected,
            desired: word,
            ordering: .sequentiallyConsistent
        ).exchanged
    }
}
