internal import OrderedCollections

/// Reads one JSON value (RFC 8259) from bytes.
///
/// Total: no input traps, and none takes more than linear time.
///
/// The last of two members of one name wins, and stands where the first stood, unless they are refused.
package struct JSONParser {
    /// How deep values may stand in values.
    package static let depthLimit = 1_000

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0
    private let refusesRepeatedNames: Bool

    package init(_ bytes: [UInt8], refusesRepeatedNames: Bool = false) {
        self.bytes = bytes
        self.refusesRepeatedNames = refusesRepeatedNames
    }

    /// Reads a text that is one value and nothing else.
    ///
    /// - Parameters:
    ///   - text: What is read.
    ///   - refusesRepeatedNames: Whether two members of one object must not have one name.
    /// - Returns: The value.
    /// - Throws: where the text is something else.
    package static func value(
        of text: String,
        refusesRepeatedNames: Bool = false
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(Array(text.utf8), refusesRepeatedNames: refusesRepeatedNames)
        return try parser.wholeText()
    }

    /// Reads the value, and refuses what follows it.
    package mutating func wholeText() throws(JSONError) -> JSONValue {
        let value = try readValue()
        skipWhiteSpace()
        guard offset == bytes.count else { throw error(.unexpected) }
        return value
    }

    /// Reads one value, and stops behind it.
    package mutating func readValue() throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return try readNumber()
        }
    }

    func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: offset, reason: reason)
    }

    func peek() throws(JSONError) -> UInt8 {
        guard offset < bytes.count else { throw error(.endOfText) }
        return bytes[offset]
    }

    mutating func skipWhiteSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func readWord(
        _ word: StaticString,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in word.description.utf8 {
            guard try peek() == byte else { throw error(.unexpected) }
            offset += 1
        }
        return value
    }

    // MARK: Containers

    private mutating func readArray() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        guard try enter(closing: UInt8(ascii: "]")) else { return .array(elements) }
        repeat {
            elements.append(try readValue())
        } while try another(closing: UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func readObject() throws(JSONError) -> JSONValue {
        var members: JSONObject = [:]
        guard try enter(closing: UInt8(ascii: "}")) else { return .object(members) }
        repeat {
            let name = try readName(besides: members)
            members[name] = try readValue()
        } while try another(closing: UInt8(ascii: "}"))
        return .object(members)
    }

    /// The name of a member, through the colon behind it.
    ///
    /// What this takes of the stack is not taken once more for each level of depth.
    private mutating func readName(besides members: JSONObject) throws(JSONError) -> String {
        skipWhiteSpace()
        guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpected) }
        let start = offset
        let name = try readString()
        if refusesRepeatedNames, members[name] != nil {
            throw JSONError(offset: start, reason: .repeatedName)
        }
        skipWhiteSpace()
        guard try peek() == UInt8(ascii: ":") else { throw error(.unexpected) }
        offset += 1
        return name
    }

    /// Takes an opening bracket; false where the closing one follows at once.
    private mutating func enter(closing bracket: UInt8) throws(JSONError) -> Bool {
        guard depth < Self.depthLimit else { throw error(.tooDeep) }
        offset += 1
        skipWhiteSpace()
        if try peek() == bracket {
            offset += 1
            return false
        }
        depth += 1
        return true
    }

    /// Takes a comma, then true, or the closing bracket, then false.
    private mutating func another(closing bracket: UInt8) throws(JSONError) -> Bool {
        skipWhiteSpace()
        let byte = try peek()
        guard byte == UInt8(ascii: ",") || byte == bracket else { throw error(.unexpected) }
        offset += 1
        guard byte == bracket else { return true }
        depth -= 1
        return false
    }

    // MARK: Numbers

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = offset
        if try peek() == UInt8(ascii: "-") { offset += 1 }
        if try peek() == UInt8(ascii: "0") { offset += 1 } else { try takeDigits() }
        var isWhole = true
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            try takeDigits()
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            offset += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            try takeDigits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw JSONError(offset: start, reason: .number)
        }
        return .double(value)
    }

    /// Takes one digit or more.
    private mutating func takeDigits() throws(JSONError) {
        let start = offset
        while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else {
            throw error(offset == bytes.count ? .endOfText : .unexpected)
        }
    }
}
