import ShaleItems
import ShaleTables
import Testing

/// Global indexes whose keys have several attributes.
struct CompositeIndexTests {
    private static func element(
        _ name: String,
        _ role: KeySchemaElement.Role
    ) -> KeySchemaElement { KeySchemaElement(name, role) }

    private static var request: CreateTableRequest {
        var request = CreateTableRequest(
            tableName: "Games",
            attributeDefinitions: [
                .string("id"), .string("cup"), .string("region"), .number("round"),
                .string("bracket"),
            ],
            keySchema: [element("id", .partition)]
        )
        request.billingMode = .payPerRequest
        request.globalSecondaryIndexes = [
            SecondaryIndexDefinition(
                "ByCup",
                keySchema: [
                    element("cup", .partition), element("region", .partition),
                    element("round", .sort), element("bracket", .sort),
                ],
                projection: .all
            )
        ]
        return request
    }

    private static func game(
        _ id: Int,
        _ cup: String,
        _ region: String,
        _ round: Int,
        _ bracket: String
    ) -> Item {
        [
            "id": .string("\(id)"), "cup": .string(cup), "region": .string(region),
            "round": .number(Number(round)), "bracket": .string(bracket),
        ]
    }

    private func withGames(_ body: (Database, [Item]) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request)
            var games: [Item] = []
            var id = 0
            for cup in ["a", "ab"] {
                for region in ["b", "", "c"] where !region.isEmpty {
                    for round in [-1, 2, 10] {
                        for bracket in ["x", "xy", "y"] {
                            id += 1
                            games.append(Self.game(id, cup, region, round, bracket))
                        }
                    }
                }
            }
            for game in games.shuffled() { try await database.put(game, in: "Games") }
            try await database.put(
                ["id": "none", "cup": "a", "round": 1, "bracket": "x"],
                in: "Games"
            )
            try await body(database, games)
        }
    }

    private func query(
        _ condition: String,
        _ values: [String: AttributeValue],
        isForward: Bool = true
    ) -> QueryRequest {
        var request = QueryRequest(tableName: "Games", keyCondition: condition)
        request.options.indexName = "ByCup"
        request.options.attributes = ExpressionAttributes(names: ["#r": "region"], values: values)
        request.options.limit = 2
        request.scanIndexForward = isForward
        return request
    }

    private struct Case: CustomTestStringConvertible, Sendable {
        var text: String
        var values: [String: AttributeValue]
        var holds: @Sendable (Int, String) -> Bool
        var testDescription: String { text }
    }

    private static let cases: [Case] = [
        Case(text: "", values: [:]) { _, _ in true },
        Case(text: " AND round = :n", values: [":n": 2]) { round, _ in round == 2 },
        Case(text: " AND round > :n", values: [":n": -1]) { round, _ in round > -1 },
        Case(text: " AND round BETWEEN :n AND :m", values: [":n": -1, ":m": 2]) { round, _ in
            round <= 2
        },
        Case(text: " AND round = :n AND bracket = :b", values: [":n": 10, ":b": "xy"]) {
            $0 == 10 && $1 == "xy"
        },
        Case(text: " AND begins_with(bracket, :b) AND round = :n", values: [":n": 2, ":b": "x"]) {
            $0 == 2 && $1.hasPrefix("x")
        },
        Case(text: " AND round = :n AND bracket >= :b", values: [":n": -1, ":b": "xy"]) {
            $0 == -1 && $1 >= "xy"
        },
        Case(text: " AND round = :n AND bracket < :b", values: [":n": 10, ":b": "y"]) {
            $0 == 10 && $1 < "y"
        },
    ]

    @Test(arguments: cases)
    private func `a query fixes the partition key, and sort attributes from the left`(
        which: Case
    ) async throws {
        try await withGames { database, games in
            let expected = games.filter {
                $0["cup"] == "a" && $0["region"] == "b"
                    && which.holds(
                        $0["round"]?.numberValue?.intValue ?? 0,
                        $0["bracket"]?.stringValue ?? ""
                    )
            }
            let values: [String: AttributeValue] = [":c": "a", ":g": "b"].merging(which.values) {
                $1
            }
            for isForward in [true, false] {
                let request = query(
                    "cup = :c AND #r = :g" + which.text,
                    values,
                    isForward: isForward
                )
                let found = try await database.all(request)
                #expect(found == (isForward ? expected : expected.reversed()))
            }
        }
    }

    @Test(
        arguments: [
            ("cup = :a", [":a": "a"], "Query condition missed key schema element: region"),
            ("cup = :a AND #r > :b", [":a": "a", ":b": "b"], "Query key condition not supported"),
            (
                "cup = :a AND #r = :b AND bracket = :x", [":a": "a", ":b": "b", ":x": "x"],
                "Query condition missed key schema element: round"
            ),
            (
                "cup = :a AND #r = :b AND round > :n AND bracket = :x",
                [":a": "a", ":b": "b", ":n": 1, ":x": "x"], "Query key condition not supported"
            ),
        ] as [(String, [String: AttributeValue], String)]
    )
    func `a query that leaves an attribute out is refused`(
        text: String,
        values: [String: AttributeValue],
        message: String
    ) async throws {
        try await withGames { database, _ in
            var request = query(text, values)
            if !text.contains("#r") { request.options.attributes.names = nil }
            let wrong = request
            let error = await failure { _ = try await database.query(wrong) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(message) == true)
        }
    }

    @Test func `an item that lacks one of the attributes is not in the index, and indexes agree`()
        async throws
    {
        try await withGames { database, games in
            var scan = ScanRequest(tableName: "Games")
            scan.options.indexName = "ByCup"
            scan.options.limit = 5
            let found = try await database.all(scan)
            #expect(Set(found) == Set(games) && found.count == games.count)
            var moved = games[0]
            moved["region"] = "c"
            try await database.put(moved, in: "Games")
            #expect(try await database.verifyIndexes("Games").differences == [])
            let wrong = await failure {
                var item = games[1]
                item["bracket"] = 5
                try await database.put(item, in: "Games")
            }
            #expect(wrong?.code == .validation)
        }
    }

    @Test(arguments: ["five", "order", "twice", "undefined", "table", "local"])
    func `a key that is none is refused`(what: String) async throws {
        try await withDatabase { database in
            var request = Self.request
            switch what {
            case "five":
                request.attributeDefinitions += [.string("e")]
                request.globalSecondaryIndexes[0].keySchema = [
                    "cup", "region", "round", "bracket", "e",
                ].map {
                    Self.element($0, .partition)
                }
            case "order": request.globalSecondaryIndexes[0].keySchema.swapAt(1, 2)
            case "twice":
                request.globalSecondaryIndexes[0].keySchema[3] = Self.element("round", .sort)
            case "undefined":
                request.globalSecondaryIndexes[0].keySchema[3] = Self.element("nothing", .sort)
            case "table":
                request.keySchema = [
                    Self.element("id", .partition), Self.element("cup", .partition),
                ]
            default:
                request.localSecondaryIndexes = request.globalSecondaryIndexes
                request.globalSecondaryIndexes = []
            }
            let wrong = request
            let error = await failure { _ = try await database.createTable(wrong) }
            #expect(error?.code == .validation)
        }
    }
}
