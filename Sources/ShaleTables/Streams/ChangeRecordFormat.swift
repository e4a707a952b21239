internal import ShaleBytes
internal import ShaleEngine
internal import ShaleItems

/// A record of a stream, as it stands under its stamped key. Little-endian:
///
///     offset  size     field
///          0     1     version, 1
///          1     1     event: 1 insert, 2 modify, 3 remove
///          2     1     flags: bit 0, there is a new image; bit 1, an old one; bit 2, deleted because it had expired
///          3     1     what the stream keeps: 1 keys, 2 new image, 3 old image, 4 both
///          4     8     when: milliseconds since 1970-01-01 UTC
///         12  varint   K, length of the keys
///              K       keys, an item as `ItemFormat` draws it
///           varint, N  new image, if there is one
///           varint, O  old image, if there is one
///
/// The entry's partition key is the shard's slot (2 bytes, big-endian), its sort key is its `Stamp`.
enum ChangeRecordFormat {
    static let version: UInt8 = 1
    static let timeOffset = 4
    static let headerSizeBytes = 12
    private static let newFlag: UInt8 = 1
    private static let oldFlag: UInt8 = 2
    private static let expiryFlag: UInt8 = 4

    /// What a write did, with the images' bytes.
    struct Change {
        var event: ChangeRecord.Event
        var viewType: StreamSpecification.ViewType
        var milliseconds: Int64
        var isExpiry: Bool
        var keys: [UInt8]
        var newImage: [UInt8]?
        var oldImage: [UInt8]?
    }

    static func encode(_ change: Change) -> [UInt8] {
        let images = [change.newImage, change.oldImage].compactMap(\.self)
        let size = images.reduce(change.keys.count + 32) { $0 + $1.count }
        var writer = ByteWriter(reservingCapacity: size)
        writer.append(version)
        writer.append(change.event.number)
        var flags: UInt8 = change.newImage == nil ? 0 : newFlag
        if change.oldImage != nil { flags |= oldFlag }
        if change.isExpiry { flags |= expiryFlag }
        writer.append(flags)
        writer.append(change.viewType.number)
        writer.append(integer: change.milliseconds)
        writer.append(lengthPrefixed: change.keys)
        for image in images { writer.append(lengthPrefixed: image) }
        return writer.take()
    }

    /// When a record was written; nil where it is none.
    static func milliseconds(of bytes: [UInt8]) -> Int64? {
        guard bytes.count >= headerSizeBytes, bytes[0] == version else { return nil }
        let word = bytes[timeOffset..<headerSizeBytes].reversed().reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        return Int64(bitPattern: word)
    }

    /// Reads a record; total.
    static func decode(
        _ bytes: [UInt8],
        at sequence: StreamSequence
    ) throws(DatabaseError) -> ChangeRecord {
        guard let milliseconds = milliseconds(of: bytes),
            let event = ChangeRecord.Event.allCases.first(where: { $0.number == bytes[1] }),
            let viewType = StreamSpecification.ViewType.allCases.first(where: {
                $0.number == bytes[3]
            })
        else { throw .damaged("stream", "a record's header is malformed") }
        let flags = bytes[2]
        var rest = bytes[headerSizeBytes...]
        let record = ChangeRecord(
            sequence: sequence,
            milliseconds: milliseconds,
            event: event,
            viewType: viewType,
            keys: try item(&rest),
            newImage: flags & newFlag == 0 ? nil : try item(&rest),
            oldImage: flags & oldFlag == 0 ? nil : try item(&rest),
            isExpiry: flags & expiryFlag != 0
        )
        guard rest.isEmpty else { throw .damaged("stream", "a record is longer than it says") }
        return record
    }

    private static func item(_ rest: inout ArraySlice<UInt8>) throws(DatabaseError) -> Item {
        var length = 0
        var shift = 0
        while true {
            guard let byte = rest.popFirst(), shift < 35 else {
                throw .damaged("stream", "a record ends too early")
            }
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        guard length <= rest.count else { throw .damaged("stream", "a record ends too early") }
        defer { rest = rest.dropFirst(length) }
        return try StoredItem.decode(Array(rest.prefix(length)))
    }
}

extension ChangeRecord.Event {
    /// The number on disk; never to be changed.
    fileprivate var number: UInt8 {
        switch self {
        case .insert: 1
        case .modify: 2
        case .remove: 3
        }
    }
}

extension StreamSpecification.ViewType {
    /// The number on disk; never to be changed.
    fileprivate var number: UInt8 {
        switch self {
        case .keysOnly: 1
        case .newImage: 2
        case .oldImage: 3
        case .newAndOldImages: 4
        }
    }

    var keepsNewImage: Bool { self == .newImage || self == .newAndOldImages }
    var keepsOldImage: Bool { self == .oldImage || self == .newAndOldImages }
}
