import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

/// What a `SELECT` reads, in which order, and how its pages meet.
@Suite struct SelectTests {
    @Test func `a statement reads what its WHERE names, in the order of its keys`() async throws {
        let cases: [(String, String)] = [
            ("artist = 'A' AND title = 'b'", "A/b"), ("title = 'b' AND artist = 'A'", "A/b"),
            ("(artist = 'A' AND title = 'b') AND plays = 10", "A/b"),
            ("artist = 'A' AND title = 'b' AND plays = 11", ""),
            ("artist = 'A' AND title = 'x'", ""),
            ("artist = 'A'", "A/a A/b A/c A/d"), ("'A' = artist", "A/a A/b A/c A/d"),
            ("artist = 'A' AND title > 'b'", "A/c A/d"),
            ("artist = 'A' AND 'b' <= title AND title < 'd'", "A/b A/c"),
            ("artist = 'A' AND title BETWEEN 'b' AND 'c'", "A/b A/c"),
            ("artist = 'A' AND begins_with(title, 'c')", "A/c"),
            ("artist = 'A' AND title IN ['d', 'b', 'b']", "A/b A/d"),
            ("artist = 'A' AND title > 'c' AND title < 'b'", ""),
            ("artist = 'A' AND title = 'a' AND title = 'b'", ""),
            ("artist = 'A' AND artist = 'B'", ""),
            ("artist = 'A' AND NOT title = 'b'", "A/a A/c A/d"),
            ("artist = 'A' AND title <> 'b' AND plays >= 20", "A/c A/d"),
            ("artist IN ['B', 'A'] AND title = 'a'", "A/a B/a"),
            ("artist IN ('C', 'B')", "B/a B/e C/f"),
            ("artist IN ['A', 'B'] AND plays IS NOT MISSING AND year = 2001", "A/b B/e"),
            ("artist = 'C' OR artist = 'B' AND title = 'e'", "B/e C/f"),
            ("artist = 'C' OR artist = 5", "C/f"),
            ("artist = 'A' ORDER BY title DESC", "A/d A/c A/b A/a"),
            ("artist = 'A' AND title < 'c' ORDER BY title ASC", "A/a A/b"),
            ("artist = 'A' ORDER BY artist", "A/d A/c A/b A/a"),
            ("artist IN ['A', 'B'] ORDER BY artist DESC, title", "B/a B/e A/a A/b A/c A/d"),
            ("artist IN ['B', 'C'] ORDER BY artist", "B/e B/a C/f"),
            ("artist IN ['A'] AND title IN ['a', 'c'] ORDER BY title DESC", "A/c A/a"),
        ]
        try await withSongs { database async throws in
            for (condition, wanted) in cases {
                let statement = "SELECT * FROM \"Songs\" WHERE \(condition)"
                #expect(keys(try await database.run(statement)) == wanted, "\(condition)")
                for limit in 1...3 {
                    let paged = try await database.pages(statement, limit: limit).items
                    #expect(keys(paged) == wanted, "\(condition) by \(limit)")
                }
            }
        }
    }

    @Test func `without the partition key a statement reads everything`() async throws {
        try await withSongs { database async throws in
            for (condition, wanted) in [
                ("", "A/a A/b A/c A/d B/a B/e C/f"), ("WHERE title = 'a'", "A/a B/a"),
                ("WHERE artist > 'A' AND plays < 10", "B/a C/f"),
                ("WHERE artist = 'A' AND title = 'a' OR plays = 10", "A/a A/b B/e"),
                ("WHERE nothing IS MISSING AND genre IS STRING", "A/a A/b A/c A/d B/a B/e C/f"),
            ] {
                let statement = "SELECT artist, title FROM Songs \(condition)"
                let (items, pages) = try await database.pages(statement, limit: 2)
                #expect(keys(items.sorted { keys([$0]) < keys([$1]) }) == wanted, "\(condition)")
                #expect(pages == 4, "two of seven are read at a time")
            }
        }
    }

