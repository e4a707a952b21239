import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

/// Batches of statements: each on its own, each answered in its place.
@Suite struct StatementBatchTests {
    private func batch(_ statements: String...) -> BatchStatementRequest {
        BatchStatementRequest(statements.map { .statement(StatementRequest($0)) })
    }

    @Test func `reads are answered in their places`() async throws {
        try await withSongs { database async throws in
            var request = batch(
                "SELECT title, plays FROM Songs WHERE artist = 'A' AND title = 'b'",
                "SELECT * FROM Songs WHERE artist = 'X' AND title = 'b'",
                "SLECT",
                "SELECT * FROM Songs WHERE artist = 'A'",
                "SELECT * FROM Songs.ByYear WHERE artist = 'A' AND year = 2000",
                "SELECT * FROM Songs WHERE artist = 'A' AND title = 'b' AND plays = 10",
                "SELECT * FROM Nothing WHERE k = 1",
                "SELECT * FROM Songs WHERE artist = 1 AND title = 'b'"
            )
            request.members.append(.refused(DatabaseError(.validation, "refused before")))
            request.returnConsumedCapacity = .total
            let response = try await database.batchExecuteStatement(request)
            let answers = response.answers
            #expect(answers[0].item == ["title": "b", "plays": 10])
            #expect(
                answers.map(\.tableName) == ["Songs", "Songs"] + Array(repeating: nil, count: 7)
            )
            #expect(answers[1].item == nil)
            #expect(answers[1].error == nil)
            let needsKey =
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
            #expect(
                answers.dropFirst(2).map { $0.error?.message } == [
                    "Statement wasn't well formed, can't be processed: Expected data manipulation",
                    needsKey, needsKey, needsKey, "Requested resource not found",
                    "Key attribute's data type should match its data type in table's schema",
                    "refused before",
                ]
            )
            #expect(response.consumedCapacity?.map(\.tableName) == ["Songs"])
            #expect(response.consumedCapacity?.first?.total.value == 1)
        }
    }

    @Test func `writes are done in order, and a failed one stops no other`() async throws {
        try await withSongs { database async throws in
            let key = "artist = 'A' AND title = 'a'"
            var request = batch(
                "INSERT INTO Songs VALUE {'artist': 'N', 'title': 'n', 'plays': 1}",
                "INSERT INTO Songs VALUE {'artist': 'N', 'title': 'n'}",
                "UPDATE Songs SET plays = plays + 1 WHERE artist = 'N' AND title = 'n' RETURNING MODIFIED NEW *",
                "UPDATE Songs SET plays = 1 WHERE \(key) AND genre = 'pop'",
                "UPDATE Songs REMOVE plays WHERE \(key) RETURNING MODIFIED NEW *",
                "DELETE FROM Songs WHERE \(key) RETURNING ALL OLD *",
                "DELETE FROM Songs WHERE \(key) RETURNING MODIFIED OLD *",
                "EXISTS(SELECT * FROM Songs WHERE \(key) AND plays = 1)"
            )
            request.returnConsumedCapacity = .total
            let response = try await database.batchExecuteStatement(request)
            let answers = response.answers
            #expect(
                answers.map { $0.error?.code } == [
                    nil, .duplicateItem, nil, .conditionalCheckFailed, nil, nil, .validation,
                    .validation,
                ]
            )
            #expect(
                answers.map(\.item) == [
                    nil, nil, ["plays": 2], nil, nil,
                    Songs.song("A", "a", year: 2000, genre: "rock"), nil, nil,
                ]
            )
            #expect(
                answers.map(\.tableName)
                    == Array(repeating: "Songs", count: 6) + [nil, nil]
            )
            #expect(response.consumedCapacity?.count == 1)
            #expect(try await database.get(Songs.key("N", "n"))?["plays"] == 2)
            #expect(try await database.get(Songs.key("A", "a")) == nil)
            request = batch("INSERT INTO Songs VALUE {'artist': 'N', 'title': 'n'}")
            request.returnConsumedCapacity = .total
            #expect(try await database.batchExecuteStatement(request).consumedCapacity == nil)
        }
    }

    @Test func `a batch neither mixes nor overflows`() async throws {
        try await withSongs { database async throws in
            let select = "SELECT * FROM Songs WHERE artist = 'A' AND title = 'a'"
            let mixed = batch(select, "DELETE FROM Songs WHERE artist = 'A' AND title = 'a'")
            for request in [
                mixed, batch(),
                BatchStatementRequest(
                    Array(repeating: .statement(StatementRequest(select)), count: 26)
                ),
            ] {
                let error = await failure {
                    _ = try await database.batchExecuteStatement(request)
                }
                #expect(error?.code == .validation)
            }
            #expect(try await database.get(Songs.key("A", "a")) != nil)
            var most = batch()
            most.members = Array(repeating: .statement(StatementRequest(select)), count: 25)
            #expect(
                try await database.batchExecuteStatement(most).answers.allSatisfy {
                    $0.item != nil
                }
            )
        }
    }
}
