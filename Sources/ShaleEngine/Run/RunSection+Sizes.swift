internal import ShaleBytes

/// Sizes of parts of a section, from its block index alone: for splits, and for the choice of what to
/// compact. Blocks lie in the file in the order of their keys, so the distance of two of them is the size of
/// what lies between.
extension RunSection {
    /// Bytes of the file that the entries of `range` take, to a block.
    ///
    /// Estimates of neighbouring ranges add up to that of their union.
    func estimatedBytes(
        in range: EntryRange,
        _ mode: ReadMode
    ) throws(EngineError) -> Int {
        let section = try OpenedSection(file, ordinal, mode)
        let start = try section.offset(ofBlockNotBefore: range.lower, mode)
        guard let upper = range.upper else { return section.fileRange.upperBound - start }
        return max(0, try section.offset(ofBlockNotBefore: upper, mode) - start)
    }

    /// A key of the section near the middle of the bytes of `range`: greater than its lower bound
    /// and inside it.
    ///
    /// Nil if the section has no such key nearby: the range is too small to be cut.
    func middleKey(
        in range: EntryRange,
        _ mode: ReadMode
    ) throws(EngineError) -> [UInt8]? {
        let section = try OpenedSection(file, ordinal, mode)
        let start = try section.offset(ofBlockNotBefore: range.lower, mode)
        let end = try start + estimatedBytes(in: range, mode)
        let middle = start + (end - start) / 2
        let pointer = try section.block(atOffset: middle, mode)
        let block = try section.file.block(pointer, .data, mode)
        let bytes = block.bytes
        let body = bytes.span
        var key: [UInt8] = []
        for index in 0..<block.data.count {
            block.data.copyKey(of: block.data.entry(index, in: body), in: body, to: &key)
            if range.contains(key), KeyOrder.isAscending(range.lower, key),
                KeyOrder.isAscending(section.summary.firstKey, key)
            {
                return key
            }
        }
        return nil
    }
}

extension OpenedSection {
    /// Where the first block begins that can have a key not before `key`; the section's end if none can.
    fileprivate func offset(
        ofBlockNotBefore key: [UInt8],
        _ mode: ReadMode
    ) throws(EngineError) -> Int {
        var path = IndexPath(mode)
        try key.withLentBytes { key throws(EngineError) in
            try path.seek(notBefore: key, in: self)
        }
        guard !path.isOutside else { return fileRange.upperBound }
        return clamped(path.block.offset)
    }

    /// The last block that begins at or before `target`, nearly: an inner piece of the index lies behind
    /// what it points to, but not right behind.
    fileprivate func block(
        atOffset target: Int,
        _ mode: ReadMode
    ) throws(EngineError) -> PiecePointer {
        var node = try node(root.piece, level: nil, mode)
        while node.level > 0 {
            let index = node.firstChild { clamped($0.piece.offset) > target } ?? node.count - 1
            node = try self.node(node.child(index).piece, level: node.level - 1, mode)
        }
        let next = node.firstChild { clamped($0.piece.offset) > target } ?? node.count
        return node.child(max(0, next - 1)).piece
    }

    private func clamped(_ offset: UInt64) -> Int {
        min(max(Int(clamping: offset), fileRange.lowerBound), fileRange.upperBound)
    }
}

extension IndexNode {
    /// The first child for which `isBehind` holds; it holds for all children behind that one.
    fileprivate func firstChild(where isBehind: (IndexChild) -> Bool) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(child(middle)) { high = middle } else { low = middle + 1 }
        }
        return low < count ? low : nil
    }
}
