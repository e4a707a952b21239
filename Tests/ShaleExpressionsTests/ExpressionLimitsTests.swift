import ShaleItems
import Testing

@testable import ShaleExpressions

@Suite struct ExpressionLimitsTests {
    @Test func `there are 573 reserved words, in any case`() {
        #expect(ReservedWords.words.count == 573)
        #expect(ReservedWords.contains("name"))
        #expect(ReservedWords.contains("NaMe"))
        #expect(!ReservedWords.contains("title"))
    }

    @Test(arguments: ["", "   ", "\t\n"])
    func `an expression without tokens is refused`(text: String) {
        let error = #expect(throws: ExpressionError.self) { try Condition.parse(text) }
        #expect(
            error?.message == "Invalid ConditionExpression: The expression can not be empty;"
        )
    }

    @Test func `an expression of more than 4 KB is refused`() throws {
        let fits = "a = " + String(repeating: " ", count: 4_090) + ":v"
        _ = try Condition.parse(fits, values: [":v": 1])
        let error = #expect(throws: ExpressionError.self) {
            try Condition.parse(fits + " ", values: [":v": 1])
        }
        #expect(error?.code == .tooLong)
    }

    @Test func `more than 300 operators are refused`() throws {
        let many = Array(repeating: "a=:v", count: 150).joined(separator: " OR ")
        _ = try Condition.parse(many, values: [":v": 1])
        let error = #expect(throws: ExpressionError.self) {
            try Condition.parse(many + " OR b=:v", values: [":v": 1])
        }
        #expect(error?.code == .tooComplex)
    }

    @Test func `a deep expression is refused, not followed`() {
        let deep = String(repeating: "(NOT ", count: 600) + "a=:v"
        let error = #expect(throws: ExpressionError.self) {
            try Condition.parse(deep, values: [":v": 1])
        }
        #expect(error?.code == .tooComplex)
        let parentheses = "SET a = " + String(repeating: "(", count: 2_000)
        #expect(
            #expect(throws: ExpressionError.self) {
                try Update.parse(parentheses)
            }?.code == .tooComplex
        )
    }

    @Test func `a path deeper than any item is refused`() throws {
        _ = try Projection.parse("a" + String(repeating: ".b", count: 32))
        let error = #expect(throws: ExpressionError.self) {
            try Projection.parse("a" + String(repeating: ".b", count: 33))
        }
        #expect(error?.code == .tooComplex)
    }

    @Test func `a hundred choices are allowed, not more`() throws {
        let choices = Array(repeating: ":v", count: 100).joined(separator: ",")
        _ = try Condition.parse("a IN (\(choices))", values: [":v": 1])
        let error = #expect(throws: ExpressionError.self) {
            try Condition.parse("a IN (\(choices),:v)", values: [":v": 1])
        }
        #expect(error?.code == .operandCount)
    }

    @Test(arguments: ["a", "#", "#a b", "#é", "a#", ":a"])
    func `a name placeholder of another form is refused`(key: String) {
        let error = #expect(throws: ExpressionError.self) { try Placeholders(names: [key: "x"]) }
        #expect(
            error?.message
                == "ExpressionAttributeNames contains invalid key: Syntax error; key: \"\(key)\""
        )
    }

    @Test func `placeholders without entries are refused`() {
        #expect(throws: ExpressionError.self) { try Placeholders(names: [:]) }
        #expect(throws: ExpressionError.self) { try Placeholders(values: [:]) }
        #expect(throws: ExpressionError.self) { try Placeholders(values: [":v": .stringSet([])]) }
    }

    @Test func `the expressions of a request share their placeholders`() throws {
        var placeholders = try Placeholders(
            names: ["#a": "x", "#b": "y"],
            values: [":v": 1, ":w": 2]
        )
        _ = try Condition.parse("#a = :v", with: &placeholders)
        let error = #expect(throws: ExpressionError.self) { try placeholders.requireAllUsed() }
        #expect(
            error?.message
                == "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"
        )
        _ = try Update.parse("SET #b = :w", with: &placeholders)
        try placeholders.requireAllUsed()
    }

    @Test func `a sort condition spans the bytes of the keys it contains`() throws {
        let bounds: [SortCondition] = [
            .equal("b"), .less("b"), .lessOrEqual("b"), .greater("b"), .greaterOrEqual("b"),
            .between("b", "c"), .beginsWith("b"),
        ]
        for bound in bounds {
            let (lower, upper) = try bound.keyRange()
            for text in ["", "a", "b", "b\0", "ba", "b\u{7F}", "c", "c\0", "d"] {
                let key = try KeyCoding.encode(.string(text))
                let isInside =
                    !key.lexicographicallyPrecedes(lower)
                    && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
                #expect(isInside == bound.contains(.string(text)), "\(bound) \(text)")
            }
        }
    }

    @Test func `no item is an item without attributes`() throws {
        #expect(try Condition.parse("attribute_not_exists(a)").isSatisfied(by: nil as Item?))
    }
}
