internal import ShaleBytes

/// Collects entries in ascending order and lays them out as the body of a data block.
///
/// The prefix that all keys share is known only with the last key, so entries wait, each key with its
/// value behind it, until `finish` copies them to their places. Bounded by one block: the caller asks
/// `hasRoom` first. All memory is kept for the next block.
struct DataBlockBuilder: ~Copyable, Sendable {
    private struct Entry {
        /// Where the key begins; its value follows it.
        var start: Int
        var keySize: Int
        /// Value length and kind, as they are stored.
        var tagged: Int
        var tag: UInt8
    }

    private let targetSize: Int
    private var staged = ByteBuffer()
    private var entries: [Entry] = []
    private var laidOut = ByteBuffer()
    private var prefixLength = 0
    private var keyBytes = 0
    /// Bytes that varints and values take, and tags and narrow offsets.
    private var layoutSize = 0

    init(targetSize: Int) { self.targetSize = targetSize }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// The key added last, valid until the next one is added; empty in an empty block.
    var lastKey: LentBytes {
        guard let last = entries.last else { return LentBytes() }
        return staged.lent(last.start..<(last.start + last.keySize))
    }

    private var firstKey: LentBytes {
        guard let first = entries.first else { return LentBytes() }
        return staged.lent(0..<first.keySize)
    }

    /// Whether the block with one more entry is still within its target size.
    func hasRoom(for key: LentBytes, valueSize: Int) -> Bool {
        guard !isEmpty else { return true }
        guard count < DataBlockFormat.largestCount else { return false }
        let shared = min(prefixLength, LentBytes.commonPrefix(firstKey, key))
        let body =
            DataBlockFormat.prefixOffset + shared + keyBytes + key.count - (count + 1) * shared
            + layoutSize + Self.layoutSize(keySize: key.count, valueSize: valueSize)
        return body <= targetSize
    }

    /// Adds an entry; its key must be greater than the last one.
    mutating func append(key: LentBytes, tag: UInt8, value: LentBytes, kind: EntryKind) {
        prefixLength =
            isEmpty ? key.count : min(prefixLength, LentBytes.commonPrefix(firstKey, key))
        entries.append(
            Entry(
                start: staged.count,
                keySize: key.count,
                tagged: value.count << DataBlockFormat.kindBits | kind.rawValue,
                tag: tag
            )
        )
        staged.append(key)
        staged.append(value)
        keyBytes += key.count
        layoutSize += Self.layoutSize(keySize: key.count, valueSize: value.count)
    }

    /// Lays out the body and empties the block.
    /// - Returns: the body, valid until the next call of anything.
    mutating func finish() -> LentBytes {
        precondition(!isEmpty, "a block has an entry")
        let entriesSize = entriesSize()
        let fixed = DataBlockFormat.prefixOffset + prefixLength + count * DataBlockFormat.tagSize
        let narrow = fixed + count * DataBlockFormat.narrowOffsetSize + entriesSize
        let width = DataBlockFormat.offsetSize(bodySize: narrow)
        let entriesOffset = fixed + count * width
        laidOut.removeAll()
        laidOut.reserve(entriesOffset + entriesSize)
        laidOut.append(integer: UInt16(count))
        laidOut.append(integer: UInt16(prefixLength))
        laidOut.append(staged.lent(0..<prefixLength))
        for entry in entries { laidOut.append(entry.tag) }
        appendOffsets(width: width, from: entriesOffset)
        appendEntries()
        precondition(laidOut.count == entriesOffset + entriesSize, "sizes were computed as written")
        reset()
        return laidOut.lent
    }

    private func sizeBytes(of entry: Entry) -> Int {
        let suffix = entry.keySize - prefixLength
        return DataBlockFormat.varintSize(suffix) + DataBlockFormat.varintSize(entry.tagged)
            + suffix + entry.tagged >> DataBlockFormat.kindBits
    }

    private func entriesSize() -> Int {
        var size = 0
        for entry in entries { size += sizeBytes(of: entry) }
        return size
    }

    private mutating func appendOffsets(width: Int, from start: Int) {
        var offset = start
        for entry in entries {
            if width == DataBlockFormat.narrowOffsetSize {
                laidOut.append(integer: UInt16(offset))
            } else {
                laidOut.append(integer: UInt32(offset))
            }
            offset += sizeBytes(of: entry)
        }
    }

    private mutating func appendEntries() {
        for entry in entries {
            let suffix = entry.start + prefixLength
            let valueSize = entry.tagged >> DataBlockFormat.kindBits
            laidOut.append(varint: entry.keySize - prefixLength)
            laidOut.append(varint: entry.tagged)
            laidOut.append(staged.lent(suffix..<(entry.start + entry.keySize + valueSize)))
        }
    }

    private mutating func reset() {
        staged.removeAll()
        entries.removeAll(keepingCapacity: true)
        prefixLength = 0
        keyBytes = 0
        layoutSize = 0
    }

    /// What an entry takes besides its key, nearly: the varint of the key is taken for the whole key.
    private static func layoutSize(keySize: Int, valueSize: Int) -> Int {
        DataBlockFormat.tagSize + DataBlockFormat.narrowOffsetSize + valueSize
            + DataBlockFormat.varintSize(keySize)
            + DataBlockFormat.varintSize(valueSize << DataBlockFormat.kindBits)
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
