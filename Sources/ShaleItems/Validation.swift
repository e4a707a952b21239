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
        try Self.requireLevel(levels + 1)
        switch self {
        case .string, .number, .binary, .bool, .null: return
        case .list(let list):
            for value in list { try value.validate(insideLevels: levels + 1) }
        case .map(let map): try map.validate(insideLevels: levels + 1)
        case .stringSet(let set): try Self.requireElements(of: set, "string")
        case .numberSet(let set): try Self.requireElements(of: set, "number")
        case .binarySet(let set): try Self.requireElements(of: set, "binary")
        }
        if let error = duplicate(.older) { throw error }
    }

    static func requireLevel(_ level: Int) throws(ItemError) {
        guard level <= ItemLimits.nestingLevels else { throw .nestingTooDeep }
    }

    private static func requireElements<Element>(
        of set: [Element],
        _ kind: String
    ) throws(ItemError) {
        guard !set.isEmpty else {
            throw ItemError(
                .emptySet,
                "One or more parameter values were invalid: An \(kind) set  may not be empty"
            )
        }
    }
}

extension ItemError {
    /// A value lies deeper than values may.
    package static var nestingTooDeep: ItemError {
        ItemError(
            .nestingTooDeep,
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
                + "levels beyond supported limit"
        )
    }
}
