import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

/// Statements that happen together.
@Suite struct StatementTransactionTests {
    private static let key = "artist = 'A' AND title = 'a'"

    private func transaction(_ statements: String...) -> TransactStatementsRequest {
        TransactStatementsRequest(statements.map { StatementRequest($0) })
    }

    @Test func `writes happen together, and reads see one moment`() async throws {
        try await withSongs { database async throws in
            var request = transaction(
                "INSERT INTO Songs VALUE {'artist': 'N', 'title': 'n', 'genre': 'new'}",
                "UPDATE Songs SET plays = plays + 7 WHERE \(Self.key) AND genre = 'rock'",
                "DELETE FROM Songs WHERE artist = 'B' AND title = 'a'",
                "EXISTS(SELECT * FROM Songs WHERE artist = 'C' AND title = 'f' AND plays = 0)"
            )
            request.returnConsumedCapacity = .total
            let written = try await database.executeTransaction(request)
            #expect(written.items.isEmpty)
            #expect(!written.isRead)
            #expect((written.consumedCapacity?.first?.total.value ?? 0) >= 8)
            var read = transaction(
                "SELECT plays FROM Songs WHERE \(Self.key)",
                "SELECT * FROM Songs WHERE artist = 'B' AND title = 'a'",
                "SELECT genre FROM Songs WHERE (title = 'n') AND artist = 'N' AND artist = 'N'"
            )
            read.returnConsumedCapacity = .total
            let found = try await database.executeTransaction(read)
            #expect(found.items == [["plays": 7], nil, ["genre": "new"]])
            #expect(found.isRead)
            #expect(found.consumedCapacity?.first?.total.value == 6)
            let indexed = try await database.run(
                "SELECT title FROM Songs.ByGenre WHERE genre = 'new'"
            )
            #expect(indexed == [], "an entry needs a year")
        }
    }

    @Test func `one that fails stops all, and each has its reason`() async throws {
        try await withSongs { database async throws in
            var request = transaction(
                "UPDATE Songs SET plays = 99 WHERE \(Self.key)",
                "INSERT INTO Songs VALUE {'artist': 'A', 'title': 'b'}",
                "UPDATE Songs SET plays = 99 WHERE artist = 'X' AND title = 'x'",
                "EXISTS(SELECT * FROM Songs WHERE artist = 'A' AND title = 'c' AND plays = 1)",
                "UPDATE Songs SET plays = plays + genre WHERE artist = 'A' AND title = 'd'"
            )
            request.statements[3].returnValuesOnConditionCheckFailure = .allOld
            let error = await failure { _ = try await database.executeTransaction(request) }
            #expect(error?.code == .transactionCanceled)
            let reasons = try #require(error?.cancellationReasons)
            #expect(
                reasons.map(\.code) == [
                    .none, .duplicateItem, .conditionalCheckFailed, .conditionalCheckFailed,
                    .validationError,
                ]
            )
            #expect(
                reasons.map(\.message) == [
                    nil, "Duplicate primary key exists in table",
                    "The conditional request failed", "The conditional request failed",
                    "An operand in the update expression has an incorrect data type",
                ]
            )
            #expect(reasons[3].item?["plays"] == 20)
            #expect(try await database.get(Songs.key("A", "a"))?["plays"] == 0)
        }
    }

    @Test func `a token makes a transaction happen once`() async throws {
        try await withSongs { database async throws in
            var request = transaction("UPDATE Songs SET plays = plays + 1 WHERE \(Self.key)")
            request.clientRequestToken = "token"
            #expect(try await database.executeTransaction(request).isRead == false)
            #expect(try await database.executeTransaction(request).isRead)
            #expect(try await database.get(Songs.key("A", "a"))?["plays"] == 1)
            request.statements[0].returnValuesOnConditionCheckFailure = .allOld
            let error = await failure { _ = try await database.executeTransaction(request) }
            #expect(error?.code == .idempotentParameterMismatch)
        }
    }

    private static let select = "SELECT * FROM Songs WHERE \(Self.key)"
    private static let update = "UPDATE Songs SET plays = 1 WHERE \(Self.key)"
    private static let refusals: [([String], String)] = [
        (
            [update, "SLECT"],
            "Validation failed in TransactStatements[1]: Statement wasn't well formed, can't be processed: Expected data manipulation"
        ),
        (
            [update + " RETURNING ALL NEW *"],
            "Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction."
        ),
        (
            [select + " AND plays = 0"],
            "Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause."
        ),
        (
            [select + " AND artist = 'B'"],
            "Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause."
        ),
        (
            [select, "SELECT * FROM Songs WHERE artist = 'A'"],
            "Validation failed in TransactStatements[1]: Select statements within ExecuteTransaction must specify the primary key in the where clause."
        ),
        (
            ["SELECT * FROM Songs.ByYear WHERE artist = 'A' AND year = 1"],
            "Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions."
        ),
        (
            ["EXISTS(\(select))"],
            "Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with additional condition"
        ),
        (
            ["EXISTS(SELECT * FROM Songs WHERE artist = 'A' AND plays = 1)"],
            "Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with additional condition"
        ),
        (
            ["DELETE FROM Songs WHERE artist = 'A'"],
            "Validation failed in TransactStatements[0]: Where clause does not contain a mandatory equality on all key attributes"
        ),
        (
            [select, update],
            "ExecuteTransaction API does not support both read and write operations in the same request."
        ),
        (
            [select, "SELECT plays FROM Songs WHERE title = 'a' AND artist = 'A'"],
            "Transaction request cannot include multiple operations on one item"
        ),
        (
            [update, "EXISTS(SELECT * FROM Songs WHERE \(Self.key) AND plays = 0)"],
            "Transaction request cannot include multiple operations on one item"
        ),
        (
            ["EXISTS(SELECT * FROM Songs WHERE artist = 1 AND title = 'a' AND plays = 1)"],
            "Validation failed in TransactStatements[0]: Key attribute's data type should match its data type in table's schema"
        ),
        (
            [select, select, "SELECT * FROM Songs WHERE artist = 1 AND title = 'a'"],
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ValidationError]"
        ),
    ]

    @Test func `what no transaction may do is refused as a whole`() async throws {
        try await withSongs { database async throws in
            for (statements, message) in Self.refusals {
                let request = TransactStatementsRequest(statements.map { StatementRequest($0) })
                let error = await failure { _ = try await database.executeTransaction(request) }
                #expect(error?.message == message)
            }
            var request = transaction(Self.update, "SLECT")
            request.statements[1].parameters = [.stringSet(["a", "a"])]
            let parameter = await failure { _ = try await database.executeTransaction(request) }
            #expect(
                parameter?.message
                    == "One or more parameter values were invalid: Input collection [a, a] contains duplicates."
            )
            for count in [0, 101] {
                let statements = (0..<count).map { index in
                    StatementRequest(
                        "SELECT * FROM Songs WHERE artist = 'A' AND title = '\(index)'"
                    )
                }
                let error = await failure {
                    _ = try await database.executeTransaction(TransactStatementsRequest(statements))
                }
                #expect(error?.message.contains("'transactStatements'") == true)
            }
            #expect(try await database.get(Songs.key("A", "a"))?["plays"] == 0)
        }
    }
}
