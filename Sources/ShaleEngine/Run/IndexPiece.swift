/// Reads the body of a piece of the block index.
///
/// `init` checks the structure once; afterwards nothing can fail. Columns that contradict each other
/// (found by `RunFileVerifier`) make a search miss, but never trap.
struct IndexPiece: Sendable {
    let level: Int
    let count: Int
    private let separatorsOffset: Int

    /// The layout of `body`, or the reason why it is not an index piece.
    init(checking body: RawSpan) throws(MalformedPiece) {
        guard body.byteCount >= IndexPieceFormat.hashesOffset else {
            throw MalformedPiece("an index piece of \(body.byteCount) bytes has no header")
        }
        level = Int(body.integer(UInt16.self, at: IndexPieceFormat.levelOffset))
        count = Int(body.integer(UInt16.self, at: IndexPieceFormat.countOffset))
        guard level <= IndexPieceFormat.largestLevel, count > 0 else {
            throw MalformedPiece("an index piece of level \(level) with \(count) children")
        }
        separatorsOffset = IndexPieceFormat.separatorsOffset(count: count, level: level)
        let stated = body.integer(UInt32.self, at: IndexPieceFormat.separatorsOffset)
        guard Int(stated) == separatorsOffset, separatorsOffset <= body.byteCount else {
            throw MalformedPiece("the columns of an index piece do not fit into it")
        }
        var start = separatorsOffset
        for index in 0..<count {
            let end = Int(Self.end(index, count: count, in: body))
            guard end >= start, end <= body.byteCount else {
                throw MalformedPiece("separator \(index) of an index piece lies outside of it")
            }
            let skip = Int(Self.skip(index, count: count, in: body))
            guard skip == 0 || IndexPieceFormat.hashSize + skip <= end - start else {
                throw MalformedPiece("separator \(index) is shorter than what it shares")
            }
            start = end
        }
        guard start == body.byteCount else {
            throw MalformedPiece("\(body.byteCount - start) bytes behind the last separator")
        }
    }

    /// The layout as two words of a frame.
    var words: (UInt64, UInt64) {
        (UInt64(level) << 32 | UInt64(count), UInt64(separatorsOffset))
    }

    /// The layout that `words` gave.
    @inline(__always)
    init(words: (UInt64, UInt64)) {
        level = Int(words.0 >> 32)
        count = Int(words.0 & 0xFFFF_FFFF)
        separatorsOffset = Int(words.1)
    }

    private static func skip(_ index: Int, count: Int, in body: RawSpan) -> UInt16 {
        let column = IndexPieceFormat.skipsOffset(count: count)
        return body.integer(UInt16.self, at: column + index * IndexPieceFormat.skipSize)
    }

    private static func end(_ index: Int, count: Int, in body: RawSpan) -> UInt32 {
        let column = IndexPieceFormat.endsOffset(count: count)
        return body.integer(UInt32.self, at: column + index * IndexPieceFormat.endSize)
    }

    @inline(__always)
    func hash(_ index: Int, in body: RawSpan) -> UInt64 {
        body.integer(
            UInt64.self,
            at: IndexPieceFormat.hashesOffset + index * IndexPieceFormat.hashSize
        )
    }

    @inline(__always)
    func digest(_ index: Int, in body: RawSpan) -> UInt64 {
        let column = IndexPieceFormat.digestsOffset(count: count)
        return body.integer(UInt64.self, at: column + index * IndexPieceFormat.digestSize)
    }

    func skip(_ index: Int, in body: RawSpan) -> Int {
        Int(Self.skip(index, count: count, in: body))
    }

    /// Where the separator of a child lies in the body.
    func separator(_ index: Int, in body: RawSpan) -> Range<Int> {
        let start =
            index == 0 ? separatorsOffset : Int(Self.end(index - 1, count: count, in: body))
        return start..<Int(Self.end(index, count: count, in: body))
    }

