/// A stretch of a run file and what it is: for `inspect`.
struct RunFilePart: Hashable, Sendable, CustomStringConvertible {
    /// What lies there.
    enum Content: Hashable, Sendable {
        /// A field of header or footer, with its value.
        case field(of: String, name: String, value: String)
        case dataBlock(Block)
        case index(section: Int, level: Int, children: Int)
        case filter(section: Int, lines: Int)
        case directory(sections: Int)
        /// A piece that is damaged: what should be there.
        case damaged(String)
        /// Bytes that nothing points to.
        case unexplained
    }

    /// What a data block holds.
    struct Block: Hashable, Sendable {
        var section: Int
        /// Its place among the blocks of its section, from 0.
        var ordinal: Int
        var entries: Int
        var tombstones: Int
        var bodyBytes: Int
        var isCompressed: Bool
        var firstKey: [UInt8]
        var lastKey: [UInt8]
    }

    var range: Range<Int>
    var content: Content

    /// Whether the bytes are what they should be.
    var isSound: Bool {
        switch content {
        case .damaged, .unexplained: false
        default: true
        }
    }

    /// One line without the offset.
    var description: String {
        switch content {
        case .field(let part, let name, let value): "\(part): \(name) \(value)"
        case .dataBlock(let block): Self.describe(block, storedBytes: range.count)
        case .index(let section, let level, let children):
            "section \(section): block index, "
                + (level == 0 ? "leaf" : "level \(level)")
                + ", \(children) children, checksum ok"
        case .filter(let section, let lines):
            "section \(section): filter of \(lines) lines of 64 bytes, checksum ok"
        case .directory(let sections): "section directory of \(sections) sections, checksum ok"
        case .damaged(let what): "damaged: \(what)"
        case .unexplained: "unexplained"
        }
    }

    private static func describe(_ block: Block, storedBytes: Int) -> String {
        let size =
            block.isCompressed
            ? "LZ4, \(storedBytes) of \(block.bodyBytes) bytes" : "\(storedBytes) bytes"
        let tombstones = block.tombstones == 0 ? "" : " (\(block.tombstones) tombstones)"
        return "section \(block.section): data block \(block.ordinal), \(block.entries) entries"
            + "\(tombstones), keys \(Hexadecimal.text(block.firstKey)) to "
            + "\(Hexadecimal.text(block.lastKey)), \(size), checksum ok"
    }
}