    @Test func `an index is read with its own key and projection`() async throws {
        try await withSongs { database async throws in
            let rock = try await database.run(
                "SELECT * FROM \"Songs\".\"ByGenre\" WHERE genre = 'rock' AND year > 2000"
            )
            #expect(
                rock == [
                    [
                        "artist": "A", "title": "c", "genre": "rock", "year": 2002, "plays": 20,
                    ]
                ]
            )
            let local = "SELECT plays FROM Songs.ByYear WHERE artist = 'A' ORDER BY year DESC"
            #expect(
                try await database.run(local)
                    == [["plays": 30], ["plays": 20], ["plays": 10], ["plays": 0]]
            )
            let star = "SELECT * FROM Songs.ByYear WHERE artist = 'C'"
            #expect(
                try await database.run(star) == [["artist": "C", "title": "f", "year": 2000]]
            )
            let all =
                "SELECT title FROM Songs.ByGenre WHERE plays = 10 AND genre IN ['pop', 'rock']"
            let titles = try await database.pages(all, limit: 1).items
            #expect(Set(titles) == [["title": "b"], ["title": "e"]])
            // Without the index's key it is scanned, and what it does not hold is missing.
            let scan = "SELECT title FROM Songs.ByYear WHERE plays IS MISSING"
            #expect(try await database.pages(scan, limit: 3).items.count == 7)
        }
    }

    private static let refusals: [(String, String)] = [
        ("SELECT * FROM Songs.Nothing", "The table does not have the specified index"),
        ("SELECT * FROM Songs.Songs", "The table does not have the specified index"),
        (
            "SELECT lyrics, writer.name FROM Songs.ByGenre",
            "One or more parameter values were invalid: Global secondary index ByGenre does not project [lyrics, writer]"
        ),
        (
            "SELECT title FROM Songs.ByGenre WHERE genre = 'a' AND b = 1 AND (NOT a = 2 OR b = 3)",
            "One or more parameter values were invalid: Secondary index ByGenre does not project one or more filter attributes: [b, a]"
        ),
        (
            "SELECT title FROM Songs.ByYear WHERE artist IN ['a', 'b'] AND plays = 1",
            "One or more parameter values were invalid: Secondary index ByYear does not project one or more filter attributes: [plays]"
        ),
        (
            "SELECT * FROM Songs ORDER BY title",
            "Must have WHERE clause in the statement when using ORDER BY clause."
        ),
        (
            "SELECT * FROM Songs WHERE artist = 'A' ORDER BY plays",
            "Attribute plays in ORDER BY clause must be part of the primary key"
        ),
        (
            "SELECT * FROM Songs WHERE artist > 'A' ORDER BY title",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        ),
        (
            "SELECT * FROM Songs WHERE artist IN ['A', 'B'] ORDER BY title",
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
        ),
        (
            "SELECT * FROM Songs WHERE artist = 1",
            "Key attribute's data type should match its data type in table's schema"
        ),
        (
            "SELECT * FROM Songs WHERE artist = 'A' AND title > 1",
            "Key attribute's data type should match its data type in table's schema"
        ),
        (
            "SELECT * FROM Songs WHERE artist = 'A' AND title = 1",
            "Key attribute's data type should match its data type in table's schema"
        ),
        (
            "SELECT * FROM Songs WHERE artist = ''",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: artist"
        ),
        (
            "EXISTS(SELECT * FROM Songs WHERE artist = 'A' AND title = 'a' AND plays = 1)",
            "EXISTS can only be used in ExecuteTransaction write requests."
        ),
    ]

    @Test func `a statement that cannot be served is refused in the service's words`() async throws
    {
        try await withSongs { database async throws in
            for (statement, message) in Self.refusals {
                let error = await failure { try await database.run(statement) }
                #expect(error?.code == .validation, "\(statement)")
                #expect(error?.message == message, "\(statement)")
            }
            var request = StatementRequest("SELECT * FROM Songs.ByGenre WHERE genre = 'a'")
            request.consistentRead = true
            let error = await failure { _ = try await database.executeStatement(request) }
            #expect(
                error?.message
                    == "Strongly consistent read is not supported on Global Secondary Indexes"
            )
            let missing = await failure { try await database.run("SELECT * FROM Nothing") }
            #expect(missing == DatabaseError(.resourceNotFound, "Requested resource not found"))
        }
    }

    @Test func `an index whose key has several attributes is refused, its table is not`()
        async throws
    {
        try await withDatabase { database async throws in
            var request = CreateTableRequest(
                tableName: "Games",
                attributeDefinitions: [.string("id"), .string("cup"), .string("region")],
                keySchema: [KeySchemaElement("id", .partition)]
            )
            request.billingMode = .payPerRequest
            request.globalSecondaryIndexes = [
                SecondaryIndexDefinition(
                    "ByCup",
                    keySchema: [
                        KeySchemaElement("cup", .partition), KeySchemaElement("region", .partition),
                    ],
                    projection: .all
                )
            ]
            _ = try await database.createTable(request)
            try await database.run("INSERT INTO Games VALUE {'id': '1', 'cup': 'a', 'region': 'b'}")
            let refusal =
                "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys."
            for rest in ["", "WHERE cup = 'a'", "WHERE cup = 5", "WHERE cup = 'a' ORDER BY region"]
            {
                let error = await failure {
                    try await database.run("SELECT * FROM Games.ByCup \(rest)")
                }
                #expect(error?.message == refusal)
            }
            let batch = try await database.batchExecuteStatement(
                BatchStatementRequest([
                    .statement(StatementRequest("SELECT * FROM Games.ByCup WHERE cup = 'a'")),
                    .statement(StatementRequest("SELECT cup FROM Games WHERE id = '1'")),
                ])
            )
            #expect(batch.answers[0].error?.message == refusal)
            #expect(batch.answers[1].item == ["cup": "a"])
        }
    }

    @Test func `a token is good for its statement only`() async throws {
        try await withSongs { database async throws in
            var request = StatementRequest(
                "SELECT * FROM Songs WHERE artist = ?",
                parameters: ["A"]
            )
            request.limit = 2
            let first = try await database.executeStatement(request)
            #expect(first.lastEvaluatedKey == Songs.key("A", "b"))
            let token = try #require(first.nextToken)
            request.nextToken = token
            request.limit = nil
            let second = try await database.executeStatement(request)
            #expect(keys(second.items) == "A/c A/d")
            #expect(second.nextToken == nil)
            #expect(second.lastEvaluatedKey == nil)

            func isRefused(_ request: StatementRequest) async -> Bool {
                await failure { _ = try await database.executeStatement(request) }
                    == DatabaseError(.validation, "Invalid NextToken")
            }
            var other = request
            other.parameters = ["B"]
            #expect(await isRefused(other))
            // Another filter over the same keys is another statement too.
            var filtered = StatementRequest(
                "SELECT * FROM Songs WHERE artist = ? AND plays >= ?",
                parameters: ["A", 0]
            )
            filtered.limit = 1
            filtered.nextToken = try await database.executeStatement(filtered).nextToken
            #expect(try await database.executeStatement(filtered).items.count == 1)
            filtered.parameters[1] = 20
            #expect(await isRefused(filtered))
            other = request
            other.statement = "SELECT * FROM Songs.ByYear WHERE artist = ?"
            #expect(await isRefused(other))
            for wrong in [
                "", "01", "zz", String(token.dropLast()), String(token.dropLast(2)), token + "00",
            ]
                + token.indices.dropFirst(2).map({ index in
                    var digits = Array(token)
                    let place = token.distance(from: token.startIndex, to: index)
                    digits[place] = digits[place] == "0" ? "1" : "0"
                    return String(digits)
                })
            {
                request.nextToken = wrong
                #expect(await isRefused(request), "\(wrong)")
            }
        }
    }

    @Test func `a page ends at 1 MB over all partitions`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable("Big", partitionKey: .string("k"))
            for index in 0..<6 {
                try await database.put(
                    [
                        "k": .string("\(index)"),
                        "v": .string(String(repeating: "x", count: 300_000)),
                    ],
                    in: "Big"
                )
            }
            let statement = "SELECT k FROM Big WHERE k IN ['0', '1', '2', '3', '4', '5']"
            let first = try await database.executeStatement(StatementRequest(statement))
            #expect(first.items.count == 4)
            let all = try await database.pages(statement)
            #expect(
                all.items.compactMap { $0["k"]?.stringValue } == ["0", "1", "2", "3", "4", "5"]
            )
            #expect(all.pages == 2)
        }
    }

    @Test func `reads cost what items, pages and indexes cost`() async throws {
        try await withSongs { database async throws in
            func cost(_ statement: String, consistent: Bool = false) async throws -> [Double] {
                var request = StatementRequest(statement)
                request.consistentRead = consistent
                request.returnConsumedCapacity = .indexes
                let consumed = try #require(
                    try await database.executeStatement(request).consumedCapacity
                )
                #expect(consumed.tableName == "Songs")
                return [
                    consumed.total.value, consumed.table.value,
                    consumed.localIndexes["ByYear"]?.value ?? 0,
                    consumed.globalIndexes["ByGenre"]?.value ?? 0,
                ]
            }
            let item = "SELECT * FROM Songs WHERE artist = 'A' AND title = 'a'"
            #expect(try await cost(item) == [0.5, 0.5, 0, 0])
            #expect(try await cost(item, consistent: true) == [1, 1, 0, 0])
            #expect(
                try await cost("SELECT * FROM Songs WHERE artist = 'X' AND title = 'a'")[0] == 0.5
            )
            #expect(try await cost("SELECT * FROM Songs WHERE artist = 'A'") == [0.5, 0.5, 0, 0])
            #expect(try await cost("SELECT * FROM Songs WHERE artist IN ['A', 'B', 'C']")[0] == 1.5)
            #expect(
                try await cost("SELECT plays FROM Songs.ByYear WHERE artist = 'A'")
                    == [2.5, 2, 0.5, 0]
            )
            #expect(
                try await cost("SELECT title FROM Songs.ByGenre WHERE genre = 'pop'")
                    == [0.5, 0, 0, 0.5]
            )
            #expect(
                try await cost(
                    "SELECT * FROM Songs WHERE artist = 'A' AND title > 'b' AND title < 'a'"
                )[0] == 0.5
            )
        }
    }

    @Test(arguments: [0, -1])
    func `a limit is at least one`(limit: Int) async throws {
        try await withSongs { database async throws in
            var request = StatementRequest("SELECT * FROM Songs")
            request.limit = limit
            let error = await failure { _ = try await database.executeStatement(request) }
            #expect(error?.code == .validation)
        }
    }
}
