import ShaleItems
import Testing

@testable import ShaleExpressions

@Suite struct ExpressionFuzzTests {
    private static let pieces = [
        "a", "b", "m.x", "l[0]", "#n", ":n", ":s", ":l", ":ss", "=", "<>", "<", "<=", ">=", "(",
        ")", "(", ")", ",", ".", "[", "]", "0", "9", "+", "-", "AND", "OR", "NOT", "BETWEEN", "IN",
        "SET", "REMOVE", "ADD", "DELETE", "size", "size(a)", "contains(", "begins_with(a, :s)",
        "if_not_exists(a, :n)", "list_append(l, :l)", "attribute_exists(a)", "é", "#", ":", "name",
    ]

    private static let item: Item = [
        "a": 1, "b": "text", "m": ["x": [1, 2]], "l": [1, ["x": 2]], "odd": .stringSet(["q"]),
    ]

    private static func placeholders() throws -> Placeholders {
        try Placeholders(
            names: ["#n": "odd"],
            values: [":n": 3, ":s": "t", ":l": [1], ":ss": .stringSet(["q"])]
        )
    }

    /// Tokens in any order, and tokens in an order that is often right.
    private static func text(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...14, using: &random)
        return (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            .joined(separator: Bool.random(using: &random) ? " " : "")
    }

    private static func sentence(_ random: inout SeededGenerator) -> String {
        let operands = ["a", "b", "m.x[0]", "#n", ":n", ":s", "size(l)", "l[1].x", "q"]
        let operators = [" = ", " < ", " <> ", " >= ", " + ", " IN (", " BETWEEN :n AND "]
        let joins = [" AND ", " OR ", " AND NOT ", ", ", " REMOVE ", " ADD "]
        var text = ["", "SET ", "NOT ", "("][Int.random(in: 0..<4, using: &random)]
        for index in 0..<Int.random(in: 1...4, using: &random) {
            if index > 0 { text += joins[Int.random(in: 0..<joins.count, using: &random)] }
            text += operands[Int.random(in: 0..<operands.count, using: &random)]
            text += operators[Int.random(in: 0..<operators.count, using: &random)]
            text += operands[Int.random(in: 0..<operands.count, using: &random)]
            if Bool.random(using: &random) { text += ")" }
        }
        return text
    }

    @Test func `random tokens give an answer or an error`() throws {
        var random = SeededGenerator(seed: 11)
        let schema = KeySchema(partition: .init("a", .number), sort: .init("b", .string))
        var answers = 0
        for round in 0..<30_000 {
            let text = round % 2 == 0 ? Self.text(&random) : Self.sentence(&random)
            var placeholders = try Self.placeholders()
            answers += answered { () throws(ExpressionError) in
                _ = try Condition.parse(text, with: &placeholders).isSatisfied(by: Self.item)
            }
            answers += answered { () throws(ExpressionError) in
                let result = try Update.parse(text, with: &placeholders).apply(to: Self.item)
                _ = (result.updatedOld, result.updatedNew)
            }
            answers += answered { () throws(ExpressionError) in
                _ = try Projection.parse(text, with: &placeholders).apply(to: Self.item)
            }
            answers += answered { () throws(ExpressionError) in
                _ = try KeyCondition.parse(text, schema: schema, with: &placeholders)
            }
        }
        #expect(answers > 500, "the generator makes good expressions too")
    }

    /// 1 for an answer, 0 for an error, whose offset lies inside the text.
    private func answered(_ body: () throws(ExpressionError) -> Void) -> Int {
        do throws(ExpressionError) {
            try body()
            return 1
        } catch {
            #expect(!error.message.isEmpty)
            return 0
        }
    }

    @Test func `conditions on bytes answer as conditions on items`() throws {
        var random = SeededGenerator(seed: 12)
        let encoded = try EncodedItem(Self.item)
        var compared = 0
        for _ in 0..<5_000 {
            var placeholders = try Self.placeholders()
            let text = Self.sentence(&random)
            let parsed = Result { () throws(ExpressionError) in
                try Condition.parse(text, with: &placeholders)
            }
            guard case .success(let condition) = parsed else { continue }
            #expect(try condition.isSatisfied(by: encoded) == condition.isSatisfied(by: Self.item))
            compared += 1
        }
        #expect(compared > 100)
    }
}

/// A small generator of the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
