internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// The shapes of the API before expressions: maps from attributes to what must hold for them, or to what
// becomes of them. They are read here, and translated once all constraints of a request are known.

/// An entry of `KeyConditions`, `QueryFilter` or `ScanFilter` as it was sent.
struct LegacyEntry: Sendable {
    let name: String
    var comparison: LegacyOperator?
    var values: [AttributeValue] = []
}

extension JSONReader {
    mutating func readConditionalOperator(
        _ constraints: inout Constraints
    ) throws(WireError) -> ConditionalOperator? {
        try readChoice(ConditionalOperator.self, at: "conditionalOperator", &constraints)
    }

    mutating func readConditions(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> [LegacyEntry] {
        try readEntries(at: path, &constraints) {
            (reader, name, path, constraints) throws(WireError) in
            var entry = LegacyEntry(name: name)
            var hasOperator = false
            try reader.readStructure { (reader, member) throws(WireError) in
                switch member {
                case "ComparisonOperator":
                    hasOperator = true
                    entry.comparison = try reader.readChoice(
                        LegacyOperator.self,
                        at: path + ".comparisonOperator",
                        &constraints
                    )
                case "AttributeValueList": entry.values = try reader.readValueList()
                default: try reader.skipValue()
                }
            }
            constraints.require(hasOperator, path + ".comparisonOperator")
            return entry
        }
    }

    mutating func readExpected(
        _ constraints: inout Constraints
    ) throws(WireError) -> [ExpectedAttribute] {
        try readEntries(at: "expected", &constraints) {
            (reader, name, path, constraints) throws(WireError) in
            var entry = ExpectedAttribute(name)
            try reader.readStructure { (reader, member) throws(WireError) in
                switch member {
                case "Value": entry.value = try reader.readAttributeValue()
                case "Exists": entry.exists = try reader.readBool()
                case "ComparisonOperator":
                    entry.comparison = try reader.readChoice(
                        LegacyOperator.self,
                        at: path + ".comparisonOperator",
                        &constraints
                    )
                case "AttributeValueList": entry.values = try reader.readValueList()
                default: try reader.skipValue()
                }
            }
            return entry
        }
    }

    mutating func readAttributeUpdates(
        _ constraints: inout Constraints
    ) throws(WireError) -> [AttributeUpdate] {
        try readEntries(at: "attributeUpdates", &constraints) {
            (reader, name, path, constraints) throws(WireError) in
            var entry = AttributeUpdate(name)
            try reader.readStructure { (reader, member) throws(WireError) in
                switch member {
                case "Value": entry.value = try reader.readAttributeValue()
                case "Action":
                    entry.action =
                        try reader.readChoice(
                            AttributeUpdate.Action.self,
                            at: path + ".action",
                            &constraints
                        ) ?? .put
                default: try reader.skipValue()
                }
            }
            return entry
        }
    }

    mutating func readAttributesToGet(
        at path: String = "attributesToGet",
        _ constraints: inout Constraints
    ) throws(WireError) -> [String] {
        var names: [String] = []
        try readEach(at: path) { (reader, path) throws(WireError) in
            names.append(
                try reader.readString(AttributeNameLengths.anywhere, at: path, &constraints)
            )
        }
        constraints.checkLength("[]", names.count, 1...Int.max, at: path)
        return names
    }

    private mutating func readValueList() throws(WireError) -> [AttributeValue] {
        try readList { reader throws(WireError) in try reader.readAttributeValue() }
    }

    /// Reads a map with an entry for each attribute; of two of one name the last one counts.
    private mutating func readEntries<Entry>(
        at path: String,
        _ constraints: inout Constraints,
        _ entry: (inout JSONReader, String, String, inout Constraints) throws(WireError) -> Entry
    ) throws(WireError) -> [Entry] {
        var entries: [Entry] = []
        var places: [DocumentPath: Int] = [:]
        try readMap { (reader, name) throws(WireError) in
            let read = try entry(&reader, name, "\(path).\(name).member", &constraints)
            if let place = places.updateValue(entries.count, forKey: DocumentPath(name)) {
                places[DocumentPath(name)] = place
                entries[place] = read
            } else {
                entries.append(read)
            }
        }
        return entries
    }
}

/// From shapes that were read to what the database is called with.
enum LegacyTranslation {
    /// What a map of `Expected` asks for.
    static func condition(
        _ expected: [ExpectedAttribute]?,
        _ join: ConditionalOperator?
    ) throws(WireError) -> Condition? {
        try requireTwo(expected?.count ?? 0, join)
        return try words { () throws(ExpressionError) in
            let conditions = try (expected ?? []).map { (entry) throws(ExpressionError) in
                try entry.condition()
            }
            return Condition(conditions, joinedBy: join ?? .all)
        }
    }

    /// What a filter asks for.
    static func filter(
        _ entries: [LegacyEntry]?,
        _ join: ConditionalOperator?
    ) throws(WireError) -> Condition? {
        try requireTwo(entries?.count ?? 0, join)
        return Condition(try conditions(entries ?? []), joinedBy: join ?? .all)
    }

    /// Conditions on keys, as far as they can be checked before the table is known.
    static func keyConditions(_ entries: [LegacyEntry]) throws(WireError) -> [LegacyCondition] {
        let conditions = try conditions(entries)
        try words { () throws(ExpressionError) in try KeyCondition.checkCount(conditions) }
        return conditions
    }

    /// What `AttributeUpdates` asks for; nothing at all only makes sure that the item is there.
    static func update(_ updates: [AttributeUpdate]?) throws(WireError) -> Update? {
        guard let updates, !updates.isEmpty else { return nil }
        return try words { () throws(ExpressionError) in try Update(updates) }
    }

    static func projection(_ names: [String]?) throws(WireError) -> Projection? {
        guard let names else { return nil }
        return try words { () throws(ExpressionError) in try Projection(attributesToGet: names) }
    }

    private static func conditions(
        _ entries: [LegacyEntry]
    ) throws(WireError) -> [LegacyCondition] {
        try words { () throws(ExpressionError) in
            try entries.map { (entry) throws(ExpressionError) in
                // A missing operator is a broken constraint, and that was told before.
                try LegacyCondition(entry.name, entry.comparison ?? .isPresent, entry.values)
            }
        }
    }

    private static func requireTwo(
        _ count: Int,
        _ join: ConditionalOperator?
    ) throws(WireError) {
        guard join != nil else { return }
        guard count > 0 else {
            throw .validation("ConditionalOperator cannot be used without Filter or Expected")
        }
        guard count > 1 else {
            throw .validation(
                "ConditionalOperator can only be used when Filter or Expected has two or more "
                    + "elements"
            )
        }
    }

    private static func words<Result>(
        _ body: () throws(ExpressionError) -> Result
    ) throws(WireError) -> Result {
        do throws(ExpressionError) {
            return try body()
        } catch {
            throw .validation(error.message)
        }
    }
}
