/// What a request says of one condition key.
enum AccessedValues: Sendable, Equatable {
    /// The key has no meaning for the operation.
    case absent
    /// Any value may be among them.
    case any
    case these([String])
}

/// One condition of a statement: an operator, a key, and values of which one must fit.
struct PolicyCondition: Sendable, Equatable {
    enum Key: String, Sendable, CaseIterable {
        /// Values of partition keys.
        case leadingKeys = "dynamodb:LeadingKeys"
        /// Names of top-level attributes.
        case attributes = "dynamodb:Attributes"
    }

    enum Comparison: String, Sendable, CaseIterable {
        case equals = "StringEquals"
        case notEquals = "StringNotEquals"
        case like = "StringLike"
        case notLike = "StringNotLike"
    }

    enum Quantifier: String, Sendable, CaseIterable {
        /// Every value of the request; also if there is none.
        case all = "ForAllValues:"
        /// At least one value of the request.
        case any = "ForAnyValue:"
        /// Every value of the request, and there is one.
        case some = ""
    }

    var quantifier: Quantifier
    var comparison: Comparison
    var key: Key
    var values: [PolicyPattern]

    /// Takes an operator's name apart; nil where there is none of that name.
    init?(_ name: String, _ key: Key, _ values: [PolicyPattern]) {
        for quantifier in Quantifier.allCases where name.utf8.starts(with: quantifier.rawValue.utf8)
        {
            let rest = name.utf8.dropFirst(quantifier.rawValue.utf8.count)
            for comparison in Comparison.allCases
            where rest.elementsEqual(comparison.rawValue.utf8) {
                self.quantifier = quantifier
                self.comparison = comparison
                self.key = key
                self.values = values
                return
            }
        }
        return nil
    }

    /// Whether the condition holds for a request.
    ///
    /// Where a request may touch any value, what allows does not hold and what denies does: it is as strict as
    /// the strictest value.
    func holds(
        _ accessed: AccessedValues,
        for caller: Caller,
        _ effect: PolicyDocument.Effect
    ) -> Bool {
        switch accessed {
        case .any: effect == .deny
        case .absent: holds([], caller)
        case .these(let values): holds(values, caller)
        }
    }

    private func holds(_ accessed: [String], _ caller: Caller) -> Bool {
        switch quantifier {
        case .all: accessed.allSatisfy { fits($0, caller) }
        case .any: accessed.contains { fits($0, caller) }
        case .some: !accessed.isEmpty && accessed.allSatisfy { fits($0, caller) }
        }
    }

    private func fits(_ value: String, _ caller: Caller) -> Bool {
        switch comparison {
        case .equals: values.contains { $0.equals(value, for: caller) }
        case .notEquals: !values.contains { $0.equals(value, for: caller) }
        case .like: values.contains { $0.matches(value, for: caller) }
        case .notLike: !values.contains { $0.matches(value, for: caller) }
        }
    }
}
