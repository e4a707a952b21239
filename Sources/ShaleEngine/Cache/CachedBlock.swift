/// A piece of a run file in memory: its body, checked once, and immutable from then on.
///
/// Readers hold a reference for as long as they look at the bytes; eviction only drops the cache's own.
final class CachedBlock: Sendable {
    /// How the body is laid out.
    enum Layout: Sendable {
        case data(DataBlock)
        case index(IndexPiece)
        case filter(FilterPiece)
    }

    let bytes: [UInt8]
    let layout: Layout

    /// What the block counts in the cache: its bytes and what holds them.
    var chargeBytes: Int { bytes.count + Self.overheadBytes }

    /// Object and array headers, the cache's slot and its table's entry, rounded up.
    static let overheadBytes = 192

    /// Checks the structure of a body that passed its checksum.
    init(checking bytes: [UInt8], as content: PieceContent) throws(MalformedPiece) {
        // Safety: every bit pattern of a byte is a byte.
        let body = unsafe bytes.span.bytes
        layout =
            switch content {
            case .data: .data(try DataBlock(checking: body))
            case .index: .index(try IndexPiece(checking: body))
            case .filter: .filter(try FilterPiece(checking: body))
            case .directory: preconditionFailure("the directory is not cached as a block")
            }
        self.bytes = bytes
    }

    /// What the block was read as.
    var content: PieceContent {
        switch layout {
        case .data: .data
        case .index: .index
        case .filter: .filter
        }
    }

    /// The layout of a block that was read as a data block.
    var data: DataBlock {
        guard case .data(let block) = layout else {
            preconditionFailure("the block was read as a data block")
        }
        return block
    }

    /// The layout of a block that was read as an index piece.
    var index: IndexPiece {
        guard case .index(let piece) = layout else {
            preconditionFailure("the block was read as an index piece")
        }
        return piece
    }

    /// The layout of a block that was read as a filter.
    var filter: FilterPiece {
        guard case .filter(let piece) = layout else {
            preconditionFailure("the block was read as a filter")
        }
        return piece
    }
}
