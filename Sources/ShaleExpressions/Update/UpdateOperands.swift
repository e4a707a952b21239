import ShaleItems

/// The values of an update's operands, read from the item as it was before.
extension SetValue {
    /// The value to write.
    /// - Throws: `missingOperand`, `incorrectOperand` or `number`.
    func value(in item: Item) throws(ExpressionError) -> AttributeValue {
        switch self {
        case .value(let value): return value
        case .path(let path):
            guard let value = path.value(in: item) else {
                throw ExpressionError(
                    .missingOperand,
                    kind: .update,
                    message: "The provided expression refers to an attribute "
                        + "that does not exist in the item"
                )
            }
            return value
        case .ifNotExists(let path, let fallback):
            if let value = path.value(in: item) { return value }
            return try fallback.value(in: item)
        case .listAppend(let first, let second):
            guard case .list(let head) = try first.value(in: item),
                case .list(let tail) = try second.value(in: item)
            else { throw ExpressionError.incorrectOperand }
            return .list(head + tail)
        case .plus(let left, let right):
            return try Self.sum(left, right, in: item) { (left, right) throws(ItemError) in
                try left.adding(right)
            }
        case .minus(let left, let right):
            return try Self.sum(left, right, in: item) { (left, right) throws(ItemError) in
                try left.subtracting(right)
            }
        }
    }

    private static func sum(
        _ left: SetValue,
        _ right: SetValue,
        in item: Item,
        _ combine: (Number, Number) throws(ItemError) -> Number
    ) throws(ExpressionError) -> AttributeValue {
        guard case .number(let left) = try left.value(in: item),
            case .number(let right) = try right.value(in: item)
        else { throw ExpressionError.incorrectOperand }
        do throws(ItemError) {
            return .number(try combine(left, right))
        } catch {
            throw ExpressionError(.number, kind: .update, message: error.message)
        }
    }
}

extension AttributeValue {
    /// What `ADD` makes of `old`: a sum of numbers, a union of sets, a longer list, or this value where there was
    /// none.
    func added(to old: AttributeValue?) throws(ExpressionError) -> AttributeValue {
        guard let old else { return self }
        switch (old, self) {
        case (.number(let old), .number(let more)):
            do throws(ItemError) {
                return .number(try old.adding(more))
            } catch {
                throw ExpressionError(.number, kind: .update, message: error.message)
            }
        case (.stringSet(let old), .stringSet(let more)):
            return .stringSet(old + Self.texts(more, notIn: old))
        case (.numberSet(let old), .numberSet(let more)):
            let known = Set(old)
            return .numberSet(old + more.filter { !known.contains($0) })
        case (.binarySet(let old), .binarySet(let more)):
            let known = Set(old)
            return .binarySet(old + more.filter { !known.contains($0) })
        // Only `AttributeUpdates` adds a list: the parser of expressions refuses it.
        case (.list(let old), .list(let more)): return .list(old + more)
        default: throw ExpressionError.incorrectOperand
        }
    }

    /// What `DELETE` leaves of `old`: the set without these elements, or nil when none is left.
    func deleted(from old: AttributeValue?) throws(ExpressionError) -> AttributeValue? {
        guard let old else { return nil }
        switch (old, self) {
        case (.stringSet(let old), .stringSet(let less)):
            let rest = Self.texts(old, notIn: less)
            return rest.isEmpty ? nil : .stringSet(rest)
        case (.numberSet(let old), .numberSet(let less)):
            let gone = Set(less)
            let rest = old.filter { !gone.contains($0) }
            return rest.isEmpty ? nil : .numberSet(rest)
        case (.binarySet(let old), .binarySet(let less)):
            let gone = Set(less)
            let rest = old.filter { !gone.contains($0) }
            return rest.isEmpty ? nil : .binarySet(rest)
        default: throw ExpressionError.incorrectOperand
        }
    }

    /// The texts whose bytes are not among those of `others`.
    private static func texts(_ texts: [String], notIn others: [String]) -> [String] {
        let known = Set(others.map { Array($0.utf8) })
        return texts.filter { !known.contains(Array($0.utf8)) }
    }
}

extension ExpressionError {
    fileprivate static var incorrectOperand: ExpressionError {
        ExpressionError(
            .incorrectOperand,
            kind: .update,
            message: "An operand in the update expression has an incorrect data type"
        )
    }
}
