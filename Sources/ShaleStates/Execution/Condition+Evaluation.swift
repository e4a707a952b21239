internal import ShaleJSON

extension Condition {
    /// Whether the condition holds.
    ///
    /// - Throws: `States.Runtime` where a path finds nothing, unless that is what is asked.
    func holds(in evaluation: Evaluation) throws(StateFailure) -> Bool {
        switch self {
        case .constant(let value): return value
        case .not(let condition): return try !condition.holds(in: evaluation)
        case .all(let conditions):
            for condition in conditions where try !condition.holds(in: evaluation) { return false }
            return true
        case .any(let conditions):
            for condition in conditions where try condition.holds(in: evaluation) { return true }
            return false
        case .expression(let expression):
            let value = try expression.evaluate(in: evaluation)
            guard case .bool(let isTrue) = value else {
                throw expression.unexpected(value, expected: "boolean")
            }
            return isTrue
        case .test(let path, let choiceOperator, let operand):
            return try choiceOperator.holds(path, operand, evaluation)
        }
    }
}

extension ChoiceOperator {
    fileprivate func holds(
        _ path: JSONPath,
        _ operand: Condition.Operand,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> Bool {
        if case .isPresent = test {
            guard case .literal(let expected) = operand else { return false }
            return .bool(Self.isPresent(path, evaluation)) == expected
        }
        let value = try Self.value(of: path, evaluation)
        switch operand {
        case .literal(let operand): return holds(value, operand)
        case .path(let path):
            var operand = try Self.value(of: path, evaluation)
            // What is no number counts as zero on this side, as the service's JSON has it.
            if case .compare(.numeric, _) = test, operand.number == nil { operand = .integer(0) }
            return holds(value, operand)
        }
    }

    private static func isPresent(_ path: JSONPath, _ evaluation: Evaluation) -> Bool {
        switch evaluation.find(path) {
        case .value(.array(let found)) where !path.isDefinite: !found.isEmpty
        case .value: true
        case .beyond, .nothing: false
        }
    }

    private static func value(
        of path: JSONPath,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> JSONValue {
        guard case .value(let value) = evaluation.find(path) else {
            throw .runtime(
                "Invalid path '\(path.text)': The choice state's condition path references an invalid"
                    + " value."
            )
        }
        return value
    }

    private func holds(_ value: JSONValue, _ operand: JSONValue) -> Bool {
        switch test {
        case .compare(let kind, let relation): relation.holds(kind.order(value, operand))
        case .matches: Self.matches(value, operand)
        case .isNull: .bool(value == .null) == operand
        case .isNumeric: .bool(value.number != nil) == operand
        case .isString: .bool(value.text != nil) == operand
        case .isBoolean: .bool(value.kindName == "boolean") == operand
        case .isTimestamp: .bool(value.text.flatMap(Timestamp.nanoseconds) != nil) == operand
        case .isPresent: preconditionFailure("asked before there is a value")
        }
    }

    private static func matches(_ value: JSONValue, _ pattern: JSONValue) -> Bool {
        guard let text = value.text, let pattern = pattern.text else { return false }
        return Wildcards.matches(Array(text.utf8), Wildcards.parts(of: pattern))
    }
}

extension ChoiceOperator.Kind {
    /// -1, 0 or 1 as the left value is before, the same as, or behind the right one; nil where one of them is
    /// of another kind.
    fileprivate func order(_ left: JSONValue, _ right: JSONValue) -> Int? {
        switch self {
        case .numeric:
            guard let left = left.number, let right = right.number else { return nil }
            return left < right ? -1 : left == right ? 0 : 1
        case .string:
            guard let left = left.text, let right = right.text else { return nil }
            return Self.order(Array(left.utf16), Array(right.utf16)) {
                $0.lexicographicallyPrecedes($1)
            }
        case .boolean:
            guard case .bool(let left) = left, case .bool(let right) = right else { return nil }
            return left == right ? 0 : 1
        case .timestamp:
            guard let left = left.text.flatMap(Timestamp.nanoseconds),
                let right = right.text.flatMap(Timestamp.nanoseconds)
            else { return nil }
            return left < right ? -1 : left == right ? 0 : 1
        }
    }

    private static func order<T: Equatable>(
        _ left: T,
        _ right: T,
        _ precedes: (T, T) -> Bool
    ) -> Int {
        left == right ? 0 : precedes(left, right) ? -1 : 1
    }
}

extension ChoiceOperator.Relation {
    fileprivate func holds(_ order: Int?) -> Bool {
        guard let order else { return false }
        return switch self {
        case .equals: order == 0
        case .lessThan: order < 0
        case .greaterThan: order > 0
        case .lessThanEquals: order <= 0
        case .greaterThanEquals: order >= 0
        }
    }
}

/// Patterns of StringMatches: `*` stands for any characters, `\*` for itself.
enum Wildcards {
    /// The literal parts between the wildcards of a pattern.
    static func parts(of pattern: String) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in pattern.utf8 {
            if isEscaped || (byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "*")) {
                parts[parts.count - 1].append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "*") {
                parts.append([])
            } else {
                isEscaped = true
            }
        }
        return parts
    }

    /// Whether the parts stand in a text in their order, the first at its start and the last at its end.
    static func matches(_ text: [UInt8], _ parts: [[UInt8]]) -> Bool {
        guard parts.count > 1 else { return text == parts[0] }
        guard let last = parts.last, text.starts(with: parts[0]),
            text.count >= parts[0].count + last.count, text.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = text[parts[0].count..<(text.count - last.count)]
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let end = firstEnd(of: part, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private static func firstEnd(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= part.count else { return nil }
        for start in text.startIndex...(text.endIndex - part.count)
        where text[start..<(start + part.count)].elementsEqual(part) {
            return start + part.count
        }
        return nil
    }
}
