internal import ShaleBytes

/// Goes once through the entries of a data block's body, from the first to the last.
///
/// Total: bytes that are no data block are refused, never trapped on. Tags and offsets serve readers that
/// search, and are not looked at here.
struct BlockEntries: Sendable {
    /// Where an entry's parts lie in the body.
    struct Entry {
        var suffix: Range<Int>
        var value: Range<Int>
        var kind: EntryKind
    }

    /// How many entries are still to come.
    private(set) var remaining: Int
    /// The bytes with which every key begins.
    let prefix: Range<Int>
    private var position: Int

    /// Before the first entry of `body`.
    init(_ body: LentBytes) throws(MalformedPiece) {
        guard body.count >= DataBlockFormat.prefixOffset else {
            throw MalformedPiece("a data block of \(body.count) bytes has no header")
        }
        remaining = Int(body.integer(UInt16.self, at: DataBlockFormat.countOffset))
        let prefixLength = Int(body.integer(UInt16.self, at: DataBlockFormat.prefixLengthOffset))
        prefix = DataBlockFormat.prefixOffset..<(DataBlockFormat.prefixOffset + prefixLength)
        let offsetSize = DataBlockFormat.offsetSize(bodySize: body.count)
        position = prefix.upperBound + remaining * (DataBlockFormat.tagSize + offsetSize)
        guard remaining > 0 else { throw MalformedPiece("a data block without entries") }
        guard position <= body.count else {
            throw MalformedPiece("the tags and offsets of a data block do not fit into it")
        }
    }

    /// The next entry; nil behind the last one.
    @inline(__always)
    mutating func next(in body: LentBytes) throws(MalformedPiece) -> Entry? {
        guard remaining > 0 else {
            guard position == body.count else {
                throw MalformedPiece("\(body.count - position) bytes behind the last entry")
            }
            return nil
        }
        let start = position
        let suffixSize = try varint(in: body)
        let tagged = try varint(in: body)
        let valueSize = tagged >> DataBlockFormat.kindBits
        guard let kind = EntryKind(rawValue: tagged & (1 << DataBlockFormat.kindBits - 1)),
            kind.allows(valueSize: valueSize)
        else { throw MalformedPiece("the kind of an entry at \(start) is unknown") }
        guard suffixSize + valueSize <= body.count - position else {
            throw MalformedPiece("an entry at \(start) reaches over the end of its block")
        }
        let valueStart = position + suffixSize
        defer {
            position = valueStart + valueSize
            remaining -= 1
        }
        return Entry(
            suffix: position..<valueStart,
            value: valueStart..<(valueStart + valueSize),
            kind: kind
        )
    }

    /// A varint of at most five bytes, so that no sum of two can overflow.
    @inline(__always)
    private mutating func varint(in body: LentBytes) throws(MalformedPiece) -> Int {
        var value = 0
        var shift = 0
        while shift < 35, position < body.count {
            let byte = Int(body[position])
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw MalformedPiece("the lengths of an entry are cut off at \(position)")
    }
}