    /// A child's place, and that of its filter.
    func child(_ index: Int, in body: RawSpan) -> IndexChild {
        precondition(index >= 0 && index < count, "an index of a child")
        let column = IndexPieceFormat.childrenOffset(count: count)
        let piece = PiecePointer(in: body, at: column + index * PiecePointer.sizeBytes)
        guard level == IndexPieceFormat.filterLevel else { return IndexChild(piece: piece) }
        let filters = IndexPieceFormat.filtersOffset(count: count)
        let filter = PiecePointer(in: body, at: filters + index * PiecePointer.sizeBytes)
        return IndexChild(piece: piece, filter: filter)
    }

    /// The first child whose separator is at least `key`; `count` if there is none.
    /// - Complexity: one or two probes for hashes that spread evenly, O(log n) for any.
    func firstChild(notBefore key: RawSpan, in body: RawSpan) -> Int {
        let hash = IndexPieceFormat.digest(key, from: 0)
        let low = firstIndex(notBefore: hash, in: body)
        guard low < count, self.hash(low, in: body) == hash else { return low }
        return firstInGroup(from: low, hash: hash, notBefore: key, in: body)
    }

    /// The first index whose hash is at least `hash`: a guess by interpolation, steps of doubling
    /// size from there, and a binary search of what they enclose.
    private func firstIndex(notBefore target: UInt64, in body: RawSpan) -> Int {
        let first = hash(0, in: body)
        let last = hash(count - 1, in: body)
        guard first < target else { return 0 }
        guard target <= last else { return count }
        // From here on: hash(low) < target <= hash(high).
        var low = 0
        var high = count - 1
        let product = (target - first).multipliedFullWidth(by: UInt64(high))
        // The quotient is at most `high`, since target - first <= last - first.
        let guess = Int((last - first).dividingFullWidth(product).quotient)
        var step = 1
        if hash(guess, in: body) < target {
            low = guess
            while low + step < high, hash(low + step, in: body) < target {
                low += step
                step *= 2
            }
            high = min(high, low + step)
        } else {
            high = guess
            while high - step > low, hash(high - step, in: body) >= target {
                high -= step
                step *= 2
            }
            low = max(low, high - step)
        }
        while high - low > 1 {
            let middle = (low + high) / 2
            if hash(middle, in: body) < target { low = middle } else { high = middle }
        }
        return high
    }

    /// Within the group of children with this hash, which starts at `start`: skip what all of its
    /// separators share, compare digests, and only on a tie the bytes.
    private func firstInGroup(
        from start: Int,
        hash: UInt64,
        notBefore key: RawSpan,
        in body: RawSpan
    ) -> Int {
        let hashSize = IndexPieceFormat.hashSize
        let end = endOfGroup(from: start, hash: hash, in: body)
        let skip = skip(start, in: body)
        if skip > 0 {
            let shared = body.extracting(separator(start, in: body))
                .extracting(hashSize..<(hashSize + skip))
            let rest = key.extracting(droppingFirst: hashSize)
            let order = KeyOrder.compare(rest.extracting(first: skip), shared)
            if order != 0 { return order < 0 ? start : end }
        }
        let digest = IndexPieceFormat.digest(key, from: hashSize + skip)
        var low = start
        var high = end
        while low < high {
            let middle = (low + high) / 2
            if isSeparator(middle, before: key, digest: digest, in: body) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func isSeparator(
        _ index: Int,
        before key: RawSpan,
        digest: UInt64,
        in body: RawSpan
    ) -> Bool {
        let own = self.digest(index, in: body)
        guard own == digest else { return own < digest }
        return KeyOrder.compare(body.extracting(separator(index, in: body)), key) < 0
    }

    private func endOfGroup(from start: Int, hash: UInt64, in body: RawSpan) -> Int {
        var low = start
        var step = 1
        while low + step < count, self.hash(low + step, in: body) == hash {
            low += step
            step *= 2
        }
        var high = min(count, low + step)
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.hash(middle, in: body) == hash { low = middle } else { high = middle }
        }
        return high
    }
}
