import ShaleItems

/// A checked condition: paths resolved, literals of fitting types.
indirect enum ConditionTree: Sendable, Hashable {
    /// `AND`: all of them.
    case all([ConditionTree])
    /// `OR`: any of them.
    case any([ConditionTree])
    case not(ConditionTree)
    case comparison(Operand, Comparator, Operand)
    case between(Operand, lower: Operand, upper: Operand)
    case isIn(Operand, [Operand])
    case exists(DocumentPath)
    case notExists(DocumentPath)
    case hasType(DocumentPath, AttributeType)
    case beginsWith(Operand, Operand)
    case contains(Operand, Operand)

    /// What is compared.
    indirect enum Operand: Sendable, Hashable {
        case path(DocumentPath)
        case value(AttributeValue)
        /// `size(…)`: a number.
        case size(Operand)
    }
}

/// The comparison operators; the raw value is the token.
enum Comparator: String, Sendable, Hashable {
    /// `=`
    case equal = "="
    /// `<>`
    case notEqual = "<>"
    /// `<`
    case less = "<"
    /// `<=`
    case lessOrEqual = "<="
    /// `>`
    case greater = ">"
    /// `>=`
    case greaterOrEqual = ">="

    /// Whether it needs an order, which only strings, numbers and binaries have.
    var isOrdering: Bool { self != .equal && self != .notEqual }

    /// The operator with its operands exchanged.
    var flipped: Comparator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

extension ConditionTree {
    /// The paths that it reads, in the order of the text.
    var paths: [DocumentPath] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.paths)
        case .not(let inner): inner.paths
        case .comparison(let left, _, let right): left.paths + right.paths
        case .between(let operand, let lower, let upper):
            operand.paths + lower.paths + upper.paths
        case .isIn(let operand, let choices): operand.paths + choices.flatMap(\.paths)
        case .exists(let path), .notExists(let path), .hasType(let path, _): [path]
        case .beginsWith(let operand, let prefix): operand.paths + prefix.paths
        case .contains(let operand, let part): operand.paths + part.paths
        }
    }
}

extension ConditionTree.Operand {
    /// The paths that it reads.
    var paths: [DocumentPath] {
        switch self {
        case .path(let path): [path]
        case .value: []
        case .size(let inner): inner.paths
        }
    }
}
