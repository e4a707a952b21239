import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

/// What `INSERT`, `UPDATE` and `DELETE` write, and what they answer.
@Suite struct StatementWriteTests {
    private static let key = "artist = 'A' AND title = 'a'"
    private static let old = Songs.song("A", "a", year: 2000, genre: "rock", plays: 0)

    @Test func `an insert puts an item that was not there`() async throws {
        try await withSongs { database async throws in
            let items = try await database.run(
                "INSERT INTO Songs VALUE {'artist': 'Z', 'title': ?, 'year': 1999}",
                "z"
            )
            #expect(items.isEmpty)
            #expect(try await database.get(Songs.key("Z", "z")) == Songs.song("Z", "z", year: 1999))
            let error = await failure {
                try await database.run("INSERT INTO Songs VALUE {'artist': 'Z', 'title': 'z'}")
            }
            #expect(
                error
                    == DatabaseError(.duplicateItem, "Duplicate primary key exists in table")
            )
            #expect(try await database.get(Songs.key("Z", "z")) == Songs.song("Z", "z", year: 1999))
            try await database.run("DELETE FROM Songs WHERE artist = 'Z' AND title = 'z'")
            try await database.run("INSERT INTO Songs VALUE {'artist': 'Z', 'title': 'z'}")
        }
    }

    @Test func `an update changes an item that is there`() async throws {
        let cases: [(String, [(String, AttributeValue?)])] = [
            ("SET plays = 5", [("plays", 5)]),
            ("SET plays = plays + 5 SET year = year - 1", [("plays", 5), ("year", 1999)]),
            ("REMOVE plays, genre", [("plays", nil), ("genre", nil)]),
            ("SET plays = year REMOVE genre", [("plays", 2000), ("genre", nil)]),
            ("SET tags = set_add(tags, <<'x', 'y'>>)", [("tags", .stringSet(["x", "y"]))]),
            ("SET tags = set_delete(tags, <<'x'>>)", []),
            ("SET info = {'a': [1]}", [("info", ["a": [1]])]),
        ]
        try await withSongs { database async throws in
            for (changes, wanted) in cases {
                try await database.put(Self.old)
                var item = Self.old
                for (name, value) in wanted { item[name] = value }
                let answer = try await database.run("UPDATE Songs \(changes) WHERE \(Self.key)")
                #expect(answer.isEmpty)
                #expect(try await database.get(Songs.key("A", "a")) == item, "\(changes)")
            }
            try await database.run(
                "FROM Songs WHERE \(Self.key) SET info.a[0] = list_append(info.a, ?) REMOVE year",
                ["x"]
            )
            let info = try await database.get(Songs.key("A", "a"))?["info"]
            #expect(info == ["a": [[1, "x"]]])
        }
    }

    @Test func `a write answers with what RETURNING names`() async throws {
        let cases: [(String, [Item])] = [
            ("SET plays = 5 WHERE \(Self.key)", []),
            ("SET plays = 5 WHERE \(Self.key) RETURNING ALL OLD *", [Self.old]),
            ("SET plays = 5 WHERE \(Self.key) RETURNING MODIFIED OLD *", [["plays": 0]]),
            ("SET plays = 5 WHERE \(Self.key) RETURNING MODIFIED NEW *", [["plays": 5]]),
            (
                "SET plays = 5 WHERE \(Self.key) RETURNING ALL NEW *",
                [Songs.song("A", "a", year: 2000, genre: "rock", plays: 5)]
            ),
            ("REMOVE plays WHERE \(Self.key) RETURNING MODIFIED NEW *", []),
        ]
        try await withSongs { database async throws in
            for (rest, wanted) in cases {
                try await database.put(Self.old)
                #expect(try await database.run("UPDATE Songs \(rest)") == wanted, "\(rest)")
            }
            try await database.put(Self.old)
            let delete = "DELETE FROM Songs WHERE \(Self.key) RETURNING ALL OLD *"
            #expect(try await database.run(delete) == [Self.old])
            #expect(try await database.run(delete) == [])
        }
    }

    @Test func `what WHERE says besides the key is a condition`() async throws {
        try await withSongs { database async throws in
            let absent = "artist = 'A' AND title = 'x'"
            for statement in [
                "UPDATE Songs SET plays = 1 WHERE \(Self.key) AND genre = 'pop'",
                "UPDATE Songs SET plays = 1 WHERE \(Self.key) AND attribute_not_exists(artist)",
                "UPDATE Songs SET plays = 1 WHERE \(Self.key) AND artist = 'B'",
                "UPDATE Songs SET plays = 1 WHERE \(absent)",
                "UPDATE Songs SET plays = 1 WHERE \(absent) AND attribute_not_exists(artist)",
                "UPDATE Songs SET tags = set_add(tags, <<'x'>>) WHERE \(absent)",
                "DELETE FROM Songs WHERE \(Self.key) AND genre = 'pop'",
                "DELETE FROM Songs WHERE \(Self.key) AND plays IS MISSING",
            ] {
                var request = StatementRequest(statement)
                let plain = await failure { _ = try await database.executeStatement(request) }
                #expect(
                    plain
                        == DatabaseError(
                            .conditionalCheckFailed,
                            "The conditional request failed"
                        ),
                    "\(statement)"
                )
                request.returnValuesOnConditionCheckFailure = .allOld
                let whole = await failure { _ = try await database.executeStatement(request) }
                #expect(whole?.item == (statement.contains("'x'") ? nil : Self.old), "\(statement)")
            }
            #expect(try await database.get(Songs.key("A", "a")) == Self.old)
            #expect(try await database.get(Songs.key("A", "x")) == nil)
            // A deletion of nothing is done already, whatever it says besides.
            try await database.run("DELETE FROM Songs WHERE \(absent) AND genre = 'pop'")
            try await database.run("DELETE FROM Songs WHERE \(Self.key) AND genre = 'rock'")
            #expect(try await database.get(Songs.key("A", "a")) == nil)
        }
    }

    @Test(arguments: [
        "UPDATE Songs SET plays = 1", "UPDATE Songs SET plays = 1 WHERE artist = 'A'",
        "UPDATE Songs SET plays = 1 WHERE artist = 'A' AND title > 'a'",
        "UPDATE Songs SET plays = 1 WHERE artist = 'A' OR title = 'a'",
        "UPDATE Songs SET plays = 1 WHERE artist IN ['A'] AND title = 'a'",
        "FROM Songs SET plays = 1", "FROM Songs WHERE plays = 1 REMOVE plays",
        "DELETE FROM Songs", "DELETE FROM Songs WHERE genre = 'rock'",
        "DELETE FROM Songs WHERE artist = 'A' AND title IN ['a', 'b']",
    ])
    func `a write names its whole key by equality`(statement: String) async throws {
        try await withSongs { database async throws in
            let error = await failure { try await database.run(statement) }
            #expect(
                error?.message
                    == "Where clause does not contain a mandatory equality on all key attributes"
            )
        }
    }

    @Test func `writes obey the rules of all writes`() async throws {
        let cases: [(String, String)] = [
            (
                "UPDATE Songs SET plays = 1 WHERE artist = 1 AND title = 'a'",
                "Key attribute's data type should match its data type in table's schema"
            ),
            (
                "UPDATE Songs SET title = 'b' WHERE \(Self.key)",
                "One or more parameter values were invalid: Cannot update attribute title. This attribute is part of the key"
            ),
            (
                "UPDATE Songs SET plays = plays + genre WHERE \(Self.key)",
                "An operand in the update expression has an incorrect data type"
            ),
            (
                "UPDATE Songs SET plays = set_add(plays, <<1>>) WHERE \(Self.key)",
                "An operand in the update expression has an incorrect data type"
            ),
            (
                "UPDATE Songs SET l = list_append(l, [1]) WHERE \(Self.key)",
                "The provided expression refers to an attribute that does not exist in the item"
            ),
            (
                "INSERT INTO Songs VALUE {'artist': 'A'}",
                "One or more parameter values were invalid: Missing the key title in the item"
            ),
        ]
        try await withSongs { database async throws in
            for (statement, message) in cases {
                let error = await failure { try await database.run(statement) }
                #expect(error?.message == message, "\(statement)")
            }
            let missing = await failure {
                try await database.run("INSERT INTO Nothing VALUE {'k': 1}")
            }
            #expect(missing?.code == .resourceNotFound)
        }
    }

    @Test func `writes keep indexes and tell their cost`() async throws {
        try await withSongs { database async throws in
            var request = StatementRequest("UPDATE Songs SET genre = 'new' WHERE \(Self.key)")
            request.returnConsumedCapacity = .indexes
            let consumed = try await database.executeStatement(request).consumedCapacity
            #expect(consumed?.table.value == 1)
            #expect(consumed?.globalIndexes["ByGenre"]?.value == 2)
            let moved = try await database.run(
                "SELECT title FROM Songs.ByGenre WHERE genre = 'new'"
            )
            #expect(moved == [["title": "a"]])
        }
    }

    @Test func `writes of every kind of statement are in the table's stream`() async throws {
        try await withDatabase { database async throws in
            var request = Songs.request
            request.stream = StreamSpecification(isEnabled: true, viewType: .newAndOldImages)
            _ = try await database.createTable(request)
            try await database.run("INSERT INTO Songs VALUE {'artist': 'A', 'title': 'a'}")
            try await database.run("UPDATE Songs SET plays = 1 WHERE \(Self.key)")
            try await database.run("UPDATE Songs SET plays = 1 WHERE \(Self.key)")
            try await database.run("DELETE FROM Songs WHERE artist = 'A' AND title = 'none'")
            _ = try await database.batchExecuteStatement(
                BatchStatementRequest([
                    .statement(StatementRequest("UPDATE Songs SET plays = 2 WHERE \(Self.key)")),
                    .statement(StatementRequest("UPDATE Songs SET p = 2 WHERE artist = 'A'")),
                ])
            )
            _ = try await database.executeTransaction(
                TransactStatementsRequest([
                    StatementRequest("DELETE FROM Songs WHERE \(Self.key)")
                ])
            )
            let records = try await database.allRecords("Songs")
            #expect(records.map(\.event) == [.insert, .modify, .modify, .remove])
            #expect(records.map { $0.newImage?["plays"] } == [nil, 1, 2, nil])
            #expect(records.map { $0.oldImage?["plays"] } == [nil, nil, 1, 2])
        }
    }
}
