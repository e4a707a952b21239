internal import ShaleBytes

/// Writes one section: data blocks as they fill, a filter and a leaf as the leaf fills, inner
/// pieces of the block index as they fill.
///
/// Memory is bounded by one block, one leaf, one filter and one piece of each inner level, whatever
/// the size of the section.
struct SectionWriter: ~Copyable, Sendable {
    private let shape: RunFileShape
    private let start: Int
    private var block: DataBlockBuilder
    /// Hashes of the block under construction; they follow it into its leaf's filter.
    private var blockHashes: [UInt64] = []
    /// How warm the entries of the block under construction are.
    private var warmth = BlockWarmth()
    /// Whether a block before was warm: from then on pieces of the index and filters are kept as well.
    private var isWarm = false
    /// The partition hash of the last key.
    private var partition: UInt64 = 0
    private var filter: FilterBuilder
    /// One builder a level, leaves first; the last one becomes the root.
    private var levels = [IndexPieceBuilder(level: 0)]
    private var summary: SectionSummary

    init(shape: RunFileShape, origin: SectionOrigin, at offset: Int) {
        self.shape = shape
        start = offset
        block = DataBlockBuilder(targetSize: shape.blockSizeBytes)
        filter = FilterBuilder(bitsPerKey: shape.filterBitsPerKey)
        summary = SectionSummary(
            fileRange: offset..<offset,
            root: IndexChild(piece: .none),
            origin: origin
        )
    }

    var isEmpty: Bool { summary.entryCount == 0 }

    mutating func append(
        key: LentBytes,
        value: LentBytes,
        kind: EntryKind,
        warmth: Int? = nil,
        to output: inout PieceOutput
    ) throws(EngineError) {
        precondition(key.count <= Limits.keySizeBytes, "a key is within its limit")
        precondition(value.count <= Limits.valueSizeBytes, "a value is within its limit")
        if isEmpty {
            summary.firstKey = key.copied()
        } else {
            precondition(LentBytes.compare(block.lastKey, key) < 0, "keys ascend")
        }
        if !block.hasRoom(for: key, valueSize: value.count) {
            let separator = KeyOrder.separator(after: block.lastKey.copied(), before: key.copied())
            try finishBlock(separator, &output)
        }
        let hash = RunFormat.keyHash(key)
        appendHashes(of: key, hash)
        block.append(
            key: key,
            tag: UInt8(truncatingIfNeeded: hash),
            value: value,
            kind: kind
        )
        self.warmth.add(warmth)
        summary.entryCount += 1
        summary.rawBytes += key.count + value.count
        switch kind {
        case .value: break
        case .tombstone: summary.tombstoneCount += 1
        case .blob: summary.blobs.add(BlobShare(of: value))
        }
    }

    private mutating func appendHashes(of key: LentBytes, _ hash: UInt64) {
        let own = key.digest(from: 0)
        if block.isEmpty || partition != own {
            blockHashes.append(own)
            partition = own
        }
        if !RunFormat.isWholePartition(key) { blockHashes.append(hash) }
    }

    /// Writes the block, and before it the leaf if that has no room for one more child.
    private mutating func finishBlock(
        _ separator: [UInt8],
        _ output: inout PieceOutput
    ) throws(EngineError) {
        if !levels[0].isEmpty,
            !levels[0].hasRoom(forSeparatorOf: separator.count)
                || !filter.hasRoom(for: blockHashes.count)
        {
            try finishPiece(ofLevel: 0, &output)
        }
        let pointer = try output.append(
            .data,
            block.finish(),
            compress: shape.compression == .lz4,
            warmth: warmth.ofBlock
        )
        isWarm = isWarm || warmth.ofBlock != nil
        warmth = BlockWarmth()
        levels[0].append(separator: separator, IndexChild(piece: pointer))
        filter.append(blockHashes)
        blockHashes.removeAll(keepingCapacity: true)
    }

    /// Writes the piece under construction of a level and names it in the level above.
    private mutating func finishPiece(
        ofLevel level: Int,
        _ output: inout PieceOutput
    ) throws(EngineError) {
        let separator = levels[level].lastSeparator
        let child = try write(level, &output)
        let above = level + 1
        if above == levels.count { levels.append(IndexPieceBuilder(level: above)) }
        if !levels[above].hasRoom(forSeparatorOf: separator.count) {
            try finishPiece(ofLevel: above, &output)
        }
        levels[above].append(separator: separator, child)
    }

    private mutating func write(
        _ level: Int,
        _ output: inout PieceOutput
    ) throws(EngineError) -> IndexChild {
        var child = IndexChild(piece: .none)
        let warmth = isWarm ? 1 : nil
        if level == 0, !filter.isEmpty {
            child.filter = try output.append(.filter, filter.finish(), warmth: warmth)
        }
        let body = levels[level].finish()
        child.piece = try body.withLentBytes { (body) throws(EngineError) in
            try output.append(.index, body, warmth: warmth)
        }
        return child
    }

    /// Writes what is left, the root last.
    mutating func finish(
        _ output: inout PieceOutput
    ) throws(EngineError) -> SectionSummary {
        precondition(!isEmpty, "a section has an entry")
        let lastKey = block.lastKey.copied()
        summary.lastKey = lastKey
        try finishBlock(lastKey, &output)
        var level = 0
        while level + 1 < levels.count {
            try finishPiece(ofLevel: level, &output)
            level += 1
        }
        summary.root = try write(level, &output)
        summary.fileRange = start..<output.offset
        if summary.tombstoneCount == 0 { summary.origin.oldestTombstoneMilliseconds = 0 }
        return summary
    }
}
