internal import ShaleJSON

/// Functions of arrays, and those that make one number of many.
extension Builtin {
    static let aggregates: [Builtin] = [
        Builtin("sum", "<a<n>:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let numbers = try numbers(arguments, evaluator) else { return .undefined }
            return .number(numbers.reduce(0, +))
        },
        Builtin("count", "<a:n>", arity: 1) { _, arguments throws(JSONataError) in
            .number(Double(arguments.array(0)?.count ?? 0))
        },
        Builtin("max", "<a<n>:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            try numbers(arguments, evaluator)?.max().map(Value.number) ?? .undefined
        },
        Builtin("min", "<a<n>:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            try numbers(arguments, evaluator)?.min().map(Value.number) ?? .undefined
        },
        Builtin("average", "<a<n>:n>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let numbers = try numbers(arguments, evaluator), !numbers.isEmpty else {
                return .undefined
            }
            return .number(numbers.reduce(0, +) / Double(numbers.count))
        },
    ]

    private static func numbers(
        _ arguments: Arguments,
        _ evaluator: Evaluator
    ) throws(JSONataError) -> [Double]? {
        guard let array = arguments.array(0) else { return nil }
        try evaluator.spend(array.count / 8)
        var numbers: [Double] = []
        numbers.reserveCapacity(array.count)
        for index in 0..<array.count {
            if case .number(let number) = array[index] { numbers.append(number) }
        }
        return numbers
    }

    static let arrays: [Builtin] = [
        Builtin("append", "<xx:a>", arity: 2) { evaluator, arguments throws(JSONataError) in
            if arguments[0].isUndefined { return arguments[1] }
            if arguments[1].isUndefined { return arguments[0] }
            return try evaluator.array(
                arguments[0].items.elements + arguments[1].items.elements
            )
        },
        Builtin("sort", "<af?:a>", arity: 2, sort),
        Builtin("reverse", "<a:a>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0) else { return .undefined }
            guard array.count > 1 else { return .array(array) }
            return try evaluator.array(array.elements.reversed())
        },
        Builtin("shuffle", "<a:a>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0) else { return .undefined }
            guard array.count > 1 else { return .array(array) }
            var elements = array.elements
            for index in elements.indices.dropFirst() {
                let other = Int(evaluator.nextRandom() % UInt64(index + 1))
                elements.swapAt(index, other)
            }
            return try evaluator.array(elements)
        },
        Builtin("distinct", "<x:x>", arity: 1, distinct),
        Builtin("zip", "<a+>", arity: 1) { evaluator, arguments throws(JSONataError) in
            var arrays: [ArrayValue] = []
            for value in arguments.values {
                guard case .array(let array) = value else { return try evaluator.array([]) }
                arrays.append(array)
            }
            var rows: [Value] = []
            for index in 0..<(arrays.map(\.count).min() ?? 0) {
                rows.append(try evaluator.array(arrays.map { $0[index] }))
            }
            return try evaluator.array(rows)
        },
    ]

    private static let sort: Body = { evaluator, arguments throws(JSONataError) in
        guard let array = arguments.array(0) else { return .undefined }
        guard array.count > 1 else { return .array(array) }
        let elements = array.elements
        let order: [Int]
        if let comparator = arguments.function(1) {
            order = try evaluator.mergeSorted(elements.count) {
                first,
                second throws(JSONataError) in
                try evaluator.isTrue(
                    evaluator.callBack(comparator, [elements[first], elements[second]], arguments)
                )
            }
        } else {
            let letter = elements[0].typeLetter
            guard letter == "n" || letter == "s",
                elements.allSatisfy({ $0.typeLetter == letter })
            else { throw JSONataError("D3070", index: 1) }
            order = try evaluator.mergeSorted(elements.count) {
                first,
                second throws(JSONataError) in
                switch (elements[first], elements[second]) {
                case (.number(let left), .number(let right)): left > right
                case (.string(let left), .string(let right)): left.order(before: right) > 0
                default: false
                }
            }
        }
        return try evaluator.array(order.map { elements[$0] })
    }

    private static let distinct: Body = { evaluator, arguments throws(JSONataError) in
        guard let array = arguments.array(0), array.count > 1 else { return arguments[0] }
        var results: [Value] = []
        var strings: Set<[UInt8]> = []
        var numbers: Set<Double> = []
        var others: [Value] = []
        for index in 0..<array.count {
            try evaluator.spend()
            let value = array[index]
            switch value {
            case .string(let text):
                guard strings.insert(Array(text.utf8)).inserted else { continue }
            case .number(let number):
                guard numbers.insert(number).inserted else { continue }
            default:
                var isKnown = false
                for other in others {
                    isKnown = try evaluator.isEqual(other, value)
                    if isKnown { break }
                }
                if isKnown { continue }
                others.append(value)
            }
            results.append(value)
        }
        return try evaluator.array(results, array.isSequence ? .sequence : [])
    }
}
