internal import ShaleItems
internal import ShaleWire

// What requests of tables have beside the common shapes: names of tables and attributes, maps of values.

extension Constraints {
    /// Notes what a name of a table or index breaks: its letters, its length.
    mutating func checkName(
        _ name: String,
        shownAs text: String? = nil,
        at path: String,
        lengths: ClosedRange<Int> = TableName.lengths
    ) {
        if !name.utf8.allSatisfy(TableName.isAllowed) {
            note(
                text ?? name,
                at: path,
                "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
            )
        }
        checkLength(text ?? name, name.utf8.count, lengths, at: path)
    }
}

/// How long names of attributes may be.
enum AttributeNameLengths {
    /// In items and expressions.
    static let anywhere = 0...65_535
    /// In keys and projections of indexes.
    static let inSchema = 1...255
}

extension JSONReader {
    /// Reads the names of attributes, by what stands for them in expressions.
    mutating func readNames(
        at path: String = "expressionAttributeNames",
        _ constraints: inout Constraints
    ) throws(WireError) -> [String: String] {
        var names: [String: String] = [:]
        try readMap { (reader, name) throws(WireError) in
            names[name] = try reader.readString(
                AttributeNameLengths.anywhere,
                at: "\(path).\(name).member",
                &constraints
            )
        }
        return names
    }

    /// Reads a map of values.
    mutating func readValues() throws(WireError) -> [String: AttributeValue] {
        var values: [String: AttributeValue] = [:]
        try readMap { (reader, name) throws(WireError) in
            reader.valueWords.expressionValue = name
            values[name] = try reader.readAttributeValue()
            reader.valueWords.expressionValue = nil
        }
        return values
    }
}
