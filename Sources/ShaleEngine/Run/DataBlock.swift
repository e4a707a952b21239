/// Reads the body of a data block.
///
/// `init` checks the whole structure once, when a block comes from disk; afterwards every read of an
/// entry is within bounds by construction and nothing can fail. That keys ascend is checked by
/// `RunFileVerifier` only: if they did not, a search would miss, but never trap.
struct DataBlock: Sendable {
    /// Where an entry's parts lie in the body.
    struct Entry {
        var suffix: Range<Int>
        var value: Range<Int>
        var kind: EntryKind

        @inline(__always)
        var isTombstone: Bool { kind == .tombstone }
    }

    let count: Int
    let prefixLength: Int
    private let offsetSize: Int

    private var tagsOffset: Int { DataBlockFormat.prefixOffset + prefixLength }
    private var offsetsOffset: Int { tagsOffset + count * DataBlockFormat.tagSize }
    private var entriesOffset: Int { offsetsOffset + count * offsetSize }
    var prefixRange: Range<Int> { DataBlockFormat.prefixOffset..<tagsOffset }

    /// The layout of `body`, or the reason why it is not a data block.
    init(checking body: RawSpan) throws(MalformedPiece) {
        guard body.byteCount >= DataBlockFormat.prefixOffset else {
            throw MalformedPiece("a data block of \(body.byteCount) bytes has no header")
        }
        count = Int(body.integer(UInt16.self, at: DataBlockFormat.countOffset))
        prefixLength = Int(body.integer(UInt16.self, at: DataBlockFormat.prefixLengthOffset))
        offsetSize = DataBlockFormat.offsetSize(bodySize: body.byteCount)
        guard count > 0 else { throw MalformedPiece("a data block without entries") }
        guard entriesOffset <= body.byteCount else {
            throw MalformedPiece("the tags and offsets of a data block do not fit into it")
        }
        var next = entriesOffset
        for index in 0..<count {
            guard offset(of: index, in: body) == next else {
                throw MalformedPiece("entry \(index) is not where its offset says")
            }
            next = try Self.endOfEntry(at: next, in: body)
        }
        guard next == body.byteCount else {
            throw MalformedPiece("\(body.byteCount - next) bytes behind the last entry")
        }
    }

    /// The layout as two words of a frame.
    var words: (UInt64, UInt64) {
        (UInt64(count) << 32 | UInt64(prefixLength), UInt64(offsetSize))
    }

    /// The layout that `words` gave.
    @inline(__always)
    init(words: (UInt64, UInt64)) {
        count = Int(words.0 >> 32)
        prefixLength = Int(words.0 & 0xFFFF_FFFF)
        offsetSize = Int(words.1)
    }

    private static func endOfEntry(
        at start: Int,
        in body: RawSpan
    ) throws(MalformedPiece) -> Int {
        var position = start
        guard let suffix = checkedVarint(in: body, at: &position),
            let tagged = checkedVarint(in: body, at: &position)
        else { throw MalformedPiece("the lengths of an entry at \(start) are cut off") }
        let value = tagged >> DataBlockFormat.kindBits
        guard let kind = EntryKind(rawValue: tagged & (1 << DataBlockFormat.kindBits - 1)),
            kind.allows(valueSize: value)
        else { throw MalformedPiece("the kind of an entry at \(start) is unknown") }
        guard suffix + value <= body.byteCount - position else {
            throw MalformedPiece("an entry at \(start) reaches over the end of its block")
        }
        return position + suffix + value
    }

