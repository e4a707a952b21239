import ShaleItems
import Testing

@testable import ShaleExpressions

/// What statements mean: the same trees that expressions are made of.
@Suite struct StatementParserTests {
    private static func select(
        _ rest: String,
        _ parameters: [AttributeValue] = []
    ) throws -> SelectStatement? {
        guard case .select(let select) = try Statement.parse(rest, parameters: parameters) else {
            return nil
        }
        return select
    }

    @Test(arguments: [
        ("a = 1", "a = :1"), ("a <> 1", "a <> :1"), ("a != 1", "a <> :1"),
        ("a < 1 AND b >= 1", "a < :1 AND b >= :1"), ("a <= 1 or b > 1", "a <= :1 OR b > :1"),
        ("not a = 1", "NOT a = :1"), ("a BETWEEN 1 AND 2", "a BETWEEN :1 AND :2"),
        ("a NOT BETWEEN 1 AND 2", "NOT a BETWEEN :1 AND :2"),
        ("a IN [1, 2]", "a IN (:1, :2)"), ("a IN (1, 2)", "a IN (:1, :2)"),
        ("a NOT IN [1, 2]", "NOT a IN (:1, :2)"),
        ("a IS MISSING", "attribute_not_exists(a)"),
        ("a IS NOT MISSING", "NOT attribute_not_exists(a)"),
        ("a IS NULL", "attribute_type(a, :NULL)"),
        ("a IS NOT NULL", "NOT attribute_type(a, :NULL)"),
        ("a is bool", "attribute_type(a, :BOOL)"), ("a IS STRING", "attribute_type(a, :S)"),
        ("a IS DOUBLE PRECISION", "attribute_type(a, :N)"),
        ("a IS CHARACTER VARYING", "attribute_type(a, :S)"),
        (
            "a IS BAG",
            "attribute_type(a, :SS) OR attribute_type(a, :NS) OR attribute_type(a, :BS)"
        ),
        ("attribute_exists(a)", "attribute_exists(a)"),
        ("ATTRIBUTE_NOT_EXISTS(a)", "attribute_not_exists(a)"),
        ("attribute_exists(a) = true", "attribute_exists(a)"),
        ("attribute_exists(a) = false", "NOT attribute_exists(a)"),
        ("attribute_exists(a) <> true", "NOT attribute_exists(a)"),
        ("attribute_type(a, 'N')", "attribute_type(a, :N)"),
        ("begins_with(a, 'N')", "begins_with(a, :N)"), ("Contains(a, 1)", "contains(a, :1)"),
        ("size(a) > 1", "size(a) > :1"), ("size(\"a\") = size(b)", "size(a) = size(b)"),
        ("a.b[0].c = 1", "a.b[0].c = :1"), ("a['b'][-0] = 1", "a.b[0] = :1"),
        ("(a = 1 OR b = 1) AND c = 1", "(a = :1 OR b = :1) AND c = :1"),
        ("((a = 1))", "a = :1"), ("1 = a", ":1 = a"), ("\"size\".\"a\" = 1", "#size.a = :1"),
        ("a = 1 -- the end", "a = :1"), ("a = 1 /* b */ AND--\n c = 1;", "a = :1 AND c = :1"),
    ])
    func `a condition is the same as an expression`(partiql: String, expression: String) throws {
        var values: [String: AttributeValue] = [":1": 1, ":2": 2]
        for type in AttributeType.allCases { values[":\(type.rawValue)"] = .string(type.rawValue) }
        var placeholders = try Placeholders(names: ["#size": "size"], values: values)
        let wanted = try Condition.parse(expression, with: &placeholders)
        let got = try Self.select("SELECT * FROM t WHERE \(partiql)")
        #expect(got?.condition == wanted)
        guard case .delete(let delete) = try Statement.parse("DELETE FROM t WHERE \(partiql)")
        else { return #expect(Bool(false), "a deletion") }
        #expect(delete.condition == wanted)
    }

    @Test(arguments: [
        ("SET a = 1", "SET a = :1"), ("SET a = 1 SET b = 2", "SET a = :1, b = :2"),
        ("SET a = 1, b = 2", "SET a = :1, b = :2"), ("REMOVE a REMOVE b[1]", "REMOVE a, b[1]"),
        ("SET a = 1 REMOVE b SET c.d = 2", "SET a = :1, c.d = :2 REMOVE b"),
        ("SET a = a + 1", "SET a = a + :1"), ("set a=a-1", "SET a = a - :1"),
        ("SET a = (a + 1)", "SET a = a + :1"),
        ("SET a = list_append(a, [1])", "SET a = list_append(a, :l)"),
        ("SET a = LIST_APPEND([1], b.c)", "SET a = list_append(:l, b.c)"),
        ("SET a = set_add(a, <<1>>)", "ADD a :ns"), ("SET a = SET_ADD(a, <<'x'>>)", "ADD a :ss"),
        ("SET a.b = set_delete(a.b, <<1>>)", "DELETE a.b :ns"),
        ("SET \"set\" = b", "SET #set = b"),
    ])
    func `changes are the same as an expression's`(partiql: String, expression: String) throws {
        var placeholders = try Placeholders(
            names: ["#set": "set"],
            values: [
                ":1": 1, ":2": 2, ":l": [1], ":ns": .numberSet([1]), ":ss": .stringSet(["x"]),
            ]
        )
        let wanted = try Update.parse(expression, with: &placeholders)
        for text in ["UPDATE t \(partiql) WHERE k = 1", "FROM t WHERE k = 1 \(partiql)"] {
            guard case .update(let update) = try Statement.parse(text) else {
                return #expect(Bool(false), "an update")
            }
            #expect(Set(update.update.actions) == Set(wanted.actions), "\(text)")
            #expect(try update.condition == Condition.parse("k = :v", values: [":v": 1]))
        }
    }

    private static let numbers: AttributeValue = .numberSet([1, 2.5, -3])

    private static let literals: [(String, AttributeValue)] = [
        ("'it''s'", .string("it's")), ("''", .string("")), ("'ä\n'", .string("ä\n")),
        ("'a--b /*c*/'", .string("a--b /*c*/")), ("12", .number(12)),
        ("+1", .number(1)), ("1E3", .number(1000)), ("-0.5e1", .number(-5)),
        (".5e1", .number(5)), ("5.", .number(5)), ("-0", .number(0)), ("true", .bool(true)),
        ("FALSE", .bool(false)), ("null", .null), ("[]", .list([])),
        ("[1, 'a', [null]]", .list([.number(1), .string("a"), .list([.null])])),
        ("{}", .map([:])), ("{'a': {'b': 1}}", .map(["a": .map(["b": .number(1)])])),
        ("<<1, 2.5, -3>>", numbers), ("<<'b', 'a'>>", .stringSet(["a", "b"])),
        ("?", .binary([1])), ("[?, {'x': ?}]", .list([.binary([1]), .map(["x": .bool(true)])])),
    ]

    @Test(arguments: literals)
    func `a literal is the value it writes`(text: String, value: AttributeValue) throws {
        let parameters = Array(
            [AttributeValue.binary([1]), .bool(true)].prefix(text.count { $0 == "?" })
        )
        let statement = try Statement.parse(
            "INSERT INTO t VALUE {'v': \(text)}",
            parameters: parameters
        )
        #expect(statement == .insert(InsertStatement(tableName: "t", item: ["v": value])))
    }

    @Test func `an item may be one parameter`() throws {
        let statement = try Statement.parse(
            "insert into \"a.b-c\" value ?;",
            parameters: [.map(["k": .number(1)])]
        )
        #expect(
            statement
                == .insert(InsertStatement(tableName: "a.b-c", item: ["k": .number(1)]))
        )
    }

