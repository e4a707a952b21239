internal import ShaleBytes

/// The key of an entry as it is stored and compared: entries are in the order of these bytes.
///
///     offset  size  field
///          0     8  XXH3-64 of the partition key with the table's seed, big-endian
///          8     2  P, the length of the partition key, big-endian
///         10     P  partition key
///     10 + P     *  sort key
///
/// So entries of one partition key lie together in the order of their sort keys, and there is no
/// meaningful order across partition keys. The table is not part of the key.
public struct EntryKey: Hashable, Sendable {
    static let lengthOffset = MemoryLayout<UInt64>.size
    static let partitionOffset = lengthOffset + MemoryLayout<UInt16>.size

    /// The stored bytes.
    public let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The key with which a range of one partition key begins.
    public init(prefix: [UInt8]) { bytes = prefix }

    /// The hash of the partition key, with which the key begins.
    public var partitionHash: UInt64 { Self.hash(of: bytes) }

    init(hash: UInt64, partition: [UInt8], sort: [UInt8]) {
        var writer = ByteWriter(
            reservingCapacity: Self.partitionOffset + partition.count + sort.count
        )
        writer.append(bigEndian: hash)
        writer.append(bigEndian: UInt16(clamping: partition.count))
        writer.append(partition)
        writer.append(sort)
        bytes = writer.take()
    }

    /// The sort key of an entry whose stored key bytes are `bytes`; empty if they are too short.
    public static func sort(in bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.count >= partitionOffset else { return [] }
        return bytes[min(bytes.count, partitionOffset + partitionLength(of: bytes))...]
    }

    /// The partition key of an entry whose stored key bytes are `bytes`; empty if they are too short.
    public static func partition(in bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.count >= partitionOffset else { return [] }
        let end = min(bytes.count, partitionOffset + partitionLength(of: bytes))
        return bytes[partitionOffset..<end]
    }

    /// The hash with which stored key bytes begin; zero-extended if they are shorter.
    static func hash(of bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0
        for index in 0..<lengthOffset {
            hash = hash << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0)
        }
        return hash
    }

    /// As above, of lent bytes.
    @inline(__always)
    static func hash(of bytes: RawSpan) -> UInt64 { IndexPieceFormat.digest(bytes, from: 0) }

    /// Whether stored key bytes, which have a partition key's length, have a sort key.
    @inline(__always)
    static func hasSort(_ bytes: RawSpan) -> Bool {
        let length = Int(bytes.integer(UInt16.self, at: lengthOffset).byteSwapped)
        return bytes.byteCount > partitionOffset + length
    }

    private static func partitionLength(of bytes: [UInt8]) -> Int {
        Int(bytes[lengthOffset]) << 8 | Int(bytes[lengthOffset + 1])
    }
}

/// A range of stored key bytes: from `lower` (inclusive) to `upper` (exclusive, nil is the end).
public struct EntryRange: Hashable, Sendable {
    /// The first key that can be inside; empty is the beginning.
    public var lower: [UInt8]
    /// The first key behind the range; nil is the end.
    public var upper: [UInt8]?

    /// The whole table.
    public static let all = EntryRange(lower: [], upper: nil)

    /// From `lower` (inclusive) to `upper` (exclusive).
    public init(lower: [UInt8], upper: [UInt8]?) {
        self.lower = lower
        self.upper = upper
    }

    /// All keys that begin with `prefix`.
    public init(prefix: [UInt8]) {
        lower = prefix
        upper = Self.successor(ofPrefix: prefix)
    }

    /// The `index`th of `count` equal parts of the hash space: for parallel scans.
    public init(segment index: Int, of count: Int) {
        precondition(count > 0 && index >= 0 && index < count, "a segment lies inside its total")
        lower = index == 0 ? [] : Self.boundary(index, count)
        upper = index == count - 1 ? nil : Self.boundary(index + 1, count)
    }

    /// The range behind `key`: keys greater than it.
    public func after(_ key: [UInt8]) -> EntryRange {
        EntryRange(lower: Swift.max(Bytes(lower), Bytes(key + [0])).bytes, upper: upper)
    }

    /// The range before `key`: keys less than it.
    public func before(_ key: [UInt8]) -> EntryRange {
        guard let upper, !key.lexicographicallyPrecedes(upper) else {
            return EntryRange(lower: lower, upper: key)
        }
        return EntryRange(lower: lower, upper: upper)
    }

    /// Whether `key` is inside.
    public func contains(_ key: [UInt8]) -> Bool {
        guard !key.lexicographicallyPrecedes(lower) else { return false }
        guard let upper else { return true }
        return key.lexicographicallyPrecedes(upper)
    }

    /// The least key that is greater than every key with this prefix; nil if there is none.
    static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < 0xFF {
                bytes.append(last + 1)
                return bytes
            }
        }
        return nil
    }

    private static func boundary(_ index: Int, _ count: Int) -> [UInt8] {
        let (high, _) = UInt64(count).dividingFullWidth((UInt64(index), 0))
        var writer = ByteWriter()
        writer.append(bigEndian: high)
        return writer.take()
    }

    private struct Bytes: Comparable {
        var bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        static func < (left: Bytes, right: Bytes) -> Bool {
            left.bytes.lexicographicallyPrecedes(right.bytes)
        }
    }
}
