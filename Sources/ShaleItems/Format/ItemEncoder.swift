/// Writes the bytes that `ItemFormat` draws.
public enum ItemEncoder {
    /// The bytes of an item.
    /// - Throws: `nestingTooDeep`.
    public static func encode(_ item: Item) throws(ItemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Names, values, and about three bytes of lengths for each attribute.
        bytes.reserveCapacity(1 + item.sizeBytes + 4 * item.count)
        try append(item, to: &bytes)
        return bytes
    }

    /// Appends the bytes of an item.
    /// - Throws: `nestingTooDeep`; part of the item may then have been appended.
    public static func append(_ item: Item, to bytes: inout [UInt8]) throws(ItemError) {
        bytes.append(ItemFormat.version)
        try appendAttributes(item, level: 0, to: &bytes)
    }

    /// Appends the bytes of a value.
    /// - Throws: `nestingTooDeep`; part of the value may then have been appended.
    static func append(_ value: AttributeValue, to bytes: inout [UInt8]) throws(ItemError) {
        try append(value, level: 0, to: &bytes)
    }

    private static func appendAttributes(
        _ map: AttributeMap,
        level: Int,
        to bytes: inout [UInt8]
    ) throws(ItemError) {
        for entry in map.entries {
            appendText(entry.name, to: &bytes)
            try append(entry.value, level: level, to: &bytes)
        }
    }

    private static func append(
        _ value: AttributeValue,
        level: Int,
        to bytes: inout [UInt8]
    ) throws(ItemError) {
        switch value {
        case .string(let text):
            appendTag(.string, length: text.utf8.count, to: &bytes)
            appendUTF8(text, to: &bytes)
        case .binary(let binary):
            appendTag(.binary, length: binary.count, to: &bytes)
            bytes.append(contentsOf: binary)
        case .bool(let flag):
            appendTag(flag ? .trueBool : .falseBool, length: 0, to: &bytes)
        case .null:
            appendTag(.null, length: 0, to: &bytes)
        case .number(let number):
            appendPayload(.number, to: &bytes) { NumberFormat.append(number, to: &$0) }
        case .list(let list):
            try AttributeValue.requireLevel(level + 1)
            try appendPayload(.list, to: &bytes) { (bytes) throws(ItemError) in
                for value in list { try append(value, level: level + 1, to: &bytes) }
            }
        case .map(let map):
            try AttributeValue.requireLevel(level + 1)
            try appendPayload(.map, to: &bytes) { (bytes) throws(ItemError) in
                try appendAttributes(map, level: level + 1, to: &bytes)
            }
        case .stringSet(let set):
            appendPayload(.stringSet, to: &bytes) { bytes in
                for text in SetOrder.sorted(set) { appendText(text, to: &bytes) }
            }
        case .numberSet(let set):
            appendPayload(.numberSet, to: &bytes) { bytes in
                for number in set.sorted() { NumberFormat.append(number, to: &bytes) }
            }
        case .binarySet(let set):
            appendPayload(.binarySet, to: &bytes) { bytes in
                for element in SetOrder.sorted(set) {
                    appendVarint(element.count, to: &bytes)
                    bytes.append(contentsOf: element)
                }
            }
        }
    }

    private static func appendText(_ text: String, to bytes: inout [UInt8]) {
        appendVarint(text.utf8.count, to: &bytes)
        appendUTF8(text, to: &bytes)
    }

    private static func appendUTF8(_ text: String, to bytes: inout [UInt8]) {
        // Safety: the buffer is copied before the closure returns.
        unsafe text.utf8Span.span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private static func appendTag(_ kind: ItemFormat.Kind, length: Int, to bytes: inout [UInt8]) {
        let short = min(length, ItemFormat.longLength)
        bytes.append(kind.rawValue | UInt8(short) << ItemFormat.lengthShift)
        if short == ItemFormat.longLength { appendVarint(length, to: &bytes) }
    }

    /// Appends a payload whose length is known only when it is written.
    private static func appendPayload<Failure: Error>(
        _ kind: ItemFormat.Kind,
        to bytes: inout [UInt8],
        _ write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let tag = bytes.count
        bytes.append(0)
        try write(&bytes)
        let length = bytes.count - tag - 1
        let short = min(length, ItemFormat.longLength)
        bytes[tag] = kind.rawValue | UInt8(short) << ItemFormat.lengthShift
        if short == ItemFormat.longLength {
            // Moves the payload by the one to three bytes of its length: less than measuring it
            // first.
            var prefix: [UInt8] = []
            appendVarint(length, to: &prefix)
            bytes.insert(contentsOf: prefix, at: tag + 1)
        }
    }

    private static func appendVarint(_ value: Int, to bytes: inout [UInt8]) {
        var rest = UInt(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
