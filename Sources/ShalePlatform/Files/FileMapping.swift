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
    private let end: @Sendable () -> Void

    /// `end` undoes the mapping, once.
    package init(_ bytes: WritableBytes, end: @escaping @Sendable () -> Void) {
        self.bytes = bytes
        self.end = end
    }

    deinit { end() }
}
