internal import ShaleWire

/// A table's name in a request: plain, or as the end of a resource name.
enum TableName {
    static let lengths = 3...255
    /// Of a table whose items are asked for: a name that is too short is one that no table has.
    static let lengthsOfKnown = 1...255
    private static let resourceMark = ":table/"

    /// Reads a name and notes what is wrong with it.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at path: String = "tableName",
        lengths: ClosedRange<Int> = lengths
    ) throws(WireError) -> String {
        let text = try reader.readString()
        return check(text, &constraints, at: path, lengths: lengths)
    }

    /// Reads a request that names a table and nothing else.
    static func readAlone(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        var name: String?
        try reader.readStructure { (reader, member) throws(WireError) in
            switch member {
            case "TableName": name = try read(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(name != nil, "tableName")
        return try constraints.required(name, "TableName")
    }

    /// The plain name in `text`; what is wrong with it is noted.
    static func check(
        _ text: String,
        _ constraints: inout Constraints,
        at path: String,
        lengths: ClosedRange<Int> = lengths
    ) -> String {
        let name = resolve(text, &constraints)
        constraints.checkName(name, shownAs: text, at: path, lengths: lengths)
        return name
    }

    /// The plain name in `text`, of which nothing is checked; a resource name is noted as such.
    static func resolve(_ text: String, _ constraints: inout Constraints) -> String {
        let name = plainName(text)
        if text.utf8.count != name.utf8.count { constraints.resourceNames.append(text) }
        return name
    }

    /// Whether a name has nothing wrong with it, and is no resource name.
    static func isPlain(_ name: Span<UInt8>) -> Bool {
        guard lengths.contains(name.count) else { return false }
        for index in name.indices where !isAllowed(name[index]) { return false }
        return true
    }

    /// The name in an ARN of a table; any other text as it is.
    static func plainName(_ text: String) -> String {
        guard text.utf8.starts(with: "arn:".utf8) else { return text }
        let mark = Array(resourceMark.utf8)
        let bytes = Array(text.utf8)
        guard bytes.count > mark.count else { return text }
        for start in 0..<(bytes.count - mark.count)
        where bytes[start..<(start + mark.count)].elementsEqual(mark) {
            return String(decoding: bytes[(start + mark.count)...], as: UTF8.self)
        }
        return text
    }

    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
