/// What an entry of a data block is.
///
/// The raw values are on disk: `DataBlockFormat`.
enum EntryKind: Int, Sendable {
    /// The value stands in the block.
    case value = 0
    /// The key was deleted; there are no bytes.
    case tombstone = 1
    /// The value stands in a blob segment, and in the block is where (`BlobReference`).
    case blob = 2

    /// Whether an entry of this kind can have so many bytes in its block.
    @inline(__always)
    func allows(valueSize: Int) -> Bool {
        switch self {
        case .value: true
        case .tombstone: valueSize == 0
        case .blob: valueSize == BlobReference.sizeBytes
        }
    }
}
