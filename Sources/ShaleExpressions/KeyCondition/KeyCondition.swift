public import ShaleItems

/// Which items a query reads: those of one partition key, and of these a range of sort keys.
public struct KeyCondition: Sendable, Hashable {
    /// The partition key's value.
    public var partition: AttributeValue
    /// The values of further attributes of the partition key, where it has several.
    public var furtherPartitions: [AttributeValue]
    /// The values of the first attributes of the sort key, where it has several and these are fixed.
    public var sortPrefix: [AttributeValue]
    /// The range of the next attribute of the sort key; nil for all.
    public var sort: SortCondition?

    /// Makes one.
    public init(
        partition: AttributeValue,
        furtherPartitions: [AttributeValue] = [],
        sortPrefix: [AttributeValue] = [],
        sort: SortCondition? = nil
    ) {
        self.partition = partition
        self.furtherPartitions = furtherPartitions
        self.sortPrefix = sortPrefix
        self.sort = sort
    }

    /// One that was parsed before it is known which key it is about.
    public struct Unchecked: Sendable {
        fileprivate let check: KeyConditionCheck

        /// The key condition on the key of the table or index that is queried.
        ///
        /// Throws `unsupportedKeyCondition`.
        public func checked(_ key: CompositeKey) throws(ExpressionError) -> KeyCondition {
            try check.check(key)
        }
    }

    /// Parses a key condition against the placeholders of its request.
    /// - Parameters:
    ///   - text: The expression.
    ///   - placeholders: The request's placeholders; those used are marked.
    /// - Returns: What is left to be checked against a key.
    /// - Throws: What is wrong with the text, with its offset.
    public static func parse(
        _ text: String,
        with placeholders: inout Placeholders
    ) throws(ExpressionError) -> Unchecked {
        let tree = try ConditionParser.parse(text, as: .keyCondition, &placeholders)
        return Unchecked(check: try KeyConditionCheck(tree))
    }

    /// Parses a key condition of a key with one attribute or two.
    public static func parse(
        _ text: String,
        schema: KeySchema,
        with placeholders: inout Placeholders
    ) throws(ExpressionError) -> KeyCondition {
        try parse(text, with: &placeholders).checked(CompositeKey(schema))
    }

    /// Parses a key condition that is the only expression of its request.
    public static func parse(
        _ text: String,
        schema: KeySchema,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) throws(ExpressionError) -> KeyCondition {
        var placeholders = try Placeholders(names: names, values: values)
        let condition = try parse(text, schema: schema, with: &placeholders)
        try placeholders.requireAllUsed()
        return condition
    }
}

/// A range of sort keys.
public enum SortCondition: Sendable, Hashable {
    /// `=`
    case equal(AttributeValue)
    /// `<`
    case less(AttributeValue)
    /// `<=`
    case lessOrEqual(AttributeValue)
    /// `>`
    case greater(AttributeValue)
    /// `>=`
    case greaterOrEqual(AttributeValue)
    /// `BETWEEN`, both ends included.
    case between(AttributeValue, AttributeValue)
    /// `begins_with`; a string or a binary.
    case beginsWith(AttributeValue)

    /// Whether a sort key lies in the range.
    public func contains(_ value: AttributeValue) -> Bool {
        switch self {
        case .equal(let bound): Comparison.isSatisfied(value, .equal, bound)
        case .less(let bound): Comparison.isSatisfied(value, .less, bound)
        case .lessOrEqual(let bound): Comparison.isSatisfied(value, .lessOrEqual, bound)
        case .greater(let bound): Comparison.isSatisfied(value, .greater, bound)
        case .greaterOrEqual(let bound): Comparison.isSatisfied(value, .greaterOrEqual, bound)
        case .between(let lower, let upper):
            Comparison.isSatisfied(lower, .lessOrEqual, value)
                && Comparison.isSatisfied(value, .lessOrEqual, upper)
        case .beginsWith(let prefix): Comparison.begins(value, with: prefix)
        }
    }

    /// The range as bytes of `KeyCoding`: from `lower`, included, to `upper`, excluded, nil for the
    /// end.
    /// - Throws: `keyTypeMismatch` for a value that is no key.
    public func keyRange() throws(ItemError) -> (lower: [UInt8], upper: [UInt8]?) {
        switch self {
        case .equal(let bound):
            let key = try KeyCoding.encode(bound)
            return (key, KeyCoding.successor(ofPrefix: key))
        case .less(let bound): return ([], try KeyCoding.encode(bound))
        case .lessOrEqual(let bound):
            return ([], KeyCoding.successor(ofPrefix: try KeyCoding.encode(bound)))
        case .greater(let bound):
            return (KeyCoding.successor(ofPrefix: try KeyCoding.encode(bound)) ?? [], nil)
        case .greaterOrEqual(let bound): return (try KeyCoding.encode(bound), nil)
        case .between(let lower, let upper):
            return (
                try KeyCoding.encode(lower),
                KeyCoding.successor(ofPrefix: try KeyCoding.encode(upper))
            )
        case .beginsWith(let prefix):
            var bytes: [UInt8] = []
            try KeyCoding.appendPrefix(prefix, to: &bytes)
            return (bytes, KeyCoding.successor(ofPrefix: bytes))
        }
    }
}
