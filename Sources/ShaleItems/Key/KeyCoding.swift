/// Encodes and decodes the values of key attributes, as `KeyFormat` draws them.
public enum KeyCoding {
    /// The bytes of one value.
    /// - Throws: `keyTypeMismatch` when it is no string, number or binary.
    public static func encode(_ value: AttributeValue) throws(ItemError) -> [UInt8] {
        var bytes: [UInt8] = []
        try append(value, to: &bytes)
        return bytes
    }

    /// Appends the bytes of one value, which further parts may follow.
    /// - Throws: `keyTypeMismatch` when it is no string, number or binary.
    public static func append(
        _ value: AttributeValue,
        to bytes: inout [UInt8]
    ) throws(ItemError) {
        switch value {
        case .number(let number): NumberFormat.append(number, to: &bytes)
        case .string, .binary:
            try appendPrefix(value, to: &bytes)
            bytes.append(KeyFormat.escape)
            bytes.append(KeyFormat.terminator)
        default: throw .noKey(value)
        }
    }

    /// Appends the bytes with which all strings or binaries begin that begin with `value`.
    /// - Throws: `keyTypeMismatch` when it is no string or binary.
    public static func appendPrefix(
        _ value: AttributeValue,
        to bytes: inout [UInt8]
    ) throws(ItemError) {
        switch value {
        case .string(let text):
            bytes.append(KeyFormat.string)
            appendEscaped(text.utf8Span.span, to: &bytes)
        case .binary(let binary):
            bytes.append(KeyFormat.binary)
            appendEscaped(binary.span, to: &bytes)
        default: throw .noKey(value)
        }
    }

    /// The first bytes that sort after everything that begins with `prefix`, or nil when nothing
    /// does.
    public static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 != 0xFF }) else { return nil }
        var bytes = Array(prefix[...last])
        bytes[last] += 1
        return bytes
    }

    /// The value of bytes that hold exactly one.
    /// - Throws: `malformedKey` with the offset.
    public static func decode(_ bytes: [UInt8]) throws(ItemError) -> AttributeValue {
        var offset = 0
        let value = try read(from: bytes.span, at: &offset)
        guard offset == bytes.count else { throw .malformedKey(offset, "bytes follow the value") }
        return value
    }

    /// Reads the value at `offset` and moves it behind the value.
    /// - Throws: `malformedKey` with the offset.
    public static func read(
        from bytes: Span<UInt8>,
        at offset: inout Int
    ) throws(ItemError) -> AttributeValue {
        guard offset >= 0, offset < bytes.count else {
            throw .malformedKey(offset, "it ends too early")
        }
        switch bytes[offset] {
        case KeyFormat.string:
            let start = offset
            let raw = try readEscaped(from: bytes, at: &offset)
            return .string(
                try rethrowing(start) { () throws(ItemError) in
                    try ItemScanner.text(0..<raw.count, of: raw.span)
                }
            )
        case KeyFormat.binary: return .binary(try readEscaped(from: bytes, at: &offset))
        case NumberFormat.negative, NumberFormat.zero, NumberFormat.positive:
            let start = offset
            var end = offset
            let number = try rethrowing(start) { () throws(ItemError) in
                try NumberFormat.read(from: bytes, at: &end)
            }
            offset = end
            return .number(number)
        default: throw .malformedKey(offset, "\(bytes[offset]) is no type of a key")
        }
    }

    private static func rethrowing<Value>(
        _ offset: Int,
        _ read: () throws(ItemError) -> Value
    ) throws(ItemError) -> Value {
        do throws(ItemError) {
            return try read()
        } catch {
            throw .malformedKey(offset, error.message)
        }
    }

    static func appendEscaped(_ raw: Span<UInt8>, to bytes: inout [UInt8]) {
        var start = 0
        for index in raw.indices where raw[index] == KeyFormat.escape {
            append(raw.extracting(start...index), to: &bytes)
            bytes.append(KeyFormat.escapedZero)
            start = index + 1
        }
        append(raw.extracting(start..<raw.count), to: &bytes)
    }

    private static func append(_ run: Span<UInt8>, to bytes: inout [UInt8]) {
        // Safety: the buffer is copied before the closure returns.
        unsafe run.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private static func readEscaped(
        from bytes: Span<UInt8>,
        at offset: inout Int
    ) throws(ItemError) -> [UInt8] {
        var raw: [UInt8] = []
        var index = offset + 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == KeyFormat.escape else {
                raw.append(byte)
                continue
            }
            guard index < bytes.count else { break }
            switch bytes[index] {
            case KeyFormat.terminator:
                offset = index + 1
                return raw
            case KeyFormat.escapedZero: raw.append(0)
            default: throw .malformedKey(index, "\(bytes[index]) is no escape")
            }
            index += 1
        }
        throw .malformedKey(bytes.count, "it ends too early")
    }
}

extension ItemError {
    fileprivate static func noKey(_ value: AttributeValue) -> ItemError {
        ItemError(.keyTypeMismatch, "A value of type \(value.type.rawValue) cannot be a key")
    }

    fileprivate static func malformedKey(_ offset: Int, _ why: String) -> ItemError {
        ItemError(.malformedKey, offset: offset, "The bytes of the key are damaged: \(why)")
    }
}
