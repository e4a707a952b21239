internal import ShaleBytes

/// Collects entries in ascending order and lays them out as the body of a data block.
///
/// The prefix that all keys share is known only with the last key, so keys and values are kept apart
/// until `finish`. Bounded by one block: the caller asks `hasRoom` first. All memory is kept for the
/// next block.
struct DataBlockBuilder: Sendable {
    private struct Entry {
        var keyEnd: Int
        var valueEnd: Int
        var isTombstone: Bool
        var tag: UInt8
    }

    private let targetSize: Int
    private var keys: [UInt8] = []
    private var values: [UInt8] = []
    private var entries: [Entry] = []
    private var firstKey: [UInt8] = []
    private(set) var lastKey: [UInt8] = []
    private var prefixLength = 0
    /// Bytes that varints and values take, and tags and narrow offsets.
    private var layoutSize = 0

    init(targetSize: Int) { self.targetSize = targetSize }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// Whether the block with one more entry is still within its target size.
    func hasRoom(for key: [UInt8], valueSize: Int) -> Bool {
        guard !isEmpty else { return true }
        guard count < DataBlockFormat.largestCount else { return false }
        let shared = sharedPrefix(with: key)
        let body =
            DataBlockFormat.prefixOffset + shared + keys.count + key.count - (count + 1) * shared
            + layoutSize + Self.layoutSize(keySize: key.count, valueSize: valueSize)
        return body <= targetSize
    }

    /// Adds an entry; its key must be greater than the last one.
    mutating func append(key: [UInt8], tag: UInt8, value: RawSpan, isTombstone: Bool) {
        if isEmpty {
            firstKey.replaceAll(with: key)
            prefixLength = key.count
        } else {
            prefixLength = sharedPrefix(with: key)
        }
        lastKey.replaceAll(with: key)
        keys.append(contentsOf: key)
        values.append(bytesOf: value)
        entries.append(
            Entry(
                keyEnd: keys.count,
                valueEnd: values.count,
                isTombstone: isTombstone,
                tag: tag
            )
        )
        layoutSize += Self.layoutSize(keySize: key.count, valueSize: value.byteCount)
    }

    /// The body; the builder is empty afterwards.
    mutating func finish() -> [UInt8] {
        precondition(!isEmpty, "a block has an entry")
        let entriesSize = entriesSize()
        let fixed = DataBlockFormat.prefixOffset + prefixLength + count * DataBlockFormat.tagSize
        let narrow = fixed + count * DataBlockFormat.narrowOffsetSize + entriesSize
        let width = DataBlockFormat.offsetSize(bodySize: narrow)
        let entriesOffset = fixed + count * width
        var body: [UInt8] = []
        body.reserveCapacity(entriesOffset + entriesSize)
        body.append(integer: UInt16(count))
        body.append(integer: UInt16(prefixLength))
        body.append(contentsOf: firstKey[..<prefixLength])
        for entry in entries { body.append(entry.tag) }
        appendOffsets(to: &body, width: width, from: entriesOffset)
        appendEntries(to: &body)
        precondition(body.count == entriesOffset + entriesSize, "sizes were computed as written")
        reset()
        return body
    }

    /// Visits each entry's place, in order.
    private func forEachEntry(
        _ body: (_ entry: Entry, _ suffix: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        var keyStart = 0
        var valueStart = 0
        for entry in entries {
            body(entry, (keyStart + prefixLength)..<entry.keyEnd, valueStart..<entry.valueEnd)
            keyStart = entry.keyEnd
            valueStart = entry.valueEnd
        }
    }

    private func entriesSize() -> Int {
        var size = 0
        forEachEntry { size += Self.headerSize($1, $2, $0) + $1.count + $2.count }
        return size
    }

    private func appendOffsets(to body: inout [UInt8], width: Int, from start: Int) {
        var offset = start
        forEachEntry {
            if width == DataBlockFormat.narrowOffsetSize {
                body.append(integer: UInt16(offset))
            } else {
                body.append(integer: UInt32(offset))
            }
            offset += Self.headerSize($1, $2, $0) + $1.count + $2.count
        }
    }

    private func appendEntries(to body: inout [UInt8]) {
        forEachEntry {
            body.append(varint: $1.count)
            body.append(varint: Self.lengthAndKind($2.count, $0))
            body.append(contentsOf: keys[$1])
            body.append(contentsOf: values[$2])
        }
    }

    private mutating func reset() {
        keys.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        prefixLength = 0
        layoutSize = 0
    }

    private func sharedPrefix(with key: [UInt8]) -> Int {
        // Safety: every bit pattern of a byte is a byte.
        min(prefixLength, unsafe KeyOrder.commonPrefix(firstKey.span.bytes, key.span.bytes))
    }

    /// What an entry takes besides its key, nearly: the varint of the key is taken for the whole key.
    private static func layoutSize(keySize: Int, valueSize: Int) -> Int {
        DataBlockFormat.tagSize + DataBlockFormat.narrowOffsetSize + valueSize
            + DataBlockFormat.varintSize(keySize)
            + DataBlockFormat.varintSize(valueSize << DataBlockFormat.kindBits)
    }

    private static func headerSize(
        _ suffix: Range<Int>,
        _ value: Range<Int>,
        _ entry: Entry
    ) -> Int {
        DataBlockFormat.varintSize(suffix.count)
            + DataBlockFormat.varintSize(lengthAndKind(value.count, entry))
    }

    private static func lengthAndKind(_ valueSize: Int, _ entry: Entry) -> Int {
        valueSize << DataBlockFormat.kindBits
            | (entry.isTombstone ? DataBlockFormat.tombstoneKind : DataBlockFormat.valueKind)
    }
}

extension [UInt8] {
    /// Becomes a copy of `other` in the memory that it has.
    @inline(__always)
    mutating func replaceAll(with other: [UInt8]) {
        removeAll(keepingCapacity: true)
        append(contentsOf: other)
    }
}
