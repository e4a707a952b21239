import ShaleCapacity
import ShaleItems
import ShalePlatform
import ShaleTables
import Testing

struct TransactionTests {
    private static func account(_ name: String, _ coins: Int) -> Item {
        ["id": .string(name), "coins": .number(Number(coins))]
    }

    private static func key(_ name: String) -> Item { ["id": .string(name)] }

    private static var accounts: CreateTableRequest {
        var request = CreateTableRequest(
            tableName: "Accounts",
            attributeDefinitions: [.string("id")],
            keySchema: [KeySchemaElement("id", .partition)]
        )
        request.billingMode = .payPerRequest
        return request
    }

    private static func move(_ coins: Int, from: String, to: String) -> [TransactWriteAction] {
        var take = TransactWriteAction(
            tableName: "Accounts",
            .update(key: key(from), "SET coins = coins - :n"),
            condition: "coins >= :n"
        )
        take.attributes.values = [":n": .number(Number(coins))]
        var give = TransactWriteAction(
            tableName: "Accounts",
            .update(key: key(to), "ADD coins :n")
        )
        give.attributes.values = [":n": .number(Number(coins))]
        return [take, give]
    }

    @Test func `all four actions happen together, in tables with indexes too`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            _ = try await database.createTable(Self.accounts)
            try await database.put(Songs.song("Nina", "old", year: 1960))
            try await database.put(Self.account("a", 1), in: "Accounts")
            var check = TransactWriteAction(
                tableName: "Accounts",
                .check(key: Self.key("a")),
                condition: "coins = :one"
            )
            check.attributes.values = [":one": 1]
            var update = TransactWriteAction(
                tableName: "Accounts",
                .update(key: Self.key("b"), "SET coins = :two")
            )
            update.attributes.values = [":two": 2]
            _ = try await database.transactWriteItems(
                TransactWriteItemsRequest([
                    check, update,
                    TransactWriteAction(
                        tableName: "Songs",
                        .put(Songs.song("Nina", "new", year: 1965, genre: "jazz", plays: 3))
                    ),
                    TransactWriteAction(
                        tableName: "Songs",
                        .delete(key: Songs.key("Nina", "old"))
                    ),
                ])
            )
            let read = try await database.transactGetItems(
                TransactGetItemsRequest([
                    TransactGet(tableName: "Accounts", key: Self.key("b")),
                    TransactGet(tableName: "Songs", key: Songs.key("Nina", "old")),
                    TransactGet(tableName: "Songs", key: Songs.key("Nina", "new")),
                ])
            )
            #expect(
                read.items == [
                    Self.account("b", 2), nil,
                    Songs.song("Nina", "new", year: 1965, genre: "jazz", plays: 3),
                ]
            )
            #expect(try await database.verifyIndexes("Songs").differences == [])
        }
    }

    @Test func `one failed condition lets nothing happen, and every action has its reason`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Self.accounts)
            try await database.put(Self.account("a", 1), in: "Accounts")
            var actions = Self.move(5, from: "a", to: "b")
            actions[0].returnValuesOnConditionCheckFailure = .allOld
            var wrong = TransactWriteAction(
                tableName: "Accounts",
                .update(key: Self.key("c"), "SET coins = id + :n")
            )
            wrong.attributes.values = [":n": 1]
            actions.append(wrong)
            let error = await failure {
                _ = try await database.transactWriteItems(TransactWriteItemsRequest(actions))
            }
            #expect(error?.code == .transactionCanceled)
            #expect(
                error?.message
                    == "Transaction cancelled, please refer cancellation reasons for specific reasons "
                    + "[ConditionalCheckFailed, None, ValidationError]"
            )
            #expect(
                error?.cancellationReasons?[0]
                    == CancellationReason(
                        .conditionalCheckFailed,
                        "The conditional request failed",
                        item: Self.account("a", 1)
                    )
            )
            #expect(error?.cancellationReasons?[1] == CancellationReason.none)
            #expect(try await database.get(Self.key("b"), in: "Accounts") == nil)
            #expect(try await database.get(Self.key("a"), in: "Accounts") == Self.account("a", 1))
        }
    }

    @Test func `a token makes a repetition do nothing, across an open as well`() async throws {
        try await withWorld { world in
            var request = TransactWriteItemsRequest(
                Self.move(1, from: "a", to: "b"),
                clientRequestToken: "once"
            )
            request.returnConsumedCapacity = .total
            let database = try await Database.open("db", in: world)
            _ = try await database.createTable(Self.accounts)
            try await database.put(Self.account("a", 10), in: "Accounts")
            let first = try await database.transactWriteItems(request)
            #expect(!first.wasRepeated)
            #expect(first.consumedCapacity?.map(\.total) == [CapacityUnits(4)])
            let second = try await database.transactWriteItems(request)
            #expect(second.wasRepeated)
            #expect(second.consumedCapacity?.map(\.total) == [CapacityUnits(4)])
            try await database.close()
            let again = try await Database.open("db", in: world)
            #expect(try await again.transactWriteItems(request).wasRepeated)
            #expect(try await again.get(Self.key("a"), in: "Accounts") == Self.account("a", 9))
            var other = request
            other.actions = Self.move(2, from: "a", to: "b")
            let error = await failure { _ = try await again.transactWriteItems(other) }
            #expect(error?.code == .idempotentParameterMismatch)
            try await again.close()
        }
    }

    @Test func `a program says what is to be done together`() async throws {
        try await withDatabase { database in
            let accounts = try await database.createTable("Accounts", partitionKey: .string("id"))
            try await accounts.put(Self.account("a", 9))
            try await accounts.put(Self.account("gone", 1))
            for isFirst in [true, false] {
                let isDone = try await database.transact(token: "one") {
                    $0.update(
                        Self.key("a"),
                        in: accounts,
                        "SET #c = #c - :n",
                        condition: "#c >= :n",
                        names: ["#c": "coins"],
                        values: [":n": 5]
                    )
                    $0.put(Self.account("b", 5), in: accounts)
                    $0.delete(Self.key("gone"), in: accounts)
                    $0.check(Self.key("c"), in: accounts, condition: "attribute_not_exists(id)")
                }
                #expect(isDone == isFirst)
            }
            let read = try await database.get(together: [
                (accounts, Self.key("a")), (accounts, Self.key("gone")), (accounts, Self.key("b")),
            ])
            #expect(read == [Self.account("a", 4), nil, Self.account("b", 5)])
        }
    }

    @Test func `a canceled transaction leaves its token free`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.accounts)
            let request = TransactWriteItemsRequest(
                Self.move(1, from: "a", to: "b"),
                clientRequestToken: "again"
            )
            let error = await failure { _ = try await database.transactWriteItems(request) }
            #expect(error?.code == .transactionCanceled)
            try await database.put(Self.account("a", 1), in: "Accounts")
            #expect(!(try await database.transactWriteItems(request).wasRepeated))
        }
    }

    @Test func `a token counts for ten minutes, and then no more`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", in: world)
            _ = try await database.createTable(Self.accounts)
            try await database.put(Self.account("a", 9), in: "Accounts")
            let once = TransactWriteItemsRequest(
                Self.move(1, from: "a", to: "b"),
                clientRequestToken: "once"
            )
            let other = TransactWriteItemsRequest(
                Self.move(2, from: "a", to: "b"),
                clientRequestToken: "once"
            )
            #expect(!(try await database.transactWriteItems(once).wasRepeated))
            time.advance(minutes: 9, seconds: 59)
            #expect(try await database.transactWriteItems(once).wasRepeated)
            let error = await failure { _ = try await database.transactWriteItems(other) }
            #expect(error?.code == .idempotentParameterMismatch)
            time.advance(seconds: 1)
            #expect(!(try await database.transactWriteItems(other).wasRepeated))
            #expect(
                try await database.get(Self.key("b"), in: "Accounts") == Self.account("b", 3)
            )
            try await database.close()
        }
    }

    @Test(arguments: ["same item", "none", "too many", "no table", "no condition", "key", "token"])
    func `a transaction that breaks a rule is refused`(what: String) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.accounts)
            let put = TransactWriteAction(tableName: "Accounts", .put(Self.account("a", 1)))
            var actions = [put]
            var token: String?
            switch what {
            case "same item": actions.append(put)
            case "none": actions = []
            case "too many":
                actions = (0...100).map { number in
                    TransactWriteAction(tableName: "Accounts", .put(Self.account("\(number)", 1)))
                }
            case "no table": actions[0].tableName = "Nobody"
            case "no condition":
                actions = [TransactWriteAction(tableName: "Accounts", .check(key: Self.key("a")))]
            case "key": actions = [TransactWriteAction(tableName: "Accounts", .put(["id": ""]))]
            default: token = String(repeating: "x", count: 37)
            }
            let request = TransactWriteItemsRequest(actions, clientRequestToken: token)
            let error = await failure { _ = try await database.transactWriteItems(request) }
            #expect(error?.code == (what == "no table" ? .resourceNotFound : .validation))
            #expect(try await database.get(Self.key("a"), in: "Accounts") == nil)
        }
    }

    @Test func `keys that are not those of their table are reasons, each at its place`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            _ = try await database.createTable(Self.accounts)
            var song = Songs.song("Nina", "Fodder")
            song["year"] = "1967"
            let changes: [TransactWriteAction.Change] = [
                .put(Self.account("a", 1)), .put(["id": 1]), .put(["coins": 1]),
                .delete(key: ["id": 1]), .update(key: ["id": true], "SET coins = id"),
                .check(key: ["id": "c", "coins": 1]),
            ]
            var actions = changes.map { TransactWriteAction(tableName: "Accounts", $0) }
            actions[5].condition = "attribute_exists(id)"
            actions.append(TransactWriteAction(tableName: "Songs", .put(song)))
            let error = await failure {
                _ = try await database.transactWriteItems(TransactWriteItemsRequest(actions))
            }
            #expect(error?.code == .transactionCanceled)
            let invalid = "One or more parameter values were invalid: "
            let mismatch = "The provided key element does not match the schema"
            #expect(
                error?.cancellationReasons?.map(\.message) == [
                    nil, invalid + "Type mismatch for key id expected: S actual: N",
                    invalid + "Missing the key id in the item", mismatch, mismatch, mismatch,
                    invalid
                        + "Type mismatch for Index Key year Expected: N Actual: S IndexName: ByYear",
                ]
            )
            #expect(try await database.get(Self.key("a"), in: "Accounts") == nil)
            let gets = [Self.key("a"), [:]].map { TransactGet(tableName: "Accounts", key: $0) }
            let unread = await failure {
                _ = try await database.transactGetItems(TransactGetItemsRequest(gets))
            }
            #expect(unread?.cancellationReasons?.map(\.message) == [nil, mismatch])
        }
    }

    @Test func `more than 4 MB are refused, and written to nothing`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.accounts)
            let text = AttributeValue.string(String(repeating: "x", count: 400_000))
            let actions = (0..<11).map { number in
                TransactWriteAction(
                    tableName: "Accounts",
                    .put(["id": .string("\(number)"), "text": text])
                )
            }
            let error = await failure {
                _ = try await database.transactWriteItems(TransactWriteItemsRequest(actions))
            }
            #expect(error?.code == .validation)
            #expect(try await database.get(Self.key("0"), in: "Accounts") == nil)
            let fits = TransactWriteItemsRequest(Array(actions.dropLast()))
            _ = try await database.transactWriteItems(fits)
            #expect(try await database.get(Self.key("9"), in: "Accounts") != nil)
        }
    }

    @Test
    func
        `coins that are moved by many tasks at once are neither made nor lost, and never seen in flight`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Self.accounts)
            let names = (0..<6).map { "account \($0)" }
            for name in names { try await database.put(Self.account(name, 100), in: "Accounts") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for step in 0..<40 {
                            let from = names[(worker + step) % names.count]
                            let to = names[(worker * 3 + step * 5 + 1) % names.count]
                            guard from != to else { continue }
                            let request = TransactWriteItemsRequest(
                                Self.move(7, from: from, to: to)
                            )
                            let error = await failure {
                                _ = try await database.transactWriteItems(request)
                            }
                            #expect(error == nil || error?.code == .transactionCanceled)
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        let gets = names.map {
                            TransactGet(tableName: "Accounts", key: Self.key($0))
                        }
                        for _ in 0..<60 {
                            let read = try await database.transactGetItems(
                                TransactGetItemsRequest(gets)
                            )
                            let coins = read.items.compactMap {
                                $0?["coins"]?.numberValue?.intValue
                            }
                            #expect(coins.reduce(0, +) == 600)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
