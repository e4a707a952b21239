/// What a step selects: members by name, all members, all descendants, what a predicate lets through.
extension Evaluator {
    func lookup(_ name: String, in input: Value) throws(JSONataError) -> Value {
        switch input {
        case .object(let object): return object[name]
        case .array(let array):
            var results: [Value] = []
            try collect(name, in: array, into: &results)
            return try self.array(results, .sequence)
        default: return .undefined
        }
    }

    private func collect(
        _ name: String,
        in array: ArrayValue,
        into results: inout [Value]
    ) throws(JSONataError) {
        for index in 0..<array.count {
            try spend()
            switch array[index] {
            case .object(let object):
                switch object[name] {
                case .undefined: break
                case .array(let inner): results += inner.elements
                case let value: results.append(value)
                }
            case .array(let inner):
                try deeper { () throws(JSONataError) in
                    try collect(name, in: inner, into: &results)
                }
            default: break
            }
        }
    }

    func wildcard(_ input: Value) throws(JSONataError) -> Value {
        var source = input
        if case .array(let array) = input, array.flags.contains(.outerWrapper), array.count > 0 {
            source = array[0]
        }
        var results: [Value] = []
        var flags: ArrayValue.Flags = .sequence
        for value in members(of: source) {
            try spend()
            guard case .array(let array) = value else {
                results.append(value)
                continue
            }
            flags = []
            try flatten(array, into: &results)
        }
        return try array(results, flags)
    }

    /// The values in an object or an array.
    private func members(of value: Value) -> [Value] {
        switch value {
        case .object(let object): (0..<object.count).map { object.member(at: $0).value }
        case .array(let array): array.elements
        default: []
        }
    }

    private func flatten(_ array: ArrayValue, into results: inout [Value]) throws(JSONataError) {
        for index in 0..<array.count {
            try spend()
            if case .array(let inner) = array[index] {
                try deeper { () throws(JSONataError) in try flatten(inner, into: &results) }
            } else {
                results.append(array[index])
            }
        }
    }

    func descendants(_ input: Value) throws(JSONataError) -> Value {
        guard !input.isUndefined else { return .undefined }
        var results: [Value] = []
        try descend(input, into: &results)
        return results.count == 1 ? results[0] : try array(results, .sequence)
    }

    private func descend(_ value: Value, into results: inout [Value]) throws(JSONataError) {
        try spend()
        if case .array = value {} else { results.append(value) }
        for member in members(of: value) {
            try deeper { () throws(JSONataError) in try descend(member, into: &results) }
        }
    }

    // MARK: Predicates

    func filter(
        _ input: Value,
        by predicate: Node,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        if input.isUndefined { return .undefined }
        let items = input.items
        let flags: ArrayValue.Flags = items.holdsTuples ? [.sequence, .tuples] : .sequence
        if case .number(let number) = predicate.kind, predicate.predicates.isEmpty {
            guard let index = position(number, in: items.count) else { return try array([], flags) }
            let item = items[index]
            if case .array = item { return item }
            return try array([item], flags)
        }
        var results: [Value] = []
        for index in 0..<items.count {
            let item = items[index]
            let verdict: Value
            if case .tuple(let tuple) = item {
                verdict = try evaluate(predicate, tuple.value, self.frame(of: tuple, frame))
            } else {
                verdict = try evaluate(predicate, item, frame)
            }
            if let positions = numbers(in: verdict) {
                for number in positions where position(number, in: items.count) == index {
                    results.append(item)
                }
            } else if try isTrue(verdict) {
                results.append(item)
            }
        }
        return try array(results, flags)
    }

    /// The place that a number names, from the end where it is negative.
    private func position(_ number: Double, in count: Int) -> Int? {
        var place = number.rounded(.down)
        if place < 0 { place += Double(count) }
        return place >= 0 && place < Double(count) ? Int(place) : nil
    }

    /// The numbers of a predicate's value; nil where it is a condition.
    private func numbers(in verdict: Value) -> [Double]? {
        switch verdict {
        case .number(let number): return [number]
        case .array(let array):
            guard array.count > 0 else { return nil }
            var numbers: [Double] = []
            for index in 0..<array.count {
                guard case .number(let number) = array[index] else { return nil }
                numbers.append(number)
            }
            return numbers
        default: return nil
        }
    }
}
