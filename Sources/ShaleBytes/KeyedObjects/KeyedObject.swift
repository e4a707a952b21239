internal import Synchronization

/// An object that an `ObjectIndex` finds by its key: what is compared on the way, and how often it was used.
///
/// Immutable but for two words: its successor in a bucket, which the writers of the index change, and its
/// uses, which any reader may add to. A subclass adds what it is about.
@safe
// Sendable: all is constant but two atomics; a subclass answers for what it adds.
open class KeyedObject: @unchecked Sendable {
    /// Keys are of different spaces, as of different tables; the same key is in several.
    package let space: UInt64
    /// The key's bytes.
    package let key: [UInt8]
    /// Of space and key, well spread.
    package let hash: UInt64
    /// The bits of the reference behind this one in its bucket.
    let next = Atomic<UInt>(0)
    private let uses = Atomic<UInt8>(0)

    /// More uses than this are not told apart.
    package static let mostUses: UInt8 = 15

    /// An object under this key.
    package init(space: UInt64, key: [UInt8], hash: UInt64) {
        self.space = space
        self.key = key
        self.hash = hash
    }

    /// Counts a use.
    ///
    /// Two at once may count as one: no thread waits for another here, and what is used much is
    /// only read, so that its line stays with all processors.
    @inline(__always)
    package final func noteUse() {
        let count = uses.load(ordering: .relaxed)
        if count < Self.mostUses { uses.store(count + 1, ordering: .relaxed) }
    }

    /// The uses since this was last asked.
    package final func takeUses() -> Int { Int(uses.exchange(0, ordering: .relaxed)) }
}
