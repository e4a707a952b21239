internal import ShaleBytes

/// Puts pieces of a run file that is being written into the block cache, so that a flush or a compaction
/// does not make readers fetch from the disk what they had in memory before.
///
/// Only what is warm is kept: a block that for a good part was in memory before (`BlockWarmth`), and the
/// pieces of index and filter that lead to it. In a cache that is full, what is warm pushes out what
/// nobody uses, the blocks that it replaces among it; those go altogether when their file does.
struct BlockWarming: Sendable {
    private let cache: BlockCache
    private let file: FileNumber

    /// For the file with this number, which is not published before it is finished.
    init(_ cache: BlockCache, _ file: FileNumber) {
        self.cache = cache
        self.file = file
    }

    /// Keeps the piece at `offset`, as if it had been read and used `warmth` times since.
    ///
    /// - Complexity: a copy of the body and a check of its structure.
    /// - Throws: `.corrupted` if the body is none that could be read again; it must not replace what can.
    func keep(
        _ body: LentBytes,
        as content: PieceContent,
        at offset: Int,
        warmth: Int
    ) throws(EngineError) {
        guard let key = BlockCache.Key(file, UInt64(offset)), !cache.has(key) else { return }
        do throws(MalformedPiece) {
            let frame = try Frame(checking: body.span, as: content, key: key.rawValue)
            frame.hits = warmth
            cache.insert(frame)
        } catch {
            throw EngineError(
                .corrupted,
                file: file.fileName(RunFormat.suffix),
                offset: offset,
                "a piece that is being written is not whole: \(error.reason)"
            )
        }
    }
}

/// How warm the entries of a block are.
///
/// A block is warm if a quarter of its entries are. One warm entry must not be enough: the entries of one block of
/// an input go into several of the output, so that after some compactions everything would be warm.
struct BlockWarmth: Sendable {
    private var entries = 0
    private var warmEntries = 0
    private var most = 0

    /// One more entry, and how warm it is (`EntrySource.warmth`).
    mutating func add(_ warmth: Int?) {
        entries += 1
        guard let warmth else { return }
        warmEntries += 1
        most = max(most, warmth)
    }

    /// Nil if the block is not worth its memory.
    var ofBlock: Int? { warmEntries > 0 && 4 * warmEntries >= entries ? most : nil }
}
