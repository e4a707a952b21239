/// The rules that every item obeys before it is stored, wherever it came from.
extension Item {
    /// Checks nesting, sets, names and size.
    /// - Throws: `nestingTooDeep`, `emptySet`, `duplicateInSet`, `nameEmpty`, `nameTooLong` or `itemTooLarge`.
    /// - Complexity: O(n log n) in the elements of its sets, O(n) in everything else.
    public func validate() throws(ItemError) {
        try validate(insideLevels: 0)
        guard sizeBytes <= ItemLimits.itemSizeBytes else {
            throw ItemError(.itemTooLarge, "Item size has exceeded the maximum allowed size")
        }
    }

    fileprivate func validate(insideLevels levels: Int) throws(ItemError) {
        for entry in entries {
            guard !entry.name.isEmpty else { throw ItemError(.nameEmpty, "Empty attribute name") }
            guard entry.name.utf8.count <= ItemLimits.attributeNameSizeBytes else {
                throw ItemError(.nameTooLong, "An attribute name is longer than 65535 bytes")
            }
            try entry.value.validate(insideLevels: levels)
        }
    }
}

extension AttributeValue {
    /// Checks nesting, sets and names of a value that stands alone, such as an expression's
    /// operand.
    /// - Throws: `nestingTooDeep`, `emptySet`, `duplicateInSet`, `nameEmpty` or `nameTooLong`.
    public func validate() throws(ItemError) { try validate(insideLevels: 0) }

    fileprivate func validate(insideLevels levels: Int) throws(ItemError) {
        switch self {
        case .string, .number, .binary, .bool, .null: break
        case .list(let list):
            try Self.requireLevel(levels + 1)
            for value in list { try value.validate(insideLevels: levels + 1) }
        case .map(let map):
            try Self.requireLevel(levels + 1)
            try map.validate(insideLevels: levels + 1)
        case .stringSet(let set):
            try Self.requireDistinct(
                SetOrder.sorted(set),
                "string",
                TextOrder.areEqual,
                twice: {
                    let texts = set.joined(separator: ", ")
                    return Self.invalid + "Input collection [\(texts)] contains duplicates."
                }
            )
        case .numberSet(let set):
            try Self.requireDistinct(
                set.sorted(),
                "number",
                ==,
                twice: { "Input collection contains duplicates" }
            )
        case .binarySet(let set):
            try Self.requireDistinct(
                SetOrder.sorted(set),
                "binary",
                ==,
                twice: {
                    let sizes = set.map { "\($0.count) bytes" }.joined(separator: ", ")
                    return Self.invalid
                        + "Input collection [\(sizes)]of type BS contains duplicates."
                }
            )
        }
    }

    private static let invalid = "One or more parameter values were invalid: "

    static func requireLevel(_ level: Int) throws(ItemError) {
        guard level <= ItemLimits.nestingLevels else {
            throw ItemError(
                .nestingTooDeep,
                "Nesting Levels have exceeded supported limits: "
                    + "Attributes nested more than 32 levels deep"
            )
        }
    }

    /// Checks a sorted set: at least one element, and no two neighbours equal.
    private static func requireDistinct<Element>(
        _ sorted: [Element],
        _ kind: String,
        _ areEqual: (Element, Element) -> Bool,
        twice: () -> String
    ) throws(ItemError) {
        guard !sorted.isEmpty else {
            throw ItemError(.emptySet, Self.invalid + "An \(kind) set  may not be empty")
        }
        guard !zip(sorted, sorted.dropFirst()).contains(where: areEqual) else {
            throw ItemError(.duplicateInSet, twice())
        }
    }
}
