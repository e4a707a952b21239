internal import OrderedCollections
internal import ShaleJSON

/// Arrays and objects that an expression writes, groups, and order.
extension Evaluator {
    func constructed(
        _ items: [Node],
        _ isConstructor: Bool,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        let flags: ArrayValue.Flags = isConstructor ? .constructor : []
        var elements: [Value] = []
        for item in items {
            let value = try evaluate(item, input, frame)
            switch value {
            case .undefined: continue
            case .array(let array):
                if case .array = item.kind {
                    elements.append(value)
                } else if items.count == 1 {
                    return .array(ArrayValue(array, flags))
                } else {
                    try charge(array.count * MemoryLayout<Value>.stride)
                    elements += array.elements
                }
            default: elements.append(value)
            }
        }
        return try array(elements, flags)
    }

    /// One group of items that have a key in common.
    private struct Group {
        var items: [Value]
        let pair: Int
    }

    /// The object of a grouping: every key with the value of what has this key.
    func grouped(
        _ input: Value,
        _ pairs: [Node.Pair],
        at position: Int,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var groups: OrderedDictionary<String, Group> = [:]
        var items = input.items
        if items.count == 0 { items = ArrayValue([.undefined], items.flags) }
        for index in 0..<items.count {
            let (context, inner) = place(items[index], frame)
            for (pairIndex, pair) in pairs.enumerated() {
                let key: String
                switch try evaluate(pair.key, context, inner) {
                case .undefined: continue
                case .string(let text): key = text
                case let value:
                    throw JSONataError("T1003", position: position, value: value.errorValue)
                }
                guard groups[key]?.pair ?? pairIndex == pairIndex else {
                    throw JSONataError("D1009", position: position, value: .string(key))
                }
                groups[key, default: Group(items: [], pair: pairIndex)].items.append(items[index])
            }
        }
        var members = OrderedDictionary<String, Value>(minimumCapacity: groups.count)
        for (key, group) in groups {
            let (context, inner) = try place(group.items, frame)
            let value = try evaluate(pairs[group.pair].value, context, inner)
            if !value.isUndefined { members[key] = value }
        }
        try charge(members.count * 64)
        return .object(ObjectValue(members))
    }

    /// The context and the variables of one item.
    private func place(_ item: Value, _ frame: Frame) -> (Value, Frame) {
        guard case .tuple(let tuple) = item else { return (item, frame) }
        return (tuple.value, self.frame(of: tuple, frame))
    }

    /// The context and the variables of the items of a group together.
    private func place(_ items: [Value], _ frame: Frame) throws(JSONataError) -> (Value, Frame) {
        guard items.count > 1 else { return place(items[0], frame) }
        guard case .tuple = items[0] else { return (try joined(items), frame) }
        var values: [Value] = []
        var variables: OrderedDictionary<String, [Value]> = [:]
        for case .tuple(let tuple) in items {
            if !tuple.value.isUndefined { values.append(tuple.value) }
            for variable in tuple.variables where !variable.value.isUndefined {
                variables[variable.name, default: []].append(variable.value)
            }
        }
        let inner = Frame(parent: frame)
        for (name, all) in variables { inner.bind(name, try joined(all)) }
        return (try joined(values), inner)
    }

    /// Values one behind the other in one array, a single one as it is.
    private func joined(_ values: [Value]) throws(JSONataError) -> Value {
        guard values.count != 1 else { return values[0] }
        var elements: [Value] = []
        for value in values {
            if case .array(let array) = value {
                elements += array.elements
            } else {
                elements.append(value)
            }
        }
        return try array(elements)
    }

    // MARK: Order

    func sort(
        _ input: ArrayValue,
        by terms: [Node.SortTerm],
        at position: Int,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        guard input.count > 1 else { return .array(input) }
        let items = input.elements
        var keys: [[Value]] = items.map { _ in [] }
        let order = try mergeSorted(items.count) { first, second throws(JSONataError) in
            for (index, term) in terms.enumerated() {
                for item in [first, second] where keys[item].count == index {
                    let (context, inner) = place(items[item], frame)
                    keys[item].append(try evaluate(term.expression, context, inner))
                }
                let order: Int
                do throws(JSONataError) {
                    order = try self.order(keys[first][index], keys[second][index], term)
                } catch {
                    throw error.at(position, token: nil)
                }
                if order != 0 { return order > 0 }
            }
            return false
        }
        return try array(order.map { items[$0] }, input.flags.union(.sequence))
    }

    private func order(
        _ first: Value,
        _ second: Value,
        _ term: Node.SortTerm
    ) throws(JSONataError) -> Int {
        var order = 0
        switch (first, second) {
        case (.undefined, .undefined): return 0
        case (.undefined, _): return 1
        case (_, .undefined): return -1
        case (.number(let left), .number(let right)):
            order = left < right ? -1 : left > right ? 1 : 0
        case (.string(let left), .string(let right)): order = left.order(before: right)
        case (.number, .string), (.string, .number):
            throw JSONataError(
                "T2007",
                value: first.errorValue,
                otherValue: second.errorValue
            )
        default:
            let isFirst = !["n", "s"].contains(first.typeLetter)
            throw JSONataError("T2008", value: (isFirst ? first : second).errorValue)
        }
        return term.isDescending ? -order : order
    }

    /// The places of so many items in their order; items that are equal stay in theirs.
    ///
    /// `isBehind`: whether the first item belongs behind the second.
    func mergeSorted(
        _ count: Int,
        isBehind: (Int, Int) throws(JSONataError) -> Bool
    ) throws(JSONataError) -> [Int] {
        var order = Array(0..<count)
        var width = 1
        while width < count {
            var merged: [Int] = []
            merged.reserveCapacity(count)
            for start in stride(from: 0, to: count, by: 2 * width) {
                var left = order[start..<min(start + width, count)]
                var right = order[min(start + width, count)..<min(start + 2 * width, count)]
                while let a = left.first, let b = right.first {
                    try spend()
                    if try isBehind(a, b) {
                        merged.append(b)
                        right.removeFirst()
                    } else {
                        merged.append(a)
                        left.removeFirst()
                    }
                }
                merged += left
                merged += right
            }
            order = merged
            width *= 2
        }
        return order
    }
}
