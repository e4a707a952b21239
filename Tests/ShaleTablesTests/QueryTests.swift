import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

struct QueryTests {
    /// A table whose sort key has one type, with one item for each of `values` under "p".
    static func withTable(
        _ sort: AttributeDefinition,
        _ values: [AttributeValue],
        _ body: (Database) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            var request = CreateTableRequest(
                tableName: "Songs",
                attributeDefinitions: [.string("p"), sort],
                keySchema: [KeySchemaElement("p", .partition), KeySchemaElement("s", .sort)]
            )
            request.billingMode = .payPerRequest
            _ = try await database.createTable(request)
            for value in values {
                // Neighbours that no query for "p" may see.
                for partition in ["p", "o", "q", "p\0"] {
                    try await database.put(["p": .string(partition), "s": value])
                }
            }
            try await body(database)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var condition: String
        var values: [String: AttributeValue]
        var found: [AttributeValue]
        var testDescription: String { "\(condition) \(values)" }

        init(
            _ condition: String,
            _ values: [String: AttributeValue],
            _ found: [AttributeValue]
        ) {
            self.condition = condition
            self.values = values
            self.found = found
        }
    }

    static func check(_ expectation: Case, _ database: Database) async throws {
        var request = songsQuery(
            expectation.condition.isEmpty ? "p = :p" : "p = :p AND \(expectation.condition)",
            expectation.values.merging([":p": "p"]) { first, _ in first }
        )
        let ascending = try await database.all(request).compactMap { $0["s"] }
        #expect(ascending == expectation.found)
        request.scanIndexForward = false
        let descending = try await database.all(request).compactMap { $0["s"] }
        #expect(descending == expectation.found.reversed())
        request.options.limit = 1
        let single = try await database.all(request).compactMap { $0["s"] }
        #expect(single == expectation.found.reversed())
    }

    @Test(arguments: [
        Case("", [:], [-100, -1, 0, 0.5, 1, 10, 99]),
        Case("s = :a", [":a": 0], [0]),
        Case("s = :a", [":a": 2], []),
        Case("s < :a", [":a": 0], [-100, -1]),
        Case("s <= :a", [":a": 0], [-100, -1, 0]),
        Case("s > :a", [":a": 1], [10, 99]),
        Case("s >= :a", [":a": 1], [1, 10, 99]),
        Case("s BETWEEN :a AND :b", [":a": -1, ":b": 1], [-1, 0, 0.5, 1]),
        Case("s BETWEEN :a AND :b", [":a": 2, ":b": 3], []),
        Case("s < :a", [":a": -100], []),
        Case("s > :a", [":a": 99], []),
    ])
    func `numbers are found by value`(expectation: Case) async throws {
        let values: [AttributeValue] = [99, 10, 1, 0.5, 0, -1, -100]
        try await Self.withTable(.number("s"), values) { database in
            try await Self.check(expectation, database)
        }
    }

    @Test(arguments: [
        Case("", [:], ["A", "a", "a\0", "a\0b", "ab", "b", "é", "\u{10FFFF}"]),
        Case("s = :a", [":a": "a"], ["a"]),
        Case("s < :a", [":a": "a"], ["A"]),
        Case("s <= :a", [":a": "a"], ["A", "a"]),
        Case("s > :a", [":a": "a"], ["a\0", "a\0b", "ab", "b", "é", "\u{10FFFF}"]),
        Case("s >= :a", [":a": "b"], ["b", "é", "\u{10FFFF}"]),
        Case("s BETWEEN :a AND :b", [":a": "a\0", ":b": "b"], ["a\0", "a\0b", "ab", "b"]),
        Case("begins_with(s, :a)", [":a": "a"], ["a", "a\0", "a\0b", "ab"]),
        Case("begins_with(s, :a)", [":a": "a\0"], ["a\0", "a\0b"]),
        Case("begins_with(s, :a)", [":a": "\u{10FFFF}"], ["\u{10FFFF}"]),
        Case("begins_with(s, :a)", [":a": "x"], []),
        Case("s = :a", [":a": "e\u{301}"], []),
    ])
    func `text is found by its bytes`(expectation: Case) async throws {
        let values: [AttributeValue] = ["A", "a", "a\0", "a\0b", "ab", "b", "é", "\u{10FFFF}"]
        try await Self.withTable(.string("s"), values.shuffled()) { database in
            try await Self.check(expectation, database)
        }
    }

    static let bytes: [[UInt8]] = [
        [0], [0, 0], [0, 1], [0, 255], [1], [1, 0], [255], [255, 255],
    ]

    @Test(
        arguments: [
            ("", [], 0..<8), ("s < :a", [[1]], 0..<4), ("s > :a", [[0, 255]], 4..<8),
            ("s BETWEEN :a AND :b", [[0, 0], [1]], 1..<5), ("begins_with(s, :a)", [[0]], 0..<4),
            ("begins_with(s, :a)", [[255]], 6..<8), ("begins_with(s, :a)", [[255, 255]], 7..<8),
        ] as [(String, [[UInt8]], Range<Int>)]
    )
    func `bytes are found as unsigned`(
        condition: String,
        operands: [[UInt8]],
        found: Range<Int>
    ) async throws {
        let values = Dictionary(
            uniqueKeysWithValues: zip([":a", ":b"], operands.map { AttributeValue.binary($0) })
        )
        let expectation = Case(condition, values, Self.bytes[found].map { .binary($0) })
        let stored = Self.bytes.map { AttributeValue.binary($0) }
        try await Self.withTable(.binary("s"), stored.shuffled()) { database in
            try await Self.check(expectation, database)
        }
    }