    @Test func `attributes of an answer are named by the ends of their paths`() throws {
        let select = try #require(
            try Self.select("SELECT a, m.k[1], l[0][2], m.\"a b\", \"m.z\" FROM \"t\".\"i\"")
        )
        #expect(select.selected?.map(\.name) == ["a", "k[1]", "l[0][2]", "a b", "m.z"])
        #expect((select.tableName, select.indexName) == ("t", "i"))
        let item: Item = [
            "a": 1, "m": ["k": [5, 6], "a b": "x"], "l": [[1, 2, 3]], "m.z": true, "rest": .null,
        ]
        #expect(
            select.answer(from: item)
                == ["a": 1, "k[1]": 6, "l[0][2]": 3, "a b": "x", "m.z": true]
        )
        #expect(select.answer(from: ["m": .map([:])]) == [:])
        let star = try #require(try Self.select("SELECT * FROM t"))
        #expect(star.answer(from: item) == item)
    }

    @Test(arguments: [
        ("arn:aws:dynamodb:eu-test-1:000000000000:table/Songs", "Songs"),
        ("arn:aws:dynamodb:eu-test-1:000000000000:stream/Songs", nil), ("arn:table/Songs", nil),
        ("Songs", "Songs"),
    ])
    func `a table may be named by its resource name`(text: String, name: String?) throws {
        let select = try #require(try Self.select("SELECT * FROM \"\(text)\".\"i\""))
        #expect(select.tableName == name ?? text)
        #expect(select.indexName == "i")
        let delete = try Statement.parse("DELETE FROM \"\(text)\" WHERE k = 1")
        #expect(delete.tableName == name ?? text)
    }

    @Test func `an order is kept as it is written`() throws {
        let select = try #require(
            try Self.select("SELECT * FROM t WHERE a = ? ORDER BY a, \"b\" DESC, c ASC", ["x"])
        )
        #expect(
            select.order == [
                .init(name: "a", isAscending: true), .init(name: "b", isAscending: false),
                .init(name: "c", isAscending: true),
            ]
        )
        #expect(try select.condition == Condition.parse("a = :v", values: [":v": "x"]))
    }

    @Test(arguments: Returning.allCases)
    func `an update returns what it is asked for`(returning: Returning) throws {
        let statement = try Statement.parse("UPDATE t REMOVE a WHERE k = 1 \(returning.rawValue)")
        #expect(statement.returning == returning)
        #expect(!statement.isRead)
    }

    @Test func `the condition of a transaction is a select in parentheses`() throws {
        let statement = try Statement.parse("EXISTS(SELECT * FROM t WHERE k = 1 AND a IS MISSING)")
        guard case .exists(let select) = statement else { return #expect(Bool(false)) }
        #expect(select.tableName == "t")
        #expect(!statement.isRead)
        #expect(try Statement.parse("SELECT * FROM t").isRead)
    }
}
