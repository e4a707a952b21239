/// Writes JSON straight to bytes.
///
/// Commas come by themselves: one is due before a name or a value unless the last byte opened
/// something or was a colon. A string always ends with its quote, so the last byte tells.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init(reservingCapacity capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes behind what `bytes` holds, which is empty until `take` gives it back.
    package init(continuing bytes: inout [UInt8]) {
        self.bytes = bytes
        bytes = []
    }

    /// Gives away what was written.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Starts an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Starts an object behind whatever there is, without a comma: a line of its own.
    public mutating func beginLine() { bytes.append(UInt8(ascii: "{")) }
    /// Ends an object.
    public mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    /// Starts an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Ends an array.
    public mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Writes the name of the member whose value comes next.
    public mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        _ = escaped(text.utf8Span.span)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes bytes as a base64 string.
    public mutating func base64(_ data: some Collection<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(data, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes bytes as a base64 string.
    mutating func base64(_ data: Span<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(data, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string of what `body` appends, which needs no escapes.
    mutating func quoted<Failure: Error>(
        _ body: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        try body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes stored text; false when it is not UTF-8.
    mutating func string(utf8 text: Span<UInt8>) -> Bool {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let isASCII = escaped(text)
        bytes.append(UInt8(ascii: "\""))
        return isASCII || (try? UTF8Span(validating: text)) != nil
    }

    /// Starts an object of one member and writes its name, which needs no escapes.
    mutating func open(member name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        bytes.append(UInt8(ascii: "\""))
        // Safety: the buffer is the literal's own, and is copied before the closure returns.
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Ends what `open(member:)` or `name(_:)` begins with a colon.
    mutating func colon() { bytes.append(UInt8(ascii: ":")) }

    /// Writes a boolean.
    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    /// Writes null.
    public mutating func null() { raw("null") }
    /// Writes a whole number.
    public mutating func integer(_ value: Int) { raw(String(value)) }

    /// Writes a finite number, the shortest text that reads back as it.
    public mutating func double(_ value: Double) {
        precondition(value.isFinite, "JSON has no infinities")
        raw(value.description)
    }

    /// Writes bytes that are a JSON value already.
    public mutating func value(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Writes an array whose elements, with commas between, were written before.
    package mutating func array(finished elements: [UInt8]) {
        beginArray()
        bytes.append(contentsOf: elements)
        endArray()
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
    }

    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    /// Appends text, runs of plain characters as they are; whether all of it is ASCII.
    mutating func escaped(_ text: Span<UInt8>) -> Bool {
        var start = 0
        var index = 0
        var highBits: UInt8 = 0
        // Safety: every bit pattern of a byte is a byte.
        let words = unsafe text.bytes
        while index < text.count {
            if text.count - index >= 8 {
                // Safety: eight bytes are inside, and every bit pattern is an integer.
                let word = unsafe UInt64(
                    littleEndian: words.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                )
                let special = ByteLanes.special(word)
                index += special == 0 ? 8 : special.trailingZeroBitCount / 8
                guard special != 0 else { continue }
            }
            let byte = text[index]
            highBits |= byte
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(text.extracting(start..<index))
                escape(byte)
                start = index + 1
            }
            index += 1
        }
        append(text.extracting(start..<text.count))
        return highBits < 0x80
    }

    mutating func append(_ span: Span<UInt8>) {
        // Safety: the buffer is copied before the closure returns.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(Hexadecimal.digits[Int(byte >> 4)])
            bytes.append(Hexadecimal.digits[Int(byte & 15)])
        }
    }
}
