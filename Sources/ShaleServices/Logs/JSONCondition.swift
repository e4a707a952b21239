internal import ShaleItems
internal import ShaleWire

/// What a line that is JSON must fulfil.
///
///     { $.user.name = "a*" && ($.sizes[0] > 10 || $.done IS TRUE) && $.error NOT EXISTS }
///
/// Comparisons of a member that is not there are false. A star in a text stands for anything.
struct JSONCondition: Sendable {
    indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case test([Step], Test)
    }

    /// A step from a value to one inside it.
    enum Step: Sendable, Equatable {
        case member(String)
        case element(Int)
    }

    enum Test: Sendable {
        case text(String, isEqual: Bool)
        case number(Number, Comparison)
        case word(AttributeValue)
        case isAbsent
    }

    enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case unequal = "!="
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case greater = ">"
    }

    private let root: Node

    /// Reads a condition.
    ///
    /// - Throws: `InvalidParameterException`, which names the pattern.
    init(_ text: String) throws(RestError) {
        var reader = JSONConditionReader(text)
        root = try reader.condition()
    }

    /// Whether a line is JSON and fulfils it.
    func matches(_ line: String) -> Bool {
        guard line.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"),
            let value = JSONReader.document(line)
        else { return false }
        return Self.holds(root, value)
    }

    private static func holds(_ node: Node, _ value: AttributeValue) -> Bool {
        switch node {
        case .all(let nodes): nodes.allSatisfy { holds($0, value) }
        case .any(let nodes): nodes.contains { holds($0, value) }
        case .test(let steps, let test): holds(test, found(steps, in: value))
        }
    }

    private static func found(_ steps: [Step], in value: AttributeValue) -> AttributeValue? {
        var value = value
        for step in steps {
            switch step {
            case .member(let name):
                guard let member = value.mapValue?[name] else { return nil }
                value = member
            case .element(let index):
                guard let list = value.listValue, index < list.count else { return nil }
                value = list[index]
            }
        }
        return value
    }

    private static func holds(_ test: Test, _ value: AttributeValue?) -> Bool {
        guard let value else {
            if case .isAbsent = test { return true }
            return false
        }
        switch test {
        case .isAbsent: return false
        case .word(let word): return value == word
        case .text(let pattern, let isEqual):
            guard let text = value.stringValue else { return false }
            return matches(Array(text.utf8), Array(pattern.utf8)) == isEqual
        case .number(let wanted, let comparison):
            guard let number = value.numberValue else { return false }
            switch comparison {
            case .equal: return number == wanted
            case .unequal: return number != wanted
            case .less: return number < wanted
            case .greater: return number > wanted
            case .atMost: return number <= wanted
            case .atLeast: return number >= wanted
            }
        }
    }

    /// Whether a text is one of a pattern with stars; goes back to the last star only.
    private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (place, at) = (0, 0)
        var lastStar: (at: Int, place: Int)?
        while place < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                lastStar = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == text[place] {
                at += 1
                place += 1
            } else if let star = lastStar {
                lastStar = (star.at, star.place + 1)
                (at, place) = (star.at + 1, star.place + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
