/// One record in the log: a header, a payload, and zeros up to the next multiple of 8.
///
/// Little-endian. Never renumber a kind or a flag: they are on disk.
///
///     offset  size  field
///          0     4  CRC-32C of the header from `payloadChecksum` on, seeded with the segment's identity
///          4     4  CRC-32C of the payload
///          8     4  the checksum at offset 0 of the record before this one (the chain)
///         12     4  P, length of the payload
///         16     1  kind: 1 batch, 2 sync mark, 3 seal
///         17     1  flags: bit 0, the next record begins at the next page of 4 KiB; bit 1, this is the
///                   first record that a segment took over from one that failed
///         18     1  codec of the payload: 0 plain
///         19     1  key id of the payload's encryption: 0 none
///         20     4  number of the segment
///         24     8  log position of this header
///         32     8  position through which the log was known to be synced when this was written
///         40     8  wall clock, milliseconds since 1970, never less than in an earlier record
///         48     P  payload
///
/// The payload of a sync mark and of a seal (16 bytes) says how far the manifest was synced:
///
///     offset  size  field
///          0     8  generation of the manifest
///          8     8  its length in bytes
///
/// In the log of a checkpoint a mark of zeros, as long as need be, comes before the first record (`LogCopy`).
///
/// A header can be checked alone: its checksum covers segment and position, so bytes of an earlier
/// life of a reused segment, or of another place, fail. The chain shows that nothing between two
/// records is missing. In the first record of a segment the chain holds the checksum of that
/// segment's header page.
enum LogRecordFormat {
    static let headerChecksumOffset = 0
    static let payloadChecksumOffset = headerChecksumOffset + MemoryLayout<UInt32>.size
    static let previousChecksumOffset = payloadChecksumOffset + MemoryLayout<UInt32>.size
    static let payloadLengthOffset = previousChecksumOffset + MemoryLayout<UInt32>.size
    static let kindOffset = payloadLengthOffset + MemoryLayout<UInt32>.size
    static let flagsOffset = kindOffset + MemoryLayout<UInt8>.size
    static let codecOffset = flagsOffset + MemoryLayout<UInt8>.size
    static let keyIDOffset = codecOffset + MemoryLayout<UInt8>.size
    static let segmentOffset = keyIDOffset + MemoryLayout<UInt8>.size
    static let positionOffset = segmentOffset + MemoryLayout<UInt32>.size
    static let syncedThroughOffset = positionOffset + MemoryLayout<UInt64>.size
    static let wallMillisecondsOffset = syncedThroughOffset + MemoryLayout<UInt64>.size
    static let headerSize = wallMillisecondsOffset + MemoryLayout<UInt64>.size

    static let alignment = 8
    static let pageSize = 4096
    static let manifestWitnessSize = 2 * MemoryLayout<UInt64>.size

    /// Where the record behind one that ends at `end` begins.
    ///
    /// Offsets and positions of a segment's body agree modulo a page, because bodies begin and end
    /// on page boundaries.
    static func nextOffset(after end: Int, endsPage: Bool) -> Int {
        let unit = endsPage ? pageSize : alignment
        return (end + unit - 1) / unit * unit
    }
}

/// What a log record holds.
enum LogRecordKind: UInt8, Sendable {
    /// A write batch (`BatchFormat`).
    case batch = 1
    /// Nothing; written so that later damage below it is recognised.
    case syncMark = 2
    /// Nothing; the last record before a clean close.
    case seal = 3
}

/// Flags of a log record.
struct LogRecordFlags: OptionSet, Sendable {
    var rawValue: UInt8
    /// The next record begins at the next page.
    static let endsPage = LogRecordFlags(rawValue: 1)
    /// The segment before this one failed, and this record, the first, was carried over from there: it was
    /// written before the segment's header page, so without that page it is no damage.
    static let carried = LogRecordFlags(rawValue: 2)
}
