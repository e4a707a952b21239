/// A regular expression of JavaScript, compiled once.
///
/// It works on whole characters (Unicode scalars), where JavaScript without its flag `u` works on halves of some.
/// A match takes a bounded number of steps and no recursion.
struct Pattern: Sendable {
    let source: String
    let program: [Instruction]
    let groupCount: Int
    let ignoresCase: Bool
    let isMultiline: Bool

    init(
        _ source: [Unicode.Scalar],
        ignoresCase: Bool,
        isMultiline: Bool
    ) throws(PatternError) {
        var parser = PatternParser(source)
        let tree = try parser.parse()
        var compiler = PatternCompiler(ignoresCase: ignoresCase)
        try compiler.compile(tree)
        self.source = String(String.UnicodeScalarView(source))
        program = compiler.program + [.match]
        groupCount = parser.groupCount
        self.ignoresCase = ignoresCase
        self.isMultiline = isMultiline
    }

    enum Instruction: Sendable {
        case scalar(Unicode.Scalar)
        case any
        case set(ScalarSet)
        /// Goes on at the first, and at the second if that fails.
        case split(Int, Int)
        case jump(Int)
        /// Notes the place as the begin (even) or end (odd) of a group.
        case save(Int)
        /// Forgets what the groups of a loop's last turn held.
        case clear(ClosedRange<Int>)
        /// Notes where a turn of a loop begins; the turn must take something.
        case markTurn(Int)
        case checkTurn(Int)
        case lineStart
        case lineEnd
        case wordBoundary(isWanted: Bool)
        case backReference(Int)
        /// Tries what follows up to the address, which ends in `match`, and goes on there.
        case look(isAhead: Bool, isWanted: Bool, end: Int)
        case match
    }
}

/// Why a text is no regular expression.
struct PatternError: Error {
    let reason: String
}

/// A set of characters: `[a-z]`, `\d` and the like.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isInverted = false

    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(ranges: [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isInverted
    }

    /// The ranges of what is not in this set.
    var complement: [ClosedRange<UInt32>] {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return gaps
    }
}
