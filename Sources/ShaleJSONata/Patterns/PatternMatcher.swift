/// Runs the program of a regular expression over a text, with its own stack of what is left to try.
struct PatternMatcher {
    let pattern: Pattern
    let text: [Unicode.Scalar]
    /// How many steps it may still take; a match that needs more has no answer.
    var budget: Int

    /// The places of the groups, begin and end in turn, -1 where a group took no part.
    private var slots: [Int]
    private var turns: [Int]
    private var trail: [Choice] = []

    private enum Choice {
        case branch(address: Int, offset: Int)
        case slot(Int, Int)
        case turn(Int, Int)
    }

    struct OutOfBudget: Error {}

    init(_ pattern: Pattern, text: [Unicode.Scalar], budget: Int) {
        self.pattern = pattern
        self.text = text
        self.budget = budget
        slots = Array(repeating: -1, count: 2 * (pattern.groupCount + 1))
        let loops = pattern.program.count { instruction in
            if case .markTurn = instruction { true } else { false }
        }
        turns = Array(repeating: -1, count: loops)
    }

    /// The first match from a place on: the places of the groups, whole match first.
    mutating func firstMatch(from start: Int) throws(OutOfBudget) -> [Int]? {
        var start = start
        while start <= text.count {
            for index in slots.indices { slots[index] = -1 }
            trail.removeAll(keepingCapacity: true)
            if let end = try run(at: 0, offset: start) {
                slots[0] = start
                slots[1] = end
                return slots
            }
            start += 1
        }
        return nil
    }

    /// Runs from an address to its `match`; where that ends, or nil.
    private mutating func run(at start: Int, offset begin: Int) throws(OutOfBudget) -> Int? {
        var address = start
        var offset = begin
        let floor = trail.count
        while true {
            guard budget > 0 else { throw OutOfBudget() }
            budget -= 1
            if case .match = pattern.program[address] { return offset }
            if let next = try step(&offset, at: address) {
                address = next
            } else if let choice = retreat(to: floor) {
                (address, offset) = choice
            } else {
                return nil
            }
        }
    }

    /// Undoes what was done since the last choice, and takes its other way.
    private mutating func retreat(to floor: Int) -> (Int, Int)? {
        while trail.count > floor, let choice = trail.popLast() {
            switch choice {
            case .branch(let address, let offset): return (address, offset)
            case .slot(let index, let value): slots[index] = value
            case .turn(let index, let value): turns[index] = value
            }
        }
        return nil
    }

    /// Takes one step; the address of the next, or nil where it fails.
    private mutating func step(_ offset: inout Int, at address: Int) throws(OutOfBudget) -> Int? {
        switch pattern.program[address] {
        case .scalar(let wanted):
            guard offset < text.count else { return nil }
            let scalar = pattern.ignoresCase ? text[offset].folded : text[offset]
            guard scalar == wanted else { return nil }
            offset += 1
        case .any:
            guard offset < text.count, !Self.isLineEnd(text[offset]) else { return nil }
            offset += 1
        case .set(let set):
            guard offset < text.count, contains(set, text[offset]) else { return nil }
            offset += 1
        case .split(let first, let second):
            trail.append(.branch(address: second, offset: offset))
            return first
        case .jump(let target): return target
        case .save(let index): setSlot(index, offset)
        case .clear(let range):
            for index in range where slots[index] >= 0 { setSlot(index, -1) }
        case .markTurn(let loop):
            trail.append(.turn(loop, turns[loop]))
            turns[loop] = offset
        case .checkTurn(let loop):
            guard turns[loop] != offset else { return nil }
        case .lineStart, .lineEnd, .wordBoundary:
            guard holds(pattern.program[address], at: offset) else { return nil }
        case .backReference(let number):
            guard let end = matchAgain(number, at: offset) else { return nil }
            offset = end
        case .look(_, let isWanted, let end):
            let floor = trail.count
            let found = try run(at: address + 1, offset: offset) != nil
            if found { dropBranches(from: floor) }
            guard found == isWanted else { return nil }
            return end
        case .match: return nil
        }
        return address + 1
    }

    private mutating func setSlot(_ index: Int, _ value: Int) {
        trail.append(.slot(index, slots[index]))
        slots[index] = value
    }

    /// What was tried in looking ahead is not tried again, but its groups are still undone.
    private mutating func dropBranches(from floor: Int) {
        let kept = trail[floor...].filter { choice in
            if case .branch = choice { false } else { true }
        }
        trail.replaceSubrange(floor..., with: kept)
    }

    private func contains(_ set: ScalarSet, _ scalar: Unicode.Scalar) -> Bool {
        guard pattern.ignoresCase else { return set.contains(scalar) }
        var plain = set
        plain.isInverted = false
        let upper = scalar.properties.uppercaseMapping.unicodeScalars
        let found =
            plain.contains(scalar) || plain.contains(scalar.folded)
            || (upper.count == 1 && upper.first.map(plain.contains) == true)
        return found != set.isInverted
    }

    private func holds(_ condition: Pattern.Instruction, at offset: Int) -> Bool {
        switch condition {
        case .lineStart:
            offset == 0 || (pattern.isMultiline && Self.isLineEnd(text[offset - 1]))
        case .lineEnd:
            offset == text.count || (pattern.isMultiline && Self.isLineEnd(text[offset]))
        case .wordBoundary(let isWanted):
            (isWord(offset - 1) != isWord(offset)) == isWanted
        default: false
        }
    }

    private func isWord(_ offset: Int) -> Bool {
        text.indices.contains(offset) && ScalarSet.word.contains(text[offset])
    }

    /// Where the text of a group ends that stands here again; a group that took no part is empty.
    private mutating func matchAgain(_ number: Int, at offset: Int) -> Int? {
        guard number <= pattern.groupCount, slots[2 * number] >= 0, slots[2 * number + 1] >= 0
        else { return offset }
        let group = text[slots[2 * number]..<slots[2 * number + 1]]
        guard offset + group.count <= text.count else { return nil }
        budget -= group.count
        for (index, scalar) in group.enumerated() {
            let other = text[offset + index]
            let isSame = pattern.ignoresCase ? scalar.folded == other.folded : scalar == other
            guard isSame else { return nil }
        }
        return offset + group.count
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
