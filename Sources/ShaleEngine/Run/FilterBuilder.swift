internal import ShaleBytes

/// Collects hashes and lays them out as a piece of a filter.
struct FilterBuilder: ~Copyable, Sendable {
    private static let wordBits = UInt64.bitWidth
    private static let wordsPerLine = FilterFormat.lineBits / wordBits

    private let bitsPerKey: Int
    private var hashes: [UInt64] = []
    private var words: [UInt64] = []
    private var laidOut = ByteBuffer()

    init(bitsPerKey: Int) { self.bitsPerKey = bitsPerKey }

    var isEmpty: Bool { hashes.isEmpty }

    /// Whether `more` hashes still fit into one piece.
    func hasRoom(for more: Int) -> Bool {
        bitsPerKey == 0
            || hashes.count + more <= FilterFormat.capacity(bitsPerKey: bitsPerKey)
    }

    mutating func append(_ more: [UInt64]) {
        if bitsPerKey > 0 { hashes.append(contentsOf: more) }
    }

    /// Lays out the body and empties the builder, which must have a hash.
    /// - Returns: the body, valid until the next call of anything.
    mutating func finish() -> LentBytes {
        precondition(!isEmpty, "a filter has a hash")
        let lines = (hashes.count * bitsPerKey + FilterFormat.lineBits - 1) / FilterFormat.lineBits
        let lineCount = min(max(1, lines), FilterFormat.largestLineCount)
        let probes = FilterFormat.probes(bitsPerKey: bitsPerKey)
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: repeatElement(0, count: lineCount * Self.wordsPerLine))
        for hash in hashes {
            let mixed = FilterFormat.mix(hash)
            let first = FilterFormat.line(of: mixed, lineCount: lineCount) * Self.wordsPerLine
            var probe = FilterFormat.firstProbe(of: mixed)
            for _ in 0..<probes {
                // Little-endian words have bit b of a line where the drawing has it.
                let bit = FilterFormat.bit(of: probe)
                words[first + bit / Self.wordBits] |= 1 << UInt64(bit % Self.wordBits)
                probe = FilterFormat.nextProbe(after: probe)
            }
        }
        laidOut.removeAll()
        laidOut.append(words: words)
        laidOut.append(UInt8(probes))
        hashes.removeAll(keepingCapacity: true)
        return laidOut.lent
    }
}
