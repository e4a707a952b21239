internal import ShaleBytes

/// How far a read may go for a block.
enum ReadMode: Hashable, Sendable {
    /// Blocks in memory only; throws `.wouldBlock` where that is not enough. Opening a file counts
    /// as needing the disk.
    case memoryOnly
    /// Reads what is not in memory, and keeps it there.
    case blocking
    /// Reads past the cache and keeps nothing: for salvaging.
    case sequential
}

extension EngineError {
    /// A read in memory needs the disk.
    static let needsDisk = EngineError(.wouldBlock, "the block is not in memory")
}

/// What a point read of one section found.
enum Lookup: Sendable {
    case value(EntryValue)
    case tombstone
    /// A reference to where the value is (`BlobReference`); `Run` follows it.
    case blob(EntryValue)
    case absent
}

/// A value inside a block, or a reference to one; lent like the block.
struct EntryValue: Sendable {
    let block: CachedBlock
    let range: Range<Int>

    /// The value's bytes.
    @inline(__always)
    var lent: LentBytes { block.bytes[range] }

    /// A copy.
    var bytes: [UInt8] { lent.copied() }
}
