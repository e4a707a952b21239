internal import ShaleBytes
internal import ShalePlatform

/// Visits the data blocks of a section in order: their pointers, from the block index.
///
/// Has one index piece of each level in memory, and reads each once. A piece that is not of the level below
/// its parent's is damage, so no chain of pointers can go around in a circle.
struct IndexWalk: Sendable {
    /// An index piece, and which of its children comes next.
    private struct Node {
        var body: [UInt8]
        var level: Int
        var count: Int
        var next: Int
    }

    private let file: any File
    private let decoder: PieceDecoder
    private let limit: Int
    private let root: PiecePointer
    /// The first block to visit is the one that has the first key not before this.
    private let lower: [UInt8]
    /// Root first.
    private var path: [Node] = []
    private var isStarted = false
    /// Whether it is on its way down to the first block.
    private var isSeeking = true

    /// Before the first block of `summary` that has a key not before `lower`.
    init(
        _ file: any File,
        _ decoder: PieceDecoder,
        _ summary: SectionSummary,
        notBefore lower: [UInt8]
    ) {
        self.file = file
        self.decoder = decoder
        self.lower = lower
        limit = summary.fileRange.upperBound
        root = summary.root.piece
    }

    /// The next block, nil behind the last one.
    mutating func next() throws(EngineError) -> PiecePointer? {
        if !isStarted {
            isStarted = true
            try enter(root, level: nil)
        }
        while let node = path.last {
            guard node.next < node.count else {
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let child = pointer(node, node.next)
            if node.level == 0 { return child }
            try enter(child, level: node.level - 1)
        }
        return nil
    }

    /// Goes down to a piece; on the way to the first block, past the children that end before it.
    private mutating func enter(_ pointer: PiecePointer, level: Int?) throws(EngineError) {
        var node = try node(pointer, level: level)
        if isSeeking {
            while node.next + 1 < node.count, compareSeparator(node, node.next, with: lower) < 0 {
                node.next += 1
            }
            isSeeking = node.level > 0
        }
        path.append(node)
    }

    /// Whether a key of the block visited last can be at or behind `bound`.
    func mayReach(_ bound: [UInt8]) throws(EngineError) -> Bool {
        guard let leaf = path.last, leaf.next > 0 else { return true }
        return compareSeparator(leaf, leaf.next - 1, with: bound) >= 0
    }

    private func node(_ pointer: PiecePointer, level: Int?) throws(EngineError) -> Node {
        let offset = Int(truncatingIfNeeded: pointer.offset)
        guard let range = pointer.range(before: limit) else {
            throw decoder.damage(offset, "a pointer leads outside of its section")
        }
        var stored = ByteBuffer()
        try stored.read(range, of: file)
        var buffer = ByteBuffer()
        try decoder.decode(stored.lent, at: pointer, expecting: .index, to: &buffer)
        let body = buffer.copied()
        let node: Node
        do throws(MalformedPiece) {
            node = try Self.check(body)
        } catch {
            throw decoder.damage(offset, error.reason)
        }
        guard level == nil || node.level == level else {
            throw decoder.damage(offset, "an index piece of level \(node.level) in a wrong place")
        }
        return node
    }

    private static func check(_ body: [UInt8]) throws(MalformedPiece) -> Node {
        // Safety: every bit pattern of a byte is a byte.
        let piece = try unsafe IndexPiece(checking: body.span.bytes)
        return Node(body: body, level: piece.level, count: piece.count, next: 0)
    }

    private func pointer(_ node: Node, _ index: Int) -> PiecePointer {
        let column = IndexPieceFormat.childrenOffset(count: node.count)
        return node.body.withLentBytes { body in
            PiecePointer(in: body, at: column + index * PiecePointer.sizeBytes)
        }
    }

    private func compareSeparator(_ node: Node, _ index: Int, with key: [UInt8]) -> Int {
        node.body.withLentBytes { body in
            let ends = IndexPieceFormat.endsOffset(count: node.count)
            func end(_ index: Int) -> Int {
                Int(body.integer(UInt32.self, at: ends + index * IndexPieceFormat.endSize))
            }
            let start =
                index == 0
                ? IndexPieceFormat.separatorsOffset(count: node.count, level: node.level)
                : end(index - 1)
            let separator = body[start..<end(index)]
            return key.withLentBytes { LentBytes.compare(separator, $0) }
        }
    }
}

extension PiecePointer {
    /// The pointer at `position` of bytes that were checked to hold one there.
    init(in bytes: LentBytes, at position: Int) {
        offset = bytes.integer(UInt64.self, at: position)
        length = bytes.integer(UInt32.self, at: position + Self.lengthOffset)
        checksum = bytes.integer(UInt32.self, at: position + Self.checksumOffset)
    }
}

extension ByteBuffer {
    /// Appends the bytes of a range of a file, fewer where it ends.
    mutating func read(_ range: Range<Int>, of file: any File) throws(EngineError) {
        do throws(FileError) {
            try append(spanOf: range.count) { (room) throws(FileError) in
                try file.read(at: range.lowerBound, into: &room)
            }
        } catch {
            throw EngineError(error)
        }
    }
}
