internal import ShaleBytes

/// A piece of a run file in memory: its body, checked once, and immutable from then on.
///
/// One from the cache is lent: it is valid while the view is open through which it was found (or, more
/// exactly, the slot in the cache's `EpochSlots`). One that was read past the cache is its reader's own,
/// and then `owner` keeps it.
struct CachedBlock: Sendable {
    let frame: Frame
    private let owner: OwnedFrame?

    /// A block of the cache.
    init(lent frame: Frame) {
        self.frame = frame
        owner = nil
    }

    /// A block that is not in the cache.
    init(owned frame: Frame) {
        self.frame = frame
        owner = OwnedFrame(frame)
    }

    /// Checks the structure of a body that passed its checksum, and keeps a copy of it.
    init(checking bytes: [UInt8], as content: PieceContent) throws(MalformedPiece) {
        // Safety: every bit pattern of a byte is a byte.
        self.init(owned: try unsafe Frame(checking: bytes.span.bytes, as: content, key: 0))
    }

    /// The body.
    var bytes: LentBytes { frame.body }

    /// What the block counts in the cache.
    var chargeBytes: Int { frame.chargeBytes }

    /// What the block was read as.
    var content: PieceContent { frame.content }

    /// The layout of a block that was read as a data block.
    var data: DataBlock { frame.data }

    /// The layout of a block that was read as an index piece.
    var index: IndexPiece { frame.index }

    /// The layout of a block that was read as a filter.
    var filter: FilterPiece { frame.filter }
}

/// Keeps a frame that no cache knows.
final class OwnedFrame: Sendable {
    private let frame: Frame
    init(_ frame: Frame) { self.frame = frame }
    deinit { frame.free() }
}

/// How the body of a piece is laid out, in the words of its frame.
extension Frame {
    /// A frame with a copy of a body whose structure is checked.
    init(checking body: RawSpan, as content: PieceContent, key: UInt64) throws(MalformedPiece) {
        let layout = try Self.layout(of: body, as: content)
        self.init(key: key, copying: body)
        self.layout = layout
    }

    /// Checks the structure of the frame's own body.
    func check(as content: PieceContent) throws(MalformedPiece) {
        let body = self.body
        layout = try Self.layout(of: body.span, as: content)
    }

    private static func layout(
        of body: RawSpan,
        as content: PieceContent
    ) throws(MalformedPiece) -> Layout {
        let (first, second) =
            switch content {
            case .data: try DataBlock(checking: body).words
            case .index: try IndexPiece(checking: body).words
            case .filter: try FilterPiece(checking: body).words
            case .directory, .blob: preconditionFailure("it is not kept as a block")
            }
        return Layout(kind: content.rawValue, first: first, second: second)
    }

    /// What the frame was read as.
    @inline(__always)
    var content: PieceContent {
        guard let content = PieceContent(rawValue: layout.kind) else {
            preconditionFailure("a frame says what it is")
        }
        return content
    }

    /// The layout of a data block.
    @inline(__always)
    var data: DataBlock {
        let layout = self.layout
        precondition(layout.kind == PieceContent.data.rawValue, "it was read as a data block")
        return DataBlock(words: (layout.first, layout.second))
    }

    /// The layout of an index piece.
    @inline(__always)
    var index: IndexPiece {
        let layout = self.layout
        precondition(layout.kind == PieceContent.index.rawValue, "it was read as an index piece")
        return IndexPiece(words: (layout.first, layout.second))
    }

    /// The layout of a filter.
    @inline(__always)
    var filter: FilterPiece {
        let layout = self.layout
        precondition(layout.kind == PieceContent.filter.rawValue, "it was read as a filter")
        return FilterPiece(words: (layout.first, layout.second))
    }
}
