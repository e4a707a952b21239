import ShaleItems
import Testing

@testable import ShaleExpressions

/// Statements made at random.
@Suite struct StatementFuzzTests {
    private static let pieces = [
        "SELECT", "*", "FROM", "t", "\"t\"", ".", "WHERE", "a", "b", "m.x", "l[0]", "?", "'x'", "1",
        "-", "<<", ">>", "[", "]", "{", "}", "(", ")", ",", ":", "=", "<>", "!=", "<", ">=", "AND",
        "OR", "NOT", "IN", "BETWEEN", "IS", "MISSING", "NULL", "size(", "contains(a,", "EXISTS(",
        "ORDER BY", "DESC", "INSERT INTO", "VALUE", "UPDATE", "SET", "REMOVE", "DELETE",
        "RETURNING ALL OLD *", "set_add(a,", "list_append(", "--", "/*", "*/", ";", "é", "\"",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        let start = [
            "", "SELECT * FROM t WHERE ", "UPDATE t SET a = ", "INSERT INTO t VALUE {'a':",
        ]
        let count = Int.random(in: 1...12, using: &random)
        return start[Int.random(in: 0..<start.count, using: &random)]
            + (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            .joined(separator: Bool.random(using: &random) ? " " : "")
    }

    @Test func `random tokens give a statement or an error`() {
        var random = SeededGenerator(seed: 21)
        var answers = 0
        for _ in 0..<30_000 {
            let text = Self.text(&random)
            do throws(ExpressionError) {
                _ = try Statement.parse(text, parameters: text.contains("?") ? ["x"] : [])
                answers += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(answers > 100, "the generator makes good statements too")
    }

    private static func condition(_ random: inout SeededGenerator, _ depth: Int) -> String {
        let leaves = [
            "k = 1", "k = 2", "1 = k", "k IN [1, 3]", "k IN [2, 3]", "k <> 1", "s = 'b'", "s > 'a'",
            "'c' >= s", "s BETWEEN 'a' AND 'b'", "begins_with(s, 'b')", "s IN ['b', 'x']", "s = v",
            "v = 5", "v < 5", "k = v", "NOT k = 1", "v IS MISSING", "s <> 'b'",
        ]
        guard depth > 0, Int.random(in: 0..<4, using: &random) > 0 else {
            return leaves[Int.random(in: 0..<leaves.count, using: &random)]
        }
        let joint = ["AND", "AND", "OR"][Int.random(in: 0..<3, using: &random)]
        let parts = (0..<Int.random(in: 2...3, using: &random)).map { _ in
            condition(&random, depth - 1)
        }
        return "(" + parts.joined(separator: " \(joint) ") + ")"
    }

    /// What is taken for the key and what is left say together what the whole said.
    @Test func `a condition is split without a change of meaning`() throws {
        let schema = KeySchema(partition: .init("k", .number), sort: .init("s", .string))
        let items: [Item] = [1, 2, 3].flatMap { k -> [Item] in
            ["a", "b", "bc", "c"].flatMap { s -> [Item] in
                [
                    ["k": .number(Number(k)), "s": .string(s)],
                    ["k": .number(Number(k)), "s": .string(s), "v": .number(5)],
                ]
            }
        }
        var random = SeededGenerator(seed: 22)
        var (keyed, exact) = (0, 0)
        for _ in 0..<3_000 {
            let text = Self.condition(&random, 2)
            guard case .delete(let delete) = try Statement.parse("DELETE FROM t WHERE \(text)")
            else { continue }
            let split = KeyedCondition(delete.condition, schema)
            keyed += split.partitions == nil ? 0 : 1
            let key = split.exactKey(schema)
            exact += key == nil ? 0 : 1
            for item in items {
                let (k, s) = (try #require(item["k"]), try #require(item["s"]))
                let isInRange =
                    split.partitions?.contains(k) ?? true
                    && split.sorts.allSatisfy { $0.contains(s) }
                    && split.sortChoices?.contains(s) ?? true
                let holds = delete.condition?.isSatisfied(by: item) ?? true
                #expect(
                    (isInRange && split.rest?.isSatisfied(by: item) ?? true) == holds,
                    "\(text) of \(item)"
                )
                if let key, holds { #expect(item["k"] == key["k"] && item["s"] == key["s"]) }
            }
        }
        #expect(keyed > 500)
        #expect(exact > 40)
    }

    @Test(arguments: [(1, 100, true), (10, 10, true), (10, 11, false), (100, 2, false)])
    func `a statement looks up at most a hundred keys`(
        partitions: Int,
        sorts: Int,
        areLookedUp: Bool
    ) throws {
        func list(_ count: Int) -> String {
            (0..<count).map { "'\($0)'" }.joined(separator: ",")
        }
        let text = "DELETE FROM t WHERE k IN [\(list(partitions))] AND s IN [\(list(sorts))]"
        guard case .delete(let delete) = try Statement.parse(text) else { return }
        let schema = KeySchema(partition: .init("k", .string), sort: .init("s", .string))
        let keyed = KeyedCondition(delete.condition, schema)
        #expect(keyed.partitions?.count == partitions)
        #expect(keyed.sortChoices?.count == (areLookedUp ? sorts : nil))
        #expect((keyed.rest == nil) == areLookedUp)
    }

    @Test func `the deepest statement fits the stack of a small thread`() {
        let deep =
            String(repeating: "(NOT ", count: 32) + "a=1" + String(repeating: ")", count: 32)
        let lists = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        let values =
            String(repeating: "list_append(a,", count: 63) + "[1]"
            + String(repeating: ")", count: 63)
        for text in [
            "SELECT * FROM t WHERE \(deep)", "INSERT INTO t VALUE {'a': \(lists)}",
            "UPDATE t SET a = \(values) WHERE a = 1",
        ] {
            #expect(StackTests.onSmallThread { try? Statement.parse(text) } != nil, "\(text)")
        }
    }
}
