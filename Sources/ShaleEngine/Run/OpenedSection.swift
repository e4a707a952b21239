/// A section of an open file, and how its block index is read.
struct OpenedSection {
    let file: OpenedRunFile
    private let ordinal: Int

    init(_ file: RunFile, _ ordinal: Int, _ mode: ReadMode) throws(EngineError) {
        try self.init(file.opened(mode), ordinal)
    }

    /// The section with this place in an open file; fails if the file has fewer.
    init(_ file: OpenedRunFile, _ ordinal: Int) throws(EngineError) {
        guard file.sections.indices.contains(ordinal) else {
            throw EngineError(
                .corrupted,
                file: file.decoder.file,
                "section \(ordinal) is asked for, the file has \(file.sections.count)"
            )
        }
        self.file = file
        self.ordinal = ordinal
    }

    var summary: SectionSummary { file.sections[ordinal] }
    var root: IndexChild { file.sections[ordinal].root }
    var fileRange: Range<Int> { file.sections[ordinal].fileRange }

    /// Reads an index piece; one that is not of the expected level is damage, so no chain of
    /// pointers can go around in a circle.
    func node(
        _ pointer: PiecePointer,
        level: Int?,
        _ mode: ReadMode
    ) throws(EngineError) -> IndexNode {
        let node = IndexNode(block: try file.block(pointer, .index, mode))
        guard level == nil || node.level == level else {
            throw file.decoder.damage(
                Int(truncatingIfNeeded: pointer.offset),
                "an index piece of level \(node.level) where level \(level ?? 0) is expected"
            )
        }
        return node
    }

    /// Whether the filter at `pointer` may contain `hash`; yes where there is none.
    func mayContain(
        _ hash: UInt64,
        _ pointer: PiecePointer,
        _ mode: ReadMode
    ) throws(EngineError) -> Bool {
        guard !pointer.isNone else { return true }
        let block = try file.block(pointer, .filter, mode)
        let bytes = block.bytes
        // Safety: every bit pattern of a byte is a byte.
        return unsafe block.filter.mayContain(hash, in: bytes.span.bytes)
    }
}

/// An index piece in memory.
struct IndexNode: Sendable {
    private let bytes: [UInt8]
    private let piece: IndexPiece

    /// The node in a block that was read as an index piece.
    init(block: CachedBlock) {
        bytes = block.bytes
        piece = block.index
    }

    var level: Int { piece.level }
    var count: Int { piece.count }

    /// The first child whose separator is at least `key`; `count` if there is none.
    func firstChild(notBefore key: RawSpan) -> Int {
        // Safety: every bit pattern of a byte is a byte.
        unsafe piece.firstChild(notBefore: key, in: bytes.span.bytes)
    }

    func child(_ index: Int) -> IndexChild {
        // Safety: as above.
        unsafe piece.child(index, in: bytes.span.bytes)
    }

    /// A copy of a child's separator.
    func separator(_ index: Int) -> [UInt8] {
        // Safety: as above.
        unsafe Array(bytes[piece.separator(index, in: bytes.span.bytes)])
    }

    /// Compares a child's separator with `key`: negative, zero or positive.
    func compareSeparator(_ index: Int, with key: RawSpan) -> Int {
        // Safety: as above.
        let body = unsafe bytes.span.bytes
        return KeyOrder.compare(body.extracting(piece.separator(index, in: body)), key)
    }
}
