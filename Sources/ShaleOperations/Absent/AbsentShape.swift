internal import ShaleWire

/// What a request about an absent feature may say: its members by name, each with its rule.
///
/// Such a request is never acted on, so it has no type of its own; but it is checked as any other.
struct AbsentShape: Sendable {
    /// What one member may be.
    enum Rule: Sendable {
        /// A text of so many characters.
        case text(ClosedRange<Int>)
        /// The name of a table, or its resource name.
        case table
        /// The name of an index.
        case index
        case number(ClosedRange<Int>)
        /// One of these words.
        case word([String])
        /// Seconds since the epoch.
        case date
    }

    let members: [String: Rule]
    /// Members that must be there.
    var required: [String] = []

    /// Reads a request: its texts by member, tables by their plain names.
    func read(_ body: [UInt8]) throws(WireError) -> [String: String] {
        var reader = JSONReader(body)
        var constraints = Constraints()
        var texts: [String: String] = [:]
        try reader.readStructure { (reader, name) throws(WireError) in
            guard let rule = members[name] else { return try reader.skipValue() }
            texts[name] = try Self.read(rule, at: Self.path(name), &reader, &constraints)
        }
        try reader.finish()
        for name in required { constraints.require(texts[name] != nil, Self.path(name)) }
        try constraints.finish()
        return texts
    }

    private static func path(_ name: String) -> String {
        name.prefix(1).lowercased() + name.dropFirst()
    }

    private static func read(
        _ rule: Rule,
        at path: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        switch rule {
        case .text(let lengths): return try reader.readString(lengths, at: path, &constraints)
        case .table: return try TableName.read(&reader, &constraints, at: path)
        case .index: return try reader.readIndexName(at: path, &constraints)
        case .number(let range):
            let number = try reader.readInteger()
            constraints.check(number, in: range, at: path)
            return String(number)
        case .word(let words):
            return try reader.readWord(of: words, at: path, &constraints) ?? ""
        case .date: return String(try reader.readInteger())
        }
    }
}
