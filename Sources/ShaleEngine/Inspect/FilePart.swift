/// A stretch of a file of a database and what it is: what `shale inspect` prints.
public struct FilePart: Hashable, Sendable, CustomStringConvertible {
    /// Where it begins.
    public var offset: Int
    /// How many bytes it takes; 0 only for an empty file.
    public var sizeBytes: Int
    /// What lies there, in a few words.
    public var what: String
    /// The fields and contents, a line each.
    public var lines: [String]
    /// Whether the bytes are not what was once written there.
    ///
    /// The torn end of a log after a crash is no damage.
    public var isDamaged: Bool

    init(_ range: Range<Int>, _ what: String, _ lines: [String] = [], isDamaged: Bool = false) {
        offset = range.lowerBound
        sizeBytes = range.count
        self.what = what
        self.lines = lines
        self.isDamaged = isDamaged
    }

    /// The bytes of the file.
    var range: Range<Int> { offset..<(offset + sizeBytes) }

    /// The part and its lines, indented.
    public var description: String {
        let head = "\(offset)  \(sizeBytes) bytes  \(isDamaged ? "DAMAGED: " : "")\(what)"
        return ([head] + lines.map { "    \($0)" }).joined(separator: "\n")
    }
}

extension [FilePart] {
    /// The same parts, each byte of a file of `sizeBytes` in exactly one: of two that overlap the
    /// later gives way, and what none covers is named.
    func tiling(_ sizeBytes: Int) -> [FilePart] {
        var tiles: [FilePart] = []
        var end = 0
        for part in sorted(by: { $0.offset < $1.offset }) {
            if part.offset > end { tiles.append(.unexplained(end..<part.offset)) }
            let upper = Swift.min(part.range.upperBound, sizeBytes)
            guard upper > end || part.sizeBytes == 0 else { continue }
            var tile = part
            tile.offset = Swift.max(part.offset, end)
            tile.sizeBytes = Swift.max(0, upper - tile.offset)
            tiles.append(tile)
            end = Swift.max(end, upper)
        }
        if end < sizeBytes { tiles.append(.unexplained(end..<sizeBytes)) }
        return tiles
    }
}

extension FilePart {
    fileprivate static func unexplained(_ range: Range<Int>) -> FilePart {
        FilePart(range, "unexplained", ["nothing refers to these bytes"], isDamaged: true)
    }
}
