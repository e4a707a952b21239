package import ShaleBytes

/// A file that can be written through memory: what is stored there belongs to the kernel at once, as after
/// a write, and `sync` makes it durable.
///
/// Optional: where a file is none, or `map` gives nothing, `write` does the same more slowly.
package protocol MappableFile: File {
    /// Maps the first `count` bytes, which must be allocated; nil where that cannot be done.
    func map(_ count: Int) -> FileMapping?
}

/// The bytes of a file in memory, for as long as this lives, even when the file is closed before.
package final class FileMapping: Sendable {
    /// Valid as long as the mapping is kept.
    package let bytes: WritableBytes
    private let drop: @Sendable (Range<Int>) -> Void
    private let end: @Sendable () -> Void

    /// `drop` takes pages out of the mapping until they are touched again; `end` undoes the mapping, once.
    package init(
        _ bytes: WritableBytes,
        drop: @escaping @Sendable (Range<Int>) -> Void,
        end: @escaping @Sendable () -> Void
    ) {
        self.bytes = bytes
        self.drop = drop
        self.end = end
    }

    /// Says that a range of whole pages will hardly be touched again; its bytes are the kernel's, and stay.
    ///
    /// A sync of pages that are in a mapping takes each out of it on its own, and interrupts the other
    /// processors for each; this does it once for all.
    package func letGo(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range inside")
        drop(range)
    }

    deinit { end() }
}
