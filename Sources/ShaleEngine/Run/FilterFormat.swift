/// A piece of a section's filter: a blocked Bloom filter over the keys that one leaf of the block
/// index covers.
///
///     offset  size  field
///          0  64*B  B lines of 512 bits, at least 1; bit b of a line is bit b % 8 of its byte b / 8
///       64*B     1  K, how many bits are set for a hash, from 1 to 16
///
/// A hash h goes to line `((m >> 32) * B) >> 32`, where m is `mix(h)`; its i-th bit there is the upper 9
/// bits of `(m & 0xFFFFFFFF) * 0x9E3779B9^i` modulo 2^32.
///
/// In the filter are, for every entry, the hash of the partition key (the first eight bytes of the key,
/// big-endian) and, unless the sort key is empty, `RunFormat.keyHash` of the whole key. So a table
/// without sort keys pays for one hash an entry: its point reads ask for the partition key.
enum FilterFormat {
    static let lineSize = 64
    static let lineBits = 8 * lineSize
    static let probesSize = MemoryLayout<UInt8>.size
    static let largestProbes = 16
    /// A piece is at most 64 KiB, trailer included.
    static let largestLineCount =
        (RunFormat.pieceSizeBytes - PieceFormat.trailerSize - probesSize) / lineSize
    static let largestBitsPerKey = 64

    /// Bits set for a hash: ln 2 times the bits that there are, rounded down, since lines fill unevenly.
    static func probes(bitsPerKey: Int) -> Int { min(max(1, bitsPerKey * 69 / 100), largestProbes) }

    /// How many hashes a piece can take.
    static func capacity(bitsPerKey: Int) -> Int { largestLineCount * lineBits / bitsPerKey }

    /// Spreads a hash over all bits, so that neighbours in hash order do not share a line
    /// (the finalizer of SplitMix64).
    @inline(__always)
    static func mix(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// The line of a mixed hash among `lineCount`.
    @inline(__always)
    static func line(of mixed: UInt64, lineCount: Int) -> Int {
        Int(((mixed >> 32) &* UInt64(lineCount)) >> 32)
    }

    static func firstProbe(of mixed: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: mixed) }

    @inline(__always)
    static func bit(of probe: UInt32) -> Int { Int(probe >> 23) }

    @inline(__always)
    static func nextProbe(after probe: UInt32) -> UInt32 { probe &* 0x9E37_79B9 }
}

/// Reads a piece of a filter.
struct FilterPiece: Sendable {
    private let lineCount: Int
    private let probes: Int

    /// The layout of `body`, or the reason why it is not a piece of a filter.
    init(checking body: RawSpan) throws(MalformedPiece) {
        let lines = body.byteCount - FilterFormat.probesSize
        guard lines >= FilterFormat.lineSize, lines.isMultiple(of: FilterFormat.lineSize) else {
            throw MalformedPiece("a filter of \(body.byteCount) bytes")
        }
        lineCount = lines / FilterFormat.lineSize
        probes = Int(body.byte(at: lines))
        guard (1...FilterFormat.largestProbes).contains(probes) else {
            throw MalformedPiece("a filter that sets \(probes) bits for a hash")
        }
    }

    /// The layout as two words of a frame.
    var words: (UInt64, UInt64) { (UInt64(lineCount), UInt64(probes)) }

    /// The layout that `words` gave.
    @inline(__always)
    init(words: (UInt64, UInt64)) {
        lineCount = Int(words.0)
        probes = Int(words.1)
    }

    /// Whether `hash` may be in the filter; false is certain.
    func mayContain(_ hash: UInt64, in body: RawSpan) -> Bool {
        let mixed = FilterFormat.mix(hash)
        let line = FilterFormat.line(of: mixed, lineCount: lineCount) * FilterFormat.lineSize
        var probe = FilterFormat.firstProbe(of: mixed)
        for _ in 0..<probes {
            let bit = FilterFormat.bit(of: probe)
            guard body.byte(at: line + bit / 8) & 1 << (bit % 8) != 0 else { return false }
            probe = FilterFormat.nextProbe(after: probe)
        }
        return true
    }
}
