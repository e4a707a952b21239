/// A place in a text that is being read: paths and calls of functions are read with it.
struct TextScanner {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { offset == bytes.count }

    func error(_ reason: String) -> PathError { PathError(offset: offset, reason: reason) }

    func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The text between a place and here.
    func text(from start: Int) -> String {
        String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func skipSpaces() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            offset += 1
        }
    }

    /// Takes a text if it stands here.
    mutating func take(_ text: String) -> Bool {
        let wanted = text.utf8
        guard bytes.count - offset >= wanted.count,
            bytes[offset..<(offset + wanted.count)].elementsEqual(wanted)
        else { return false }
        offset += wanted.count
        return true
    }

    mutating func takeWhile(_ isWanted: (UInt8) -> Bool) -> String {
        let start = offset
        while let byte = peek(), isWanted(byte) { offset += 1 }
        return text(from: start)
    }

    /// Takes an integer with or without a sign; nil where none stands.
    mutating func takeInteger() throws(PathError) -> Int? {
        let start = offset
        let isNegative = take("-")
        let digits = takeWhile { $0 &- UInt8(ascii: "0") < 10 }
        guard !digits.isEmpty else {
            offset = start
            return nil
        }
        guard let value = Int32(isNegative ? "-" + digits : digits) else {
            throw error("a number is too large")
        }
        return Int(value)
    }

    /// Reads a text in single or double quotation marks, with `\` before what is meant literally.
    mutating func readQuoted() throws(PathError) -> String {
        guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw error("a quotation mark is missing")
        }
        offset += 1
        var decoded: [UInt8] = []
        while let byte = peek() {
            offset += 1
            if byte == quote { return String(decoding: decoded, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = peek() {
                offset += 1
                decoded.append(escaped)
            } else {
                decoded.append(byte)
            }
        }
        throw error("a quotation mark is missing")
    }

    /// Reads a text in single quotation marks as it stands, escapes and all.
    mutating func readRawQuoted() throws(PathError) -> String {
        guard take("'") else { throw error("a quotation mark is missing") }
        let start = offset
        while let byte = peek() {
            if byte == UInt8(ascii: "'") {
                let raw = text(from: start)
                offset += 1
                return raw
            }
            offset += byte == UInt8(ascii: "\\") && offset + 1 < bytes.count ? 2 : 1
        }
        throw error("a quotation mark is missing")
    }
}
