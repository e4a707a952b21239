/// The manifest: the one file that says which files, tables and partitions make up the database.
///
/// It is a header and a log of groups of edits. A group is atomic. At every opening, and when it has
/// grown, the whole state is written as one group into `MANIFEST.new`, synced, renamed to `MANIFEST`,
/// and the directory synced. So nothing is ever appended behind a torn group.
///
/// Little-endian. Never reuse a kind of edit.
///
///     header, 64 bytes
///     offset  size  field
///          0     8  magic "SHALEMAN"
///          8     4  format version of the database; a program refuses what is newer than itself
///         12     1  clock of the database: 0, the real one; 1, one that can be set forward
///         13     3  reserved, 0
///         16    16  identity of the database, drawn when it is created
///         32     8  generation: counts the manifests of this database
///         40    20  zeros
///         60     4  CRC-32C of the bytes before it
///
///     group
///     offset  size  field
///          0     4  CRC-32C of the bytes from offset 4 to the end of the group, seeded with `chain`
///          4     4  P, length of the edits
///          8     8  offset of this group in the file
///         16     P  edits
///
/// `chain` is the checksum of the group before it; for the first group that of the header.
///
///     edit
///     size     field
///     1        kind (`ManifestEdit`)
///     1        flags: bit 0, a program that does not know the kind may ignore the edit
///     varint   B, length of the body
///     B        body
enum ManifestFormat {
    static let magic: [UInt8] = Array("SHALEMAN".utf8)
    /// The newest format of a database that this program reads and writes.
    static let version: UInt32 = 1
    static let headerSize = 64
    static let clockOffset = 12
    static let headerChecksumOffset = headerSize - MemoryLayout<UInt32>.size
    static let groupHeaderSize = 16
    static let groupLengthOffset = MemoryLayout<UInt32>.size
    /// Far above what a database at its limits needs; a length beyond it is damage.
    static let groupSizeLimitBytes = 256 * 1024 * 1024
    static let fileName = "MANIFEST"
    static let newFileName = "MANIFEST.new"
    static let mayIgnore: UInt8 = 1
}
