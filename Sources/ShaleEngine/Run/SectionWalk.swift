internal import ShaleBytes

/// Goes through one section for a `RunFileWalk`: every index piece, filter, block and entry, and all that
/// must agree between them.
///
/// Blocks and index pieces are laid out anew from what they say and compared byte by byte: so every
/// column, tag and offset is checked by the code that writes it.
struct SectionWalk {
    private let ordinal: Int
    private let summary: SectionSummary
    private let decoder: PieceDecoder

    private var blockCount = 0
    private var entryCount = 0
    private var tombstoneCount = 0
    private var rawBytes = 0
    private var blobs = BlobShares()
    private var lastKey: [UInt8]?
    private var lastSeparator: [UInt8]?
    /// Whether damage was met: then counts cannot be right.
    private var isIncomplete = false

    init(ordinal: Int, summary: SectionSummary, decoder: PieceDecoder) {
        self.ordinal = ordinal
        self.summary = summary
        self.decoder = decoder
    }

    mutating func walk(in walk: inout RunFileWalk) {
        visit(summary.root, level: nil, separator: summary.lastKey, &walk)
        guard !isIncomplete else { return }
        let start = summary.fileRange.lowerBound
        if entryCount != summary.entryCount || tombstoneCount != summary.tombstoneCount
            || rawBytes != summary.rawBytes
        {
            walk.complain(
                start,
                "section \(ordinal) has \(entryCount) entries, \(tombstoneCount) tombstones and "
                    + "\(rawBytes) bytes; its directory says \(summary.entryCount), "
                    + "\(summary.tombstoneCount) and \(summary.rawBytes)"
            )
        }
        if blobs != summary.blobs {
            walk.complain(
                start,
                "the entries of section \(ordinal) refer to \(blobs.sizeBytes) bytes of "
                    + "\(blobs.shares.count) blob segments; its directory says "
                    + "\(summary.blobs.sizeBytes) of \(summary.blobs.shares.count), or of others"
            )
        }
        if lastKey != summary.lastKey {
            walk.complain(
                start,
                "the last key of section \(ordinal) is not what its directory says"
            )
        }
    }

    /// Visits an index piece, its filter and all below.
    private mutating func visit(
        _ child: IndexChild,
        level: Int?,
        separator: [UInt8],
        _ walk: inout RunFileWalk
    ) {
        let filter = filter(child.filter, &walk)
        guard let piece = walk.piece(child.piece, .index, decoder) else {
            return isIncomplete = true
        }
        let offset = Int(truncatingIfNeeded: child.piece.offset)
        let range = offset..<(offset + Int(child.piece.length))
        let node: IndexNode
        do throws(MalformedPiece) {
            node = IndexNode(block: try CachedBlock(checking: piece.body, as: .index))
            guard level == nil || node.level == level else {
                throw MalformedPiece("an index piece of level \(node.level) in a wrong place")
            }
        } catch {
            isIncomplete = true
            walk.complain(offset, error.reason)
            return walk.add(range, .damaged(error.reason))
        }
        walk.add(range, .index(section: ordinal, level: node.level, children: node.count))
        check(node, piece.body, separator, at: offset, &walk)
        if node.level > 0, filter != nil {
            walk.complain(offset, "an inner index piece has a filter")
        }
        for index in 0..<node.count {
            if node.level > 0 {
                visit(
                    node.child(index),
                    level: node.level - 1,
                    separator: node.separator(index),
                    &walk
                )
            } else {
                visitBlock(node.child(index).piece, node.separator(index), filter, &walk)
            }
        }
    }

    private mutating func filter(
        _ pointer: PiecePointer,
        _ walk: inout RunFileWalk
    ) -> CachedBlock? {
        guard !pointer.isNone else { return nil }
        guard let piece = walk.piece(pointer, .filter, decoder) else {
            isIncomplete = true
            return nil
        }
        let offset = Int(truncatingIfNeeded: pointer.offset)
        let range = offset..<(offset + Int(pointer.length))
        do throws(MalformedPiece) {
            let block = try CachedBlock(checking: piece.body, as: .filter)
            let lines = piece.body.count / FilterFormat.lineSize
            walk.add(range, .filter(section: ordinal, lines: lines))
            return block
        } catch {
            isIncomplete = true
            walk.complain(offset, error.reason)
            walk.add(range, .damaged(error.reason))
            return nil
        }
    }

    /// The piece is what its children make, its separators ascend, and the last is the parent's.
    private func check(
        _ node: IndexNode,
        _ body: [UInt8],
        _ separator: [UInt8],
        at offset: Int,
        _ walk: inout RunFileWalk
    ) {
        var builder = IndexPieceBuilder(level: node.level)
        var previous: [UInt8]?
        for index in 0..<node.count {
            let own = node.separator(index)
            if let previous, !KeyOrder.isAscending(previous, own) {
                walk.complain(offset, "separator \(index) of an index piece does not ascend")
            }
            builder.append(separator: own, node.child(index))
            previous = own
        }
        if builder.finish() != body {
            walk.complain(offset, "the columns of an index piece contradict each other")
        }
        if previous != separator {
            walk.complain(offset, "the last separator of an index piece is not its parent's")
        }
    }