    /// A varint of at most five bytes, so that no sum of two can overflow.
    private static func checkedVarint(in body: RawSpan, at position: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard position < body.byteCount else { return nil }
            let byte = Int(body.byte(at: position))
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    @inline(__always)
    private static func varint(in body: RawSpan, at position: inout Int) -> Int {
        var byte = Int(body.byte(at: position))
        position += 1
        if byte < 0x80 { return byte }
        var value = byte & 0x7F
        var shift = 7
        repeat {
            byte = Int(body.byte(at: position))
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
        } while byte >= 0x80
        return value
    }

    @inline(__always)
    private func offset(of index: Int, in body: RawSpan) -> Int {
        let position = offsetsOffset + index * offsetSize
        return offsetSize == DataBlockFormat.narrowOffsetSize
            ? Int(body.integer(UInt16.self, at: position))
            : Int(body.integer(UInt32.self, at: position))
    }

    /// The entry with this index.
    ///
    /// The body must be the one that was checked.
    @inline(__always)
    func entry(_ index: Int, in body: RawSpan) -> Entry {
        precondition(index >= 0 && index < count, "an index of an entry")
        var position = offset(of: index, in: body)
        let suffixLength = Self.varint(in: body, at: &position)
        let tagged = Self.varint(in: body, at: &position)
        let valueStart = position + suffixLength
        let kind = EntryKind(rawValue: tagged & (1 << DataBlockFormat.kindBits - 1))
        return Entry(
            suffix: position..<valueStart,
            value: valueStart..<(valueStart + tagged >> DataBlockFormat.kindBits),
            kind: kind ?? .value
        )
    }

    /// The tag of an entry.
    func tag(_ index: Int, in body: RawSpan) -> UInt8 { body.byte(at: tagsOffset + index) }

    /// The whole key of an entry, written over `key`.
    func copyKey(of entry: Entry, in body: RawSpan, to key: inout [UInt8]) {
        key.removeAll(keepingCapacity: true)
        key.append(bytesOf: body.extracting(prefixRange))
        key.append(bytesOf: body.extracting(entry.suffix))
    }

    /// The entry with this key, if there is one.
    ///
    /// `keyHash` is `RunFormat.keyHash` of the key.
    func find(_ key: RawSpan, keyHash: UInt64, in body: RawSpan) -> Entry? {
        index(of: key, keyHash: keyHash, in: body).map { entry($0, in: body) }
    }

    /// The index of the entry with this key, if there is one.
    @inline(__always)
    func index(of key: RawSpan, keyHash: UInt64, in body: RawSpan) -> Int? {
        guard key.byteCount >= prefixLength,
            KeyOrder.commonPrefix(key, body.extracting(prefixRange)) == prefixLength
        else { return nil }
        let suffix = key.extracting(droppingFirst: prefixLength)
        let tag = UInt8(truncatingIfNeeded: keyHash)
        var index = 0
        while let match = nextMatch(of: tag, from: index, in: body) {
            let candidate = entry(match, in: body)
            if candidate.suffix.count == suffix.byteCount,
                KeyOrder.compare(body.extracting(candidate.suffix), suffix) == 0
            {
                return match
            }
            index = match + 1
        }
        return nil
    }

    /// The first entry from `start` on whose tag is `tag`: eight tags at a time.
    private func nextMatch(of tag: UInt8, from start: Int, in body: RawSpan) -> Int? {
        let low: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let pattern = UInt64(tag) &* low
        var index = start
        while index + 8 <= count {
            let word = body.integer(UInt64.self, at: tagsOffset + index) ^ pattern
            // The lowest set bit belongs to the first byte that is zero.
            let zeros = (word &- low) & ~word & high
            if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count {
            if body.byte(at: tagsOffset + index) == tag { return index }
            index += 1
        }
        return nil
    }

    /// The index of the first entry whose key is at least `key`; `count` if there is none.
    func lowerBound(_ key: RawSpan, in body: RawSpan) -> Int {
        let prefix = body.extracting(prefixRange)
        let shared = KeyOrder.commonPrefix(key, prefix)
        guard shared == prefixLength else {
            let isBefore = shared == key.byteCount || key.byte(at: shared) < prefix.byte(at: shared)
            return isBefore ? 0 : count
        }
        let suffix = key.extracting(droppingFirst: prefixLength)
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let candidate = body.extracting(entry(middle, in: body).suffix)
            if KeyOrder.compare(candidate, suffix) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Bytes that passed their checksum and are still not what they should be: a defect of the writer,
/// or bytes made up by someone.
///
/// Becomes an `EngineError` with file and offset.
struct MalformedPiece: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
