import ShaleItems
import Testing

@testable import ShaleExpressions

/// The API before expressions means what the expression language means.
struct LegacyTests {
    static let item: Item = [
        "v": 5, "t": "apple", "s": .stringSet(["red"]), "l": .list([1, "x"]), "b": .binary([1, 2]),
    ]

    static func refusal(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ExpressionError)?.message
        }
    }

    @Test(
        arguments: [
            ("v", LegacyOperator.equal, [5], true), ("v", .equal, [6], false),
            ("x", .equal, [5], false), ("v", .notEqual, [5], false), ("x", .notEqual, [5], true),
            ("v", .less, [6], true), ("v", .less, ["6"], false), ("v", .lessOrEqual, [5], true),
            ("v", .greater, [5], false), ("v", .greaterOrEqual, [5], true),
            ("x", .less, [6], false),
            ("v", .between, [5, 6], true), ("v", .between, [6, 7], false),
            ("v", .isIn, [1, 5], true),
            ("v", .isIn, [1], false), ("x", .isIn, [1], false), ("v", .isPresent, [], true),
            ("x", .isPresent, [], false), ("v", .isAbsent, [], false), ("x", .isAbsent, [], true),
            ("t", .contains, ["ppl"], true), ("s", .contains, ["red"], true),
            ("l", .contains, [1], true),
            ("x", .contains, ["a"], false), ("t", .notContains, ["ppl"], false),
            ("x", .notContains, ["a"], true), ("t", .beginsWith, ["ap"], true),
            ("b", .beginsWith, [.binary([1])], true), ("t", .beginsWith, ["pl"], false),
        ] as [(String, LegacyOperator, [AttributeValue], Bool)]
    )
    func `each operator compares as its counterpart does`(
        name: String,
        comparison: LegacyOperator,
        values: [AttributeValue],
        holds: Bool
    ) throws {
        let condition = try LegacyCondition(name, comparison, values)
        #expect(
            try #require(Condition([condition], joinedBy: .all)).isSatisfied(by: Self.item) == holds
        )
    }

    @Test func `conditions are joined as the request says, and none always holds`() throws {
        let yes = try LegacyCondition("v", .isPresent, [])
        let no = try LegacyCondition("v", .isAbsent, [])
        #expect(Condition([yes, no], joinedBy: .all)?.isSatisfied(by: Self.item) == false)
        #expect(Condition([yes, no], joinedBy: .any)?.isSatisfied(by: Self.item) == true)
        #expect(Condition([], joinedBy: .any) == nil)
    }

    @Test(arguments: LegacyOperator.allCases)
    func `each operator takes its number of values and no other`(comparison: LegacyOperator) {
        for count in 0...3 {
            let values = [AttributeValue](repeating: "a", count: count)
            let message = Self.refusal { _ = try LegacyCondition("a", comparison, values) }
            #expect((message == nil) == comparison.operandCount.contains(count))
            #expect(message?.hasSuffix("for the \(comparison.rawValue) ComparisonOperator") ?? true)
        }
    }

    @Test(
        arguments: [
            (
                [.between], [2, 1],
                "The BETWEEN condition was provided a range where the lower bound is greater"
            ),
            ([.isIn], [2, "a"], "AttributeValues inside AttributeValueList must be of same type"),
            ([.less, .greaterOrEqual], [.bool(true)], "is not valid for BOOL AttributeValue type"),
            ([.beginsWith], [1], "is not valid for N AttributeValue type"),
            ([.contains, .isIn], [.stringSet(["a"])], "is not valid for SS AttributeValue type"),
            ([.equal], [.stringSet(["a", "a"])], "duplicates"),
        ] as [([LegacyOperator], [AttributeValue], String)]
    )
    func `values that do not fit are refused`(
        comparisons: [LegacyOperator],
        values: [AttributeValue],
        words: String
    ) {
        for comparison in comparisons {
            let message = Self.refusal { _ = try LegacyCondition("a", comparison, values) }
            #expect(message?.contains(words) == true, "\(message ?? "taken")")
        }
    }

    static func update(
        _ name: String,
        _ action: AttributeUpdate.Action,
        _ value: AttributeValue?
    ) -> AttributeUpdate {
        var update = AttributeUpdate(name)
        update.action = action
        update.value = value
        return update
    }

    @Test(
        arguments: [
            ("v", AttributeUpdate.Action.put, "new", "new"), ("x", .put, 1, 1), ("v", .add, 2, 7),
            ("x", .add, 2, 2),
            ("s", .add, .stringSet(["blue", "red"]), .stringSet(["red", "blue"])),
            ("l", .add, .list([2]), .list([1, "x", 2])), ("x", .add, .list([2]), .list([2])),
            ("v", .delete, nil, nil), ("x", .delete, nil, nil),
            ("s", .delete, .stringSet(["red"]), nil),
            ("s", .delete, .stringSet(["blue"]), .stringSet(["red"])),
        ] as [(String, AttributeUpdate.Action, AttributeValue?, AttributeValue?)]
    )
    func `each action leaves what it should`(
        name: String,
        action: AttributeUpdate.Action,
        value: AttributeValue?,
        left: AttributeValue?
    ) throws {
        let update = try Update([Self.update(name, action, value)])
        #expect(try update.apply(to: Self.item).item[name] == left)
    }

    @Test(
        arguments: [
            ("t", AttributeUpdate.Action.add, 1), ("v", .add, .list([1])),
            ("v", .delete, .stringSet(["a"])), ("s", .add, .numberSet([1])),
        ] as [(String, AttributeUpdate.Action, AttributeValue)]
    )
    func `an attribute of another type is told in the words of this API`(
        name: String,
        action: AttributeUpdate.Action,
        value: AttributeValue
    ) {
        let message = Self.refusal {
            _ = try Update([Self.update(name, action, value)]).apply(to: Self.item)
        }
        #expect(message == "Type mismatch for attribute to update")
    }

    @Test(
        arguments: [
            ([("p", .equal, ["a"])], nil), ([("p", .equal, ["a"]), ("s", .less, [1])], nil),
            ([("s", .less, [1]), ("p", .equal, ["a"])], nil),
            ([], "Conditions can be of length 1 or 2 only"),
            ([("s", .equal, [1])], "Query condition missed key schema element: p"),
            (
                [("p", .equal, ["a"]), ("x", .equal, [1])],
                "Query condition missed key schema element: s"
            ),
            ([("p", .less, ["a"])], "Query key condition not supported"),
            (
                [("p", .notEqual, ["a"])],
                "Attempted conditional constraint is not an indexable operation"
            ),
            (
                [("p", .equal, ["a"]), ("s", .isIn, [1])],
                "Attempted conditional constraint is not an indexable operation"
            ),
        ] as [([(String, LegacyOperator, [AttributeValue])], String?)]
    )
    func `key conditions name the key`(
        conditions: [(String, LegacyOperator, [AttributeValue])],
        words: String?
    ) throws {
        let schema = KeySchema(partition: .init("p", .string), sort: .init("s", .number))
        let message = Self.refusal {
            let checked = try conditions.map { try LegacyCondition($0.0, $0.1, $0.2) }
            _ = try KeyCondition(checked, schema: schema)
        }
        #expect(message == words)
    }
}
