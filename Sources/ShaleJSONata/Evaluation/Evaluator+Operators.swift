internal import ShaleJSON

/// What the operators do.
extension Evaluator {
    func binary(
        _ operation: Node.Operator,
        _ left: Node,
        _ right: Node,
        _ position: Int,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        let first = try evaluate(left, input, frame)
        switch operation {
        case .and:
            guard try isTrue(first) else { return .bool(false) }
            return .bool(try isTrue(evaluate(right, input, frame)))
        case .or:
            if try isTrue(first) { return .bool(true) }
            return .bool(try isTrue(evaluate(right, input, frame)))
        default: break
        }
        let second = try evaluate(right, input, frame)
        do throws(JSONataError) {
            return try result(of: operation, first, second)
        } catch {
            throw error.at(position, token: operation.rawValue)
        }
    }

    private func result(
        of operation: Node.Operator,
        _ first: Value,
        _ second: Value
    ) throws(JSONataError) -> Value {
        switch operation {
        case .add, .subtract, .multiply, .divide, .modulo:
            return try arithmetic(operation, first, second)
        case .equal, .unequal:
            if first.isUndefined || second.isUndefined { return .bool(false) }
            return .bool(try isEqual(first, second) == (operation == .equal))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return try compared(operation, first, second)
        case .concatenate:
            let left = try text(of: first) ?? ""
            return try string(left + (text(of: second) ?? ""))
        case .contained: return .bool(try isContained(first, in: second))
        case .range: return try range(first, second)
        case .and, .or: preconditionFailure("the caller has taken these")
        }
    }

    /// The number in a value; nil where it is undefined.
    private func operand(_ value: Value, _ code: String) throws(JSONataError) -> Double? {
        switch value {
        case .undefined: return nil
        case .number(let number):
            guard number.isFinite else {
                throw JSONataError("D1001", value: .string(NumberText.shortest(number)))
            }
            return number
        default: throw JSONataError(code, value: value.errorValue)
        }
    }

    private func arithmetic(
        _ operation: Node.Operator,
        _ first: Value,
        _ second: Value
    ) throws(JSONataError) -> Value {
        let left = try operand(first, "T2001")
        let right = try operand(second, "T2002")
        guard let left, let right else { return .undefined }
        switch operation {
        case .add: return .number(left + right)
        case .subtract: return .number(left - right)
        case .multiply: return .number(left * right)
        case .divide: return .number(left / right)
        default: return .number(left.truncatingRemainder(dividingBy: right))
        }
    }

    func negated(
        _ operandNode: Node,
        _ position: Int,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        switch try evaluate(operandNode, input, frame) {
        case .undefined: return .undefined
        case .number(let number): return .number(-number)
        case let value:
            throw JSONataError("D1002", position: position, token: "-", value: value.errorValue)
        }
    }

    private func compared(
        _ operation: Node.Operator,
        _ first: Value,
        _ second: Value
    ) throws(JSONataError) -> Value {
        for value in [first, second] {
            switch value {
            case .undefined, .number, .string: continue
            default: throw JSONataError("T2010", value: value.errorValue)
            }
        }
        let order: Int
        switch (first, second) {
        case (.undefined, _), (_, .undefined): return .undefined
        case (.number(let left), .number(let right)):
            order = left < right ? -1 : left > right ? 1 : 0
        case (.string(let left), .string(let right)):
            try spend(left.utf8.count / 64)
            order = left.order(before: right)
        default:
            throw JSONataError(
                "T2009",
                value: first.errorValue,
                otherValue: second.errorValue
            )
        }
        switch operation {
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }

    private func isContained(_ value: Value, in list: Value) throws(JSONataError) -> Bool {
        if value.isUndefined || list.isUndefined { return false }
        let items = list.items
        for index in 0..<items.count {
            try spend()
            if try isEqual(items[index], value) { return true }
        }
        return false
    }

    private func range(_ first: Value, _ second: Value) throws(JSONataError) -> Value {
        let low = try bound(first, "T2003")
        let high = try bound(second, "T2004")
        guard let low, let high, low <= high else { return .undefined }
        let size = high - low + 1
        guard size <= 1e7 else { throw JSONataError("D2014", value: Value.json(of: size)) }
        return .array(ArrayValue(range: Int(low)...Int(high)))
    }

    private func bound(_ value: Value, _ code: String) throws(JSONataError) -> Double? {
        switch value {
        case .undefined: return nil
        case .number(let number) where number == number.rounded(.towardZero):
            guard number.magnitude <= 9_007_199_254_740_992 else {
                throw JSONataError(code, value: value.errorValue)
            }
            return number
        default: throw JSONataError(code, value: value.errorValue)
        }
    }

    // MARK: Truth and equality

    /// Whether a value counts as true; a function and nothing at all do not.
    func isTrue(_ value: Value) throws(JSONataError) -> Bool {
        switch value {
        case .undefined, .null, .function: return false
        case .bool(let value): return value
        case .number(let number): return number != 0 && !number.isNaN
        case .string(let text): return !text.isEmpty
        case .object(let object): return object.count > 0
        case .tuple(let tuple): return try isTrue(tuple.value)
        case .array(let array):
            for index in 0..<array.count {
                try spend()
                let element = array[index]
                if try deeper({ () throws(JSONataError) in try isTrue(element) }) { return true }
            }
            return false
        }
    }

    /// Equality by value, objects without regard to the order of their members.
    func isEqual(_ first: Value, _ second: Value) throws(JSONataError) -> Bool {
        try spend()
        switch (first, second) {
        case (.null, .null), (.undefined, .undefined): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.number(let left), .number(let right)): return left == right
        case (.string(let left), .string(let right)):
            try spend(left.utf8.count / 64)
            return left.isSame(as: right)
        case (.function(let left), .function(let right)): return left === right
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            for index in 0..<left.count {
                let (a, b) = (left[index], right[index])
                guard try deeper({ () throws(JSONataError) in try isEqual(a, b) }) else {
                    return false
                }
            }
            return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            for index in 0..<left.count {
                let (name, a) = left.member(at: index)
                let b = right[name]
                guard try deeper({ () throws(JSONataError) in try isEqual(a, b) }) else {
                    return false
                }
            }
            return true
        default: return false
        }
    }
}

extension String {
    /// Equality character by character, without Unicode's equivalences.
    func isSame(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// -1, 0 or 1 as this text stands before, with or behind another in the order of UTF-16.
    func order(before other: String) -> Int {
        var left = utf8.makeIterator()
        var right = other.utf8.makeIterator()
        while true {
            switch (left.next(), right.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let a?, let b?) where a != b:
                // The characters of four bytes are pairs of surrogates, which stand before U+E000 (0xEE).
                let isSwapped = min(a, b) >= 0xEE && max(a, b) >= 0xF0 && min(a, b) < 0xF0
                return (a < b) != isSwapped ? -1 : 1
            default: continue
            }
        }
    }
}
