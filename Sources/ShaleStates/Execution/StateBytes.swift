internal import ShaleJSON

/// Why bytes are no state of an execution.
package struct ExecutionFormatError: Error, Equatable, Sendable {
    /// The number of bytes before the fault.
    package let offset: Int
    package let reason: String
}

/// Writes numbers in as few bytes as they need (LEB128), and data as JSON with its length before it.
struct StateBytesWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: Int) {
        precondition(number >= 0, "numbers of a state are not negative")
        var rest = UInt64(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A number that may be missing: one more than it is, or zero.
    ///
    /// The largest of all is read as the one before it.
    mutating func write(_ number: Int?) {
        write(number.map { $0 == .max ? $0 : $0 + 1 } ?? 0)
    }

    mutating func write(_ value: JSONValue) {
        let text = value.encoded()
        write(text.count)
        bytes.append(contentsOf: text)
    }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ numbers: [Int]) {
        write(numbers.count)
        for number in numbers { write(number) }
    }

    mutating func write(_ values: [JSONValue]) {
        write(values.count)
        for value in values { write(value) }
    }

    mutating func write(_ values: [JSONValue?]) {
        write(values.count)
        for value in values {
            write(value == nil ? 0 : 1)
            if let value { write(value) }
        }
    }
}

/// Reads what `StateBytesWriter` has written; no bytes trap.
struct StateBytesReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    func error(_ reason: String) -> ExecutionFormatError {
        ExecutionFormatError(offset: offset, reason: reason)
    }

    mutating func number() throws(ExecutionFormatError) -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard offset < bytes.count else { throw error("the bytes end early") }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(value) }
        }
        throw error("a number is too large")
    }

    /// A number below a bound.
    mutating func number(below bound: Int) throws(ExecutionFormatError) -> Int {
        let value = try number()
        guard value < bound else { throw error("a number is out of range") }
        return value
    }

    mutating func optionalNumber() throws(ExecutionFormatError) -> Int? {
        let value = try number()
        return value == 0 ? nil : value - 1
    }

    /// How many parts follow, each of a byte at least.
    mutating func count() throws(ExecutionFormatError) -> Int {
        try number(below: bytes.count - offset + 1)
    }

    mutating func numbers() throws(ExecutionFormatError) -> [Int] {
        var values: [Int] = []
        for _ in 0..<(try count()) { values.append(try number()) }
        return values
    }

    private mutating func block() throws(ExecutionFormatError) -> ArraySlice<UInt8> {
        let size = try count()
        guard size <= bytes.count - offset else { throw error("the bytes end early") }
        offset += size
        return bytes[(offset - size)..<offset]
    }

    mutating func text() throws(ExecutionFormatError) -> String {
        guard let text = String(validating: try block(), as: UTF8.self) else {
            throw error("a text is no UTF-8")
        }
        return text
    }

    mutating func value() throws(ExecutionFormatError) -> JSONValue {
        var parser = JSONParser(Array(try block()))
        do {
            return try parser.wholeText()
        } catch {
            throw self.error("data is no JSON")
        }
    }

    mutating func object() throws(ExecutionFormatError) -> JSONObject {
        guard case .object(let members) = try value() else { throw error("no object") }
        return members
    }

    mutating func values() throws(ExecutionFormatError) -> [JSONValue] {
        var values: [JSONValue] = []
        for _ in 0..<(try count()) { values.append(try value()) }
        return values
    }

    mutating func optionalValues() throws(ExecutionFormatError) -> [JSONValue?] {
        var values: [JSONValue?] = []
        for _ in 0..<(try count()) {
            values.append(try number(below: 2) == 1 ? try value() : nil)
        }
        return values
    }
}
