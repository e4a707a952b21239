public import ShaleItems

extension KeyCondition {
    /// The key condition that a map of attributes asks for.
    /// - Parameters:
    ///   - conditions: One or two entries of `KeyConditions`.
    ///   - schema: The key of the table or index that is queried.
    /// - Throws: `unsupportedKeyCondition`.
    public init(_ conditions: [LegacyCondition], schema: KeySchema) throws(ExpressionError) {
        try Self.checkCount(conditions)
        let notSupported = ExpressionError.keyCondition("Query key condition not supported")
        guard conditions.count == 1 || schema.sort != nil else { throw notSupported }
        let partition = try Self.condition(of: schema.partition, in: conditions)
        guard let partition else { throw .missedKey(schema.partition) }
        guard partition.comparison == .equal else { throw notSupported }
        let sort = try schema.sort.flatMap { (attribute) throws(ExpressionError) in
            try Self.condition(of: attribute, in: conditions)
        }
        if let attribute = schema.sort, sort == nil, conditions.count > 1 {
            throw .missedKey(attribute)
        }
        self.init(partition: partition.values[0], sort: sort.map(\.sortCondition))
    }

    /// What can be said before the key is known.
    public static func checkCount(_ conditions: [LegacyCondition]) throws(ExpressionError) {
        guard (1...2).contains(conditions.count) else {
            throw .keyCondition("Conditions can be of length 1 or 2 only")
        }
    }

    /// The condition on a key attribute, checked against its type.
    private static func condition(
        of attribute: KeySchema.Attribute,
        in conditions: [LegacyCondition]
    ) throws(ExpressionError) -> LegacyCondition? {
        let condition = conditions.first { TextOrder.areEqual($0.name, attribute.name) }
        guard let condition else { return nil }
        guard condition.comparison.isIndexable else {
            throw .keyCondition(
                "Attempted conditional constraint is not an indexable operation"
            )
        }
        for value in condition.values { try KeyConditionCheck.check(value, attribute) }
        return condition
    }
}

extension LegacyCondition {
    /// The same for a sort key; its operator is indexable.
    fileprivate var sortCondition: SortCondition {
        switch comparison {
        case .equal: .equal(values[0])
        case .less: .less(values[0])
        case .lessOrEqual: .lessOrEqual(values[0])
        case .greater: .greater(values[0])
        case .greaterOrEqual: .greaterOrEqual(values[0])
        case .between: .between(values[0], values[1])
        case .beginsWith: .beginsWith(values[0])
        case .isIn, .isAbsent, .isPresent, .notEqual, .contains, .notContains:
            preconditionFailure("the operator was checked to be indexable")
        }
    }
}

extension ExpressionError {
    static func keyCondition(_ message: String) -> ExpressionError {
        ExpressionError(.unsupportedKeyCondition, kind: .keyCondition, message: message)
    }

    static func missedKey(_ attribute: KeySchema.Attribute) -> ExpressionError {
        .keyCondition("Query condition missed key schema element: \(attribute.name)")
    }
}
