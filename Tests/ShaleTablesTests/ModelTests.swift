import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Testing

/// Random writes on a table with all kinds of indexes, against a dictionary.
struct ModelTests {
    /// A small generator, so that a failure can be played again from its seed.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }

    static let artists = ["Nina", "Miles", "N"]
    static let genres = ["jazz", "soul"]

    /// The dictionary, and what follows from it.
    struct Model {
        var items: [Item: Item] = [:]

        func index(
            _ keep: (Item) -> Bool,
            by sort: String?,
            _ project: (Item) -> Item = { $0 }
        ) -> [Item] {
            let kept = items.values.filter { item in
                keep(item) && (sort.map { item[$0] != nil } ?? true)
            }
            return kept.sorted { left, right in
                precedes(left, right, [sort, "artist", "title"].compactMap { $0 })
            }.map(project)
        }

        func precedes(_ left: Item, _ right: Item, _ names: [String]) -> Bool {
            for name in names {
                switch (left[name], right[name]) {
                case (.string(let left)?, .string(let right)?) where left != right:
                    return left.utf8.lexicographicallyPrecedes(right.utf8)
                case (.number(let left)?, .number(let right)?) where left != right:
                    return left < right
                default: continue
                }
            }
            return false
        }
    }

    /// One random write, on the database and on the model.
    static func step(
        _ database: Database,
        _ model: inout Model,
        _ random: inout Random
    ) async throws {
        let artist = artists.randomElement(using: &random) ?? "Nina"
        let title = "\(Int.random(in: 0..<12, using: &random))"
        let key = Songs.key(artist, title)
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3:
            let item = randomItem(artist, title, &random)
            try await database.put(item)
            model.items[key] = item
        case 4...5:
            _ = try await database.deleteItem(DeleteItemRequest(tableName: "Songs", key: key))
            model.items[key] = nil
        case 6...7:
            var request = UpdateItemRequest(
                tableName: "Songs",
                key: key,
                update: "SET genre = :g REMOVE #y ADD plays :one"
            )
            request.options.attributes = ExpressionAttributes(
                names: ["#y": "year"],
                values: [":g": .string(genres[0]), ":one": 1]
            )
            _ = try await database.updateItem(request)
            var item = model.items[key] ?? key
            item["genre"] = .string(genres[0])
            item["year"] = nil
            let plays = item["plays"]?.numberValue ?? .zero
            item["plays"] = .number(try plays.adding(1))
            model.items[key] = item
        case 8:
            var options = WriteOptions()
            options.condition = "attribute_exists(plays)"
            let item = randomItem(artist, title, &random)
            let request = PutItemRequest(tableName: "Songs", item: item, options: options)
            let error = await failure { _ = try await database.putItem(request) }
            let holds = model.items[key]?["plays"] != nil
            #expect((error == nil) == holds)
            if holds { model.items[key] = item }
        default:
            let item = randomItem(artist, title, &random)
            let gone = Songs.key(artist, title + "x")
            let request = BatchWriteItemRequest([("Songs", [.put(item), .delete(key: gone)])])
            _ = try await database.batchWriteItem(request)
            model.items[key] = item
        }
    }

    static func randomItem(_ artist: String, _ title: String, _ random: inout Random) -> Item {
        Songs.song(
            artist,
            title,
            year: Bool.random(using: &random) ? Int.random(in: 1958..<1962, using: &random) : nil,
            genre: Bool.random(using: &random) ? genres.randomElement(using: &random) : nil,
            plays: Bool.random(using: &random) ? Int.random(in: 0..<9, using: &random) : nil
        )
    }

    /// Every way to read gives what the model says.
    static func compare(_ database: Database, _ model: Model, limit: Int) async throws {
        var scan = ScanRequest(tableName: "Songs")
        scan.options.limit = limit
        #expect(Set(try await database.all(scan)) == Set(model.items.values))
        for artist in artists {
            let isArtist = { (item: Item) in item["artist"] == .string(artist) }
            let values: [String: AttributeValue] = [":a": .string(artist)]
            var query = songsQuery("artist = :a", values)
            query.options.limit = limit
            #expect(try await database.all(query) == model.index(isArtist, by: nil))
            query.options.indexName = "ByYear"
            query.scanIndexForward = false
            let byYear = model.index(isArtist, by: "year") { item in
                Item(
                    ["artist", "title", "year"].compactMap { name in item[name].map { (name, $0) } }
                )
            }
            #expect(try await database.all(query) == byYear.reversed())
        }
        for genre in genres {
            var query = songsQuery("genre = :g", [":g": .string(genre)], index: "ByGenre")
            query.options.limit = limit
            let expected = model.index({ $0["genre"] == .string(genre) }, by: "year")
            #expect(try await database.all(query) == expected)
        }
        let byTitle = songsQuery("title = :t", [":t": "3"], index: "ByTitle")
        #expect(
            try await database.all(byTitle) == model.index({ $0["title"] == "3" }, by: nil)
        )
        #expect(try await database.verifyIndexes("Songs").differences == [])
    }

    static func play(_ seed: UInt64, _ directory: String, _ world: World) async throws {
        var random = Random(state: seed)
        var model = Model()
        var database = try await Database.open(directory, in: world)
        _ = try await database.createTable(Songs.request)
        for round in 1...6 {
            for _ in 0..<60 { try await step(database, &model, &random) }
            try await compare(database, model, limit: round)
            if round % 2 == 0 {
                let before = try database.describeTable("Songs")
                try await database.close()
                database = try await Database.open(directory, in: world)
                #expect(try database.describeTable("Songs") == before)
            } else {
                // As after a kill: nothing is flushed, and the log is replayed.
                await database.stopBackfills()
                database.engine.abandon()
                database = try await Database.open(directory, in: world)
            }
            try await compare(database, model, limit: 100)
        }
        try await database.close()
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `random writes leave what a dictionary would hold`(seed: UInt64) async throws {
        try await withWorld { world in try await Self.play(seed, "db", world) }
    }

    @Test func `the same on a real disk`() async throws {
        try await withDirectory { directory in
            let world = World.posix()
            defer { world.scheduler.shutDown() }
            try await Self.play(99, "\(directory)/db", world)
        }
    }
}
