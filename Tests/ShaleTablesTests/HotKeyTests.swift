import ShaleEngine
import ShaleItems
import ShaleTables
import Testing

struct HotKeyTests {
    @Test func `keys that make up much of the requests are named, also behind a close`()
        async throws
    {
        try await withWorld { world in
            let database = try await Database.open("db", in: world)
            let songs = try await database.createTable(
                "Songs",
                partitionKey: .string("artist"),
                sortKey: .number("n")
            )
            for number in 0..<20_000 {
                // A third of all is one key, a sixth another, and the others are all different.
                let artist = number % 3 == 0 ? "Nina" : number % 6 == 1 ? "Bob" : "artist \(number)"
                let key: Item = ["artist": .string(artist), "n": .number(Number(number % 5))]
                switch number % 4 {
                case 0: try await songs.put(key, durability: .buffered)
                case 1: _ = try await songs.get(key)
                case 2: try await songs.delete(key, durability: .buffered)
                default:
                    var request = QueryRequest(tableName: "Songs", keyCondition: "artist = :a")
                    request.options.attributes = ExpressionAttributes(values: [
                        ":a": .string(artist)
                    ])
                    _ = try await database.query(request)
                }
            }
            let hot = database.hotKeys()
            #expect(hot.prefix(2).map(\.partitionKey) == ["Nina", "Bob"])
            #expect((0.2...0.5).contains(hot.first?.share ?? 0))
            try await database.close()
            let again = try await Database.open("db", in: world)
            #expect(again.hotKeys().isEmpty)
            #expect(again.hotKeysOfLastLife.prefix(2).map(\.partitionKey) == ["Nina", "Bob"])
            try await again.close()
        }
    }

    @Test func `of no or few requests nothing is said`() async throws {
        try await withDatabase { database in
            let songs = try await database.createTable("Songs", partitionKey: .string("artist"))
            for _ in 0..<10 { _ = try await songs.get(["artist": "Nina"]) }
            #expect(database.hotKeys().isEmpty)
        }
    }
}