    private mutating func visitBlock(
        _ pointer: PiecePointer,
        _ separator: [UInt8],
        _ filter: CachedBlock?,
        _ walk: inout RunFileWalk
    ) {
        defer {
            blockCount += 1
            lastSeparator = separator
        }
        guard let piece = walk.piece(pointer, .data, decoder) else { return isIncomplete = true }
        let offset = Int(truncatingIfNeeded: pointer.offset)
        let range = offset..<(offset + Int(pointer.length))
        let layout: DataBlock
        do throws(MalformedPiece) {
            // Safety: every bit pattern of a byte is a byte.
            layout = try unsafe DataBlock(checking: piece.body.span.bytes)
        } catch {
            isIncomplete = true
            walk.complain(offset, error.reason)
            return walk.add(range, .damaged(error.reason))
        }
        var part = RunFilePart.Block(
            section: ordinal,
            ordinal: blockCount,
            entries: layout.count,
            tombstones: 0,
            bodyBytes: piece.body.count,
            isCompressed: piece.type == .compressedData,
            firstKey: [],
            lastKey: []
        )
        visitEntries(of: layout, piece.body, filter, at: offset, &part, &walk)
        if KeyOrder.isAscending(separator, part.lastKey) {
            walk.complain(offset, "a key of the block is greater than its separator")
        }
        walk.add(range, .dataBlock(part))
    }

    private mutating func visitEntries(
        of layout: DataBlock,
        _ body: [UInt8],
        _ filter: CachedBlock?,
        at offset: Int,
        _ part: inout RunFilePart.Block,
        _ walk: inout RunFileWalk
    ) {
        // Safety: every bit pattern of a byte is a byte.
        let bytes = unsafe body.span.bytes
        var builder = DataBlockBuilder(targetSize: body.count)
        var key: [UInt8] = []
        for index in 0..<layout.count {
            let entry = layout.entry(index, in: bytes)
            layout.copyKey(of: entry, in: bytes, to: &key)
            checkOrder(key, isFirst: index == 0, at: offset, &walk)
            let hash = RunFormat.keyHash(key)
            if let filter { check(filter, has: key, hash, at: offset, &walk) }
            key.withLentBytes { key in
                body.withLentBytes { body in
                    builder.append(
                        key: key,
                        tag: UInt8(truncatingIfNeeded: hash),
                        value: body[entry.value],
                        kind: entry.kind
                    )
                    if entry.kind == .blob { follow(body[entry.value], at: offset, &walk) }
                }
            }
            if index == 0 { part.firstKey = key }
            if entry.isTombstone { part.tombstones += 1 }
            rawBytes += key.count + entry.value.count
            lastKey = key
        }
        part.lastKey = key
        entryCount += layout.count
        tombstoneCount += part.tombstones
        let again = builder.finish()
        if !body.withLentBytes({ LentBytes.areEqual($0, again) }) {
            walk.complain(offset, "tags or offsets of a data block contradict its entries")
        }
    }

    private mutating func follow(
        _ reference: LentBytes,
        at offset: Int,
        _ walk: inout RunFileWalk
    ) {
        blobs.add(BlobShare(of: reference))
        do throws(MalformedPiece) {
            let blob = try BlobReference(reference)
            if let reason = walk.blobs[blob.file]?.objection(to: blob) {
                walk.complain(offset, reason)
            }
        } catch {
            walk.complain(offset, error.reason)
        }
    }

    private func checkOrder(
        _ key: [UInt8],
        isFirst: Bool,
        at offset: Int,
        _ walk: inout RunFileWalk
    ) {
        if let lastKey, !KeyOrder.isAscending(lastKey, key) {
            walk.complain(offset, "key \(Hexadecimal.text(key)) does not ascend")
        }
        if lastKey == nil, !isIncomplete, key != summary.firstKey {
            walk.complain(
                offset,
                "the first key of section \(ordinal) is not what its directory says"
            )
        }
        if isFirst, let lastSeparator, !KeyOrder.isAscending(lastSeparator, key) {
            walk.complain(offset, "the block's first key is not behind the separator before it")
        }
    }

    private func check(
        _ filter: CachedBlock,
        has key: [UInt8],
        _ hash: UInt64,
        at offset: Int,
        _ walk: inout RunFileWalk
    ) {
        let bytes = filter.bytes
        let body = bytes.span
        let knowsPartition = filter.filter.mayContain(RunFormat.partitionHash(key), in: body)
        let knowsKey =
            RunFormat.isWholePartition(key) || filter.filter.mayContain(hash, in: body)
        if !knowsPartition || !knowsKey {
            walk.complain(offset, "the filter does not know key \(Hexadecimal.text(key))")
        }
    }
}