    @Test func `a filter drops what was read, and both are counted`() async throws {
        let values = (0..<10).map { AttributeValue.number(Number($0)) }
        try await Self.withTable(.number("s"), values) { database in
            var request = songsQuery("p = :p", [":p": "p", ":x": 1])
            request.options.filter = "attribute_exists(absent) OR size(absence) = :x"
            let none = try await database.query(request)
            #expect(none.count == 0)
            #expect(none.scannedCount == 10)
            #expect(none.items.isEmpty)
            request.options.filter = "attribute_not_exists(absent)"
            request.options.attributes.values = [":p": "p"]
            request.options.select = .count
            let all = try await database.query(request)
            #expect(all.count == 10)
            #expect(all.items.isEmpty)
            request.options.filter = "s = :p"
            let error = await failure { [request] in _ = try await database.query(request) }
            #expect(error?.message.contains("Primary key attribute: s") == true)
        }
    }

    @Test func `a limit ends a page, also at the last item`() async throws {
        let values = (0..<4).map { AttributeValue.number(Number($0)) }
        try await Self.withTable(.number("s"), values) { database in
            var request = songsQuery("p = :p", [":p": "p"])
            request.options.limit = 4
            let page = try await database.query(request)
            #expect(page.lastEvaluatedKey == ["p": "p", "s": 3])
            request.options.exclusiveStartKey = page.lastEvaluatedKey
            let last = try await database.query(request)
            #expect(last.items.isEmpty)
            #expect(last.lastEvaluatedKey == nil)
            request.options.exclusiveStartKey = ["p": "p", "s": 1.5]
            #expect(try await database.query(request).items.map { $0["s"] } == [2, 3])
        }
    }

    @Test func `a page ends before it is over 1 MB`() async throws {
        let values = (0..<30).map { AttributeValue.number(Number($0)) }
        try await Self.withTable(.number("s"), []) { database in
            for value in values {
                let text = String(repeating: "x", count: 100 * 1024 - 20)
                try await database.put(["p": "p", "s": value, "text": .string(text)])
            }
            var request = songsQuery("p = :p", [":p": "p"])
            request.options.returnConsumedCapacity = .total
            let page = try await database.query(request)
            #expect(page.items.count == 10)
            #expect(page.lastEvaluatedKey == ["p": "p", "s": 9])
            #expect(page.consumedCapacity?.total.value == 125)
            #expect(try await database.all(request).count == 30)
            let scan = try await database.scan(ScanRequest(tableName: "Songs"))
            #expect(scan.items.count == 10)
        }
    }

    @Test(
        arguments: [
            (["p": "p"], "Exclusive Start Key must have same size as table's key schema"),
            (["p": "p", "s": "text"], "The provided starting key is invalid"),
            (
                ["p": "p", "s": 1, "x": 1],
                "Exclusive Start Key must have same size as table's key schema"
            ),
            (["p": "p", "x": 1], "The provided starting key is invalid"),
            (["p": "q", "s": 1], "outside query boundaries"),
            (["p": "p", "s": 9], "does not match the range key predicate"),
        ] as [(Item, String)]
    )
    func `a start key that the query cannot have given is refused`(
        start: Item,
        message: String
    ) async throws {
        try await Self.withTable(.number("s"), [1, 2]) { database in
            var request = songsQuery("p = :p AND s < :s", [":p": "p", ":s": 5])
            request.options.exclusiveStartKey = start
            let asked = request
            let error = await failure { _ = try await database.query(asked) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
        }
    }

    @Test(arguments: [1, 2, 7, 64])
    func `segments of a scan are disjoint and whole`(total: Int) async throws {
        let values = (0..<50).map { AttributeValue.number(Number($0)) }
        try await Self.withTable(.number("s"), values) { database in
            var found: [Item] = []
            for segment in 0..<total {
                var request = ScanRequest(tableName: "Songs")
                request.segment = segment
                request.totalSegments = total
                request.options.limit = 7
                found += try await database.all(request)
            }
            #expect(found.count == 200)
            #expect(Set(found).count == 200)
        }
    }

    @Test func `a start key of another segment is refused`() async throws {
        let values = (0..<20).map { AttributeValue.number(Number($0)) }
        try await Self.withTable(.number("s"), values) { database in
            var refused = 0
            for segment in 0..<8 {
                var request = ScanRequest(tableName: "Songs")
                request.segment = segment
                request.totalSegments = 8
                request.options.exclusiveStartKey = ["p": "p", "s": 3]
                let asked = request
                let error = await failure { _ = try await database.scan(asked) }
                if error?.message.contains("with correct Segment") == true { refused += 1 }
            }
            #expect(refused == 7)
        }
    }
}
