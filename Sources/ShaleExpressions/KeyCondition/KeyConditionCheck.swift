import ShaleItems

/// Brings a parsed condition to the form of a key condition, or says why it has not that form.
struct KeyConditionCheck: Sendable {
    /// One condition on one attribute.
    private struct Clause {
        let name: String
        let sort: SortCondition
    }

    private var clauses: [Clause] = []

    /// Checks what can be said before the key is known.
    init(_ tree: ConditionTree) throws(ExpressionError) {
        try collect(tree)
        for clause in clauses {
            guard clauses.count(where: { TextOrder.areEqual($0.name, clause.name) }) == 1 else {
                throw ExpressionError(
                    .unsupportedKeyCondition,
                    in: .keyCondition,
                    "KeyConditionExpressions must only contain one condition per key"
                )
            }
        }
    }

    /// The form that the condition has for a key.
    func check(_ key: CompositeKey) throws(ExpressionError) -> KeyCondition {
        guard clauses.count <= key.attributes.count else {
            throw unsupported(
                "The number of query conditions (\(clauses.count)) exceeds the number of key "
                    + "attributes defined in the schema (\(key.attributes.count))"
            )
        }
        var partitions: [AttributeValue] = []
        for attribute in key.partition {
            guard let clause = clauses.first(where: { isNamed($0, attribute) }) else {
                throw .missedKey(attribute)
            }
            guard case .equal(let value) = clause.sort else { throw notSupported }
            partitions.append(value)
        }
        let sorts = try sortClauses(key)
        for (value, attribute) in zip(partitions, key.partition) {
            try Self.check(value, attribute)
        }
        for (clause, attribute) in zip(sorts, key.sort) {
            for value in clause.sort.values { try Self.check(value, attribute) }
        }
        return condition(partitions, sorts.map(\.sort))
    }

    private func condition(
        _ partitions: [AttributeValue],
        _ sorts: [SortCondition]
    ) -> KeyCondition {
        KeyCondition(
            partition: partitions[0],
            furtherPartitions: Array(partitions.dropFirst()),
            sortPrefix: sorts.dropLast().flatMap(\.values),
            sort: sorts.last
        )
    }

    /// The conditions on the first attributes of the sort key, in their order: none is left out, and all but the last are
    /// equalities.
    private func sortClauses(_ key: CompositeKey) throws(ExpressionError) -> [Clause] {
        let rest = clauses.filter { clause in !key.partition.contains { isNamed(clause, $0) } }
        guard !rest.isEmpty else { return [] }
        guard let leading = key.sort.first else { throw notSupported }
        var found: [Clause] = []
        for attribute in key.sort {
            guard let clause = rest.first(where: { isNamed($0, attribute) }) else { break }
            found.append(clause)
        }
        guard !found.isEmpty else { throw .missedKey(leading) }
        guard found.count == rest.count else { throw notSupported }
        for clause in found.dropLast() {
            guard case .equal = clause.sort else { throw notSupported }
        }
        return found
    }

    private func isNamed(_ clause: Clause, _ attribute: KeySchema.Attribute) -> Bool {
        TextOrder.areEqual(clause.name, attribute.name)
    }

    private mutating func collect(_ tree: ConditionTree) throws(ExpressionError) {
        switch tree {
        case .all(let parts): for part in parts { try collect(part) }
        case .comparison(let left, let comparator, let right):
            clauses.append(try comparison(left, comparator, right))
        case .between(let operand, let lower, let upper):
            clauses.append(
                Clause(
                    name: try name(operand),
                    sort: .between(try literal(lower), try literal(upper))
                )
            )
        case .beginsWith(let operand, let prefix):
            clauses.append(
                Clause(name: try name(operand), sort: .beginsWith(try literal(prefix)))
            )
        case .any: throw invalidOperator("OR")
        case .not: throw invalidOperator("NOT")
        case .isIn: throw invalidOperator("IN")
        case .exists, .notExists, .hasType, .contains:
            throw invalidOperator(tree.functionName ?? "function")
        }
    }

    private func comparison(
        _ left: ConditionTree.Operand,
        _ comparator: Comparator,
        _ right: ConditionTree.Operand
    ) throws(ExpressionError) -> Clause {
        if case .value = left, case .path = right {
            return try comparison(right, comparator.flipped, left)
        }
        let name = try name(left)
        let value = try literal(right)
        let sort: SortCondition =
            switch comparator {
            case .equal: .equal(value)
            case .less: .less(value)
            case .lessOrEqual: .lessOrEqual(value)
            case .greater: .greater(value)
            case .greaterOrEqual: .greaterOrEqual(value)
            case .notEqual:
                throw unsupported("Unsupported operator on KeyConditionExpression: operator: <>")
            }
        return Clause(name: name, sort: sort)
    }

    private func name(_ operand: ConditionTree.Operand) throws(ExpressionError) -> String {
        switch operand {
        case .path(let path):
            guard path.steps.isEmpty else {
                throw unsupported(
                    "KeyConditionExpressions cannot have conditions on nested attributes"
                )
            }
            return path.root
        case .size: throw unsupported("KeyConditionExpressions cannot contain nested operations")
        case .value:
            throw unsupported(
                "Invalid condition in KeyConditionExpression: No key attribute specified"
            )
        }
    }

    private func literal(
        _ operand: ConditionTree.Operand
    ) throws(ExpressionError) -> AttributeValue {
        switch operand {
        case .value(let value): return value
        case .size: throw unsupported("KeyConditionExpressions cannot contain nested operations")
        case .path:
            throw unsupported(
                "Invalid condition in KeyConditionExpression: "
                    + "Multiple attribute names used in one condition"
            )
        }
    }

    /// Refuses values of the wrong type, and empty ones.
    static func check(
        _ value: AttributeValue,
        _ attribute: KeySchema.Attribute
    ) throws(ExpressionError) {
        guard value.type == attribute.type.attributeType else {
            throw .keyCondition(
                "One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type"
            )
        }
        guard value.type == .number || value.sizeBytes > 0 else {
            throw .keyCondition(
                "One or more parameter values are not valid. The AttributeValue for a key "
                    + "attribute cannot contain an empty "
                    + "\(value.type == .string ? "string" : "binary") value. "
                    + "Key: \(attribute.name)"
            )
        }
    }

    private var notSupported: ExpressionError { unsupported("Query key condition not supported") }

    private func invalidOperator(_ name: String) -> ExpressionError {
        unsupported("Invalid operator used in KeyConditionExpression: \(name)")
    }

    /// These messages name no parameter of their own.
    private func unsupported(_ message: String) -> ExpressionError { .keyCondition(message) }
}

extension SortCondition {
    /// The values that it compares with.
    var values: [AttributeValue] {
        switch self {
        case .equal(let value), .less(let value), .lessOrEqual(let value), .greater(let value),
            .greaterOrEqual(let value), .beginsWith(let value):
            [value]
        case .between(let lower, let upper): [lower, upper]
        }
    }
}
