// The types of the service's shapes, read strictly: a value of another kind is refused in the
// service's words. A null member is an absent one.

extension JSONReader {
    /// Reads a structure: calls `member` for each member that is not null.
    ///
    /// Names outside ASCII cannot be members of a shape and are skipped here, so that comparing a
    /// name with a literal compares bytes.
    public mutating func readStructure(
        _ member: (inout JSONReader, String) throws(WireError) -> Void
    ) throws(WireError) {
        guard try peek() == .object else { throw try mismatch(.structure) }
        try readMembers { (reader, name) throws(WireError) in
            if try reader.takeNull() { return }
            guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return try reader.skipValue() }
            try member(&reader, name)
        }
    }

    /// Reads a map: calls `entry` with each name.
    public mutating func readMap(
        _ entry: (inout JSONReader, String) throws(WireError) -> Void
    ) throws(WireError) {
        guard try peek() == .object else { throw try mismatch(.map) }
        try readMembers(entry)
    }

    /// Reads a list, each element by `element`.
    public mutating func readList<Element>(
        _ element: (inout JSONReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard try peek() == .array else { throw try mismatch(.list) }
        var elements: [Element] = []
        try readElements { reader throws(WireError) in elements.append(try element(&reader)) }
        return elements
    }

    /// Reads a string.
    public mutating func readString() throws(WireError) -> String {
        guard try peek() == .string else { throw try mismatch(.string) }
        return try readStringToken()
    }

    /// Reads a boolean.
    public mutating func readBool() throws(WireError) -> Bool {
        let kind = try peek()
        guard kind == .true || kind == .false else { throw try mismatch(.boolean) }
        try readWord(kind)
        return kind == .true
    }

    /// Reads a whole number; digits after the point are cut off.
    public mutating func readInteger() throws(WireError) -> Int {
        guard try peek() == .number else { throw try mismatch(.integer) }
        let text = String(decoding: try readNumberText(), as: UTF8.self)
        if let integer = Int(text) { return integer }
        guard let value = Double(text), value.magnitude < 9e18 else {
            throw .serialization("\(text) cannot be converted to Integer")
        }
        return Int(value)
    }

    /// Steps over a null, if one stands next.
    public mutating func takeNull() throws(WireError) -> Bool {
        guard try peek() == .null else { return false }
        try readWord(.null)
        return true
    }

    enum Expected: String {
        case string = "String"
        case boolean = "Boolean"
        case integer = "Integer"
        case blob = "ByteBuffer"
        case list = "List"
        case map = "Map"
        case structure = "Structure"
    }

    /// The error for a value of the wrong kind; a malformed one is reported as malformed.
    mutating func mismatch(_ expected: Expected) throws(WireError) -> WireError {
        let kind = try peek()
        try skipValue()
        switch (expected, kind) {
        case (.structure, .array), (.map, .array), (.string, .array), (.boolean, .array),
            (.integer, .array), (.blob, .array):
            return .serialization("Unrecognized collection type for \(expected.rawValue)")
        case (.structure, _): return .serialization("Unexpected value type in payload")
        case (_, .object):
            return .serialization("Start of structure or map found where not expected.")
        case (.map, _), (.list, _): return .serialization("Unexpected field type")
        case (.blob, _):
            return .serialization("only base-64-encoded strings are convertible to bytes")
        case (_, .string):
            return .serialization("STRING_VALUE cannot be converted to \(expected.rawValue)")
        case (_, .number):
            return .serialization("NUMBER_VALUE cannot be converted to \(expected.rawValue)")
        case (_, .true):
            return .serialization("TRUE_VALUE cannot be converted to \(expected.rawValue)")
        case (_, .false):
            return .serialization("FALSE_VALUE cannot be converted to \(expected.rawValue)")
        default:
            return .serialization("NULL_VALUE cannot be converted to \(expected.rawValue)")
        }
    }
}
