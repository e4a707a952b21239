internal import OrderedCollections
internal import ShaleJSON

/// What a regular expression, or a function in its place, finds in a text.
struct Match {
    let text: String
    /// Places in characters.
    let start: Int
    let end: Int
    let groups: [Value]
    /// What finds the next match.
    let next: Function?
}

extension Evaluator {
    /// The first match of a matcher in a text.
    func firstMatch(
        _ matcher: Function,
        _ text: String,
        _ call: Arguments
    ) throws(JSONataError) -> Match? {
        if case .pattern(let pattern) = matcher.kind {
            return try find(pattern, Array(text.unicodeScalars), from: 0)
        }
        return try match(from: apply(matcher, [.string(text)], call.input, call.frame))
    }

    func nextMatch(_ match: Match, _ call: Arguments) throws(JSONataError) -> Match? {
        guard let next = match.next else { return nil }
        if case .nextMatch(let pattern, let text, let offset) = next.kind {
            return try findNext(pattern, text, from: offset)
        }
        return try self.match(from: apply(next, [], call.input, call.frame))
    }

    private func match(from value: Value) throws(JSONataError) -> Match? {
        if value.isUndefined { return nil }
        guard case .object(let object) = value else { throw JSONataError("T1010") }
        guard case .number(let start) = object["start"], case .number(let end) = object["end"],
            case .string(let text) = object["match"], start.magnitude < 1e9, end.magnitude < 1e9
        else { throw JSONataError("T1010") }
        var groups: [Value] = []
        if case .array(let array) = object["groups"] { groups = array.elements }
        var next: Function?
        if case .function(let function) = object["next"] { next = function }
        return Match(text: text, start: Int(start), end: Int(end), groups: groups, next: next)
    }

    private func find(
        _ pattern: Pattern,
        _ text: [Unicode.Scalar],
        from offset: Int
    ) throws(JSONataError) -> Match? {
        var matcher = PatternMatcher(pattern, text: text, budget: remainingSteps)
        let slots: [Int]?
        do throws(PatternMatcher.OutOfBudget) {
            slots = try matcher.firstMatch(from: offset)
        } catch {
            throw JSONataError.outOfSteps
        }
        try spend(remainingSteps - matcher.budget)
        guard let slots else { return nil }
        var groups: [Value] = []
        for group in 0..<slots.count / 2 {
            let (start, end) = (slots[2 * group], slots[2 * group + 1])
            guard start >= 0, end >= start else {
                groups.append(.undefined)
                continue
            }
            groups.append(try string(String(String.UnicodeScalarView(text[start..<end]))))
        }
        guard case .string(let whole) = groups[0] else { return nil }
        return Match(
            text: whole,
            start: slots[0],
            end: slots[1],
            groups: Array(groups.dropFirst()),
            next: Function(.nextMatch(pattern, text, slots[1]))
        )
    }

    private func findNext(
        _ pattern: Pattern,
        _ text: [Unicode.Scalar],
        from offset: Int
    ) throws(JSONataError) -> Match? {
        guard offset < text.count else { return nil }
        let match = try find(pattern, text, from: offset)
        if let match, match.text.isEmpty {
            throw JSONataError("D1004", value: .string(pattern.source))
        }
        return match
    }

    // MARK: A regular expression as a function

    func match(
        _ pattern: Pattern,
        _ text: [Unicode.Scalar],
        from offset: Int
    ) throws(JSONataError) -> Value {
        try find(pattern, text, from: offset)?.value ?? .undefined
    }

    func nextMatch(
        _ pattern: Pattern,
        _ text: [Unicode.Scalar],
        from offset: Int
    ) throws(JSONataError) -> Value {
        try findNext(pattern, text, from: offset)?.value ?? .undefined
    }
}

extension Match {
    /// The match as a function of the expression sees it.
    var value: Value {
        var members: OrderedDictionary<String, Value> = [
            "match": .string(text),
            "start": .number(Double(start)),
            "end": .number(Double(end)),
            "groups": .array(ArrayValue(groups)),
        ]
        if let next { members["next"] = .function(next) }
        return .object(ObjectValue(members))
    }
}
