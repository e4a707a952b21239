internal import ShaleBytes

/// Collects children and lays them out as an index piece.
struct IndexPieceBuilder: Sendable {
    let level: Int
    private var separators: [UInt8] = []
    private var ends: [Int] = []
    private var children: [IndexChild] = []

    init(level: Int) { self.level = level }

    var count: Int { children.count }
    var isEmpty: Bool { children.isEmpty }

    /// The separator of the piece itself: that of its last child.
    var lastSeparator: [UInt8] { Array(separators[range(count - 1)]) }

    /// Whether the piece stays within its size with one more child.
    func hasRoom(forSeparatorOf size: Int) -> Bool {
        guard count >= IndexPieceFormat.smallestFanOut else { return true }
        let body =
            IndexPieceFormat.separatorsOffset(count: count + 1, level: level) + separators.count
            + size
        return body + PieceFormat.trailerSize <= RunFormat.pieceSizeBytes
    }

    mutating func append(separator: [UInt8], _ child: IndexChild) {
        separators.append(contentsOf: separator)
        ends.append(separators.count)
        children.append(child)
    }

    private func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// The body; the builder is empty afterwards.
    mutating func finish() -> [UInt8] {
        precondition(!isEmpty, "an index piece has a child")
        let start = IndexPieceFormat.separatorsOffset(count: count, level: level)
        var body: [UInt8] = []
        body.reserveCapacity(start + separators.count)
        body.append(integer: UInt16(level))
        body.append(integer: UInt16(count))
        body.append(integer: UInt32(start))
        let skips = separators.withLentBytes { all in
            let hashes = (0..<count).map { all[range($0)].digest(from: 0) }
            for hash in hashes { body.append(integer: hash) }
            let skips = groupSkips(hashes, all)
            for index in 0..<count {
                let start = IndexPieceFormat.hashSize + skips[index]
                body.append(integer: all[range(index)].digest(from: start))
            }
            return skips
        }
        for skip in skips { body.append(integer: UInt16(skip)) }
        for end in ends { body.append(integer: UInt32(start + end)) }
        for child in children { child.piece.append(to: &body) }
        if level == IndexPieceFormat.filterLevel {
            for child in children { child.filter.append(to: &body) }
        }
        body.append(contentsOf: separators)
        separators.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        children.removeAll(keepingCapacity: true)
        return body
    }

    /// What the separators of each group of equal hashes share behind their first eight bytes.
    ///
    /// They ascend, so that is what the first and the last of the group share.
    private func groupSkips(_ hashes: [UInt64], _ all: LentBytes) -> [Int] {
        var skips: [Int] = []
        while skips.count < count {
            let first = skips.count
            var last = first
            while last + 1 < count, hashes[last + 1] == hashes[first] { last += 1 }
            let skip = Self.sharedRest(all[range(first)], all[range(last)])
            skips.append(contentsOf: repeatElement(skip, count: last - first + 1))
        }
        return skips
    }

    /// How many bytes two separators share behind their first eight; 0 if one is shorter.
    private static func sharedRest(_ left: LentBytes, _ right: LentBytes) -> Int {
        let hashSize = IndexPieceFormat.hashSize
        guard left.count >= hashSize, right.count >= hashSize else { return 0 }
        return LentBytes.commonPrefix(
            left[hashSize..<left.count],
            right[hashSize..<right.count]
        )
    }
}
