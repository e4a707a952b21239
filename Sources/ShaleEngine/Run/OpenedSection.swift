internal import ShaleBytes

/// A section of an open file, and how its block index is read.
struct OpenedSection {
    let file: OpenedRunFile
    private let ordinal: Int

    init(_ file: RunFile, _ ordinal: Int, _ mode: ReadMode) throws(EngineError) {
        try self.init(file.opened(mode), ordinal)
    }

    /// The section with this place in an open file; fails if the file has fewer.
    init(_ file: OpenedRunFile, _ ordinal: Int) throws(EngineError) {
        guard file.sections.indices.contains(ordinal) else { throw file.noSection(ordinal) }
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
            throw file.wrongLevel(pointer, node.level, level ?? 0)
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
        let body = block.bytes
        return block.filter.mayContain(hash, in: body.span)
    }
}

extension OpenedSection {
    /// Whether a scan of `bounds` needs this section.
    ///
    /// False is certain; true where the filter does not help, as for a range that is not within one
    /// partition key's hash.
    func mayContainPartition(
        of bounds: ScanBounds,
        _ mode: ReadMode
    ) throws(EngineError) -> Bool {
        guard bounds.isWithinOneHash, let upper = bounds.upper else { return true }
        let lower = bounds.lower
        let hash = RunFormat.partitionHash(lower.span)
        guard root.filter.isNone else { return try mayContain(hash, root.filter, mode) }
        var node = try node(root.piece, level: nil, mode)
        while node.level > IndexPieceFormat.filterLevel {
            let index = node.firstChild(notBefore: lower.span)
            guard index < node.count else { return false }
            node = try self.node(node.child(index).piece, level: node.level - 1, mode)
        }
        guard node.level == IndexPieceFormat.filterLevel else { return true }
        // A partition key that begins in one leaf can go on in the next ones.
        for index in node.firstChild(notBefore: lower.span)..<node.count {
            if try mayContain(hash, node.child(index).filter, mode) { return true }
            guard node.compareSeparator(index, with: upper.span) < 0 else { return false }
        }
        return true
    }
}

/// An index piece in memory.
///
/// Valid as long as its block is.
struct IndexNode: Sendable {
    private let block: CachedBlock
    private let piece: IndexPiece

    /// The node in a block that was read as an index piece.
    init(block: CachedBlock) {
        self.block = block
        piece = block.index
    }

    var level: Int { piece.level }
    var count: Int { piece.count }

    /// The first child whose separator is at least `key`; `count` if there is none.
    func firstChild(notBefore key: RawSpan) -> Int {
        let body = block.bytes
        return piece.firstChild(notBefore: key, in: body.span)
    }

    func child(_ index: Int) -> IndexChild {
        let body = block.bytes
        return piece.child(index, in: body.span)
    }

    /// A copy of a child's separator.
    func separator(_ index: Int) -> [UInt8] { lentSeparator(index).copied() }

    /// A child's separator, lent like the block's bytes.
    func lentSeparator(_ index: Int) -> LentBytes {
        let body = block.bytes
        return body[piece.separator(index, in: body.span)]
    }

    /// Compares a child's separator with `key`: negative, zero or positive.
    func compareSeparator(_ index: Int, with key: RawSpan) -> Int {
        let separator = lentSeparator(index)
        return KeyOrder.compare(separator.span, key)
    }
}
