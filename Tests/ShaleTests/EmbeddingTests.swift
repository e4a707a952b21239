import Shale
import Testing

struct EmbeddingTests {
    static let key: Item = ["artist": "Nina Simone", "title": "Sinnerman"]

    /// A table in memory with `count` songs of one artist, numbered from 0.
    static func songs(_ count: Int) async throws -> Table {
        let database = try await Database.inMemory()
        let songs = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .number("number"),
            indexes: [.local("ByTitle", sortKey: .string("title"), projecting: .keysOnly)]
        )
        try await songs.put(
            contentsOf: (0..<count).map { number in
                [
                    "artist": "Nina Simone", "number": .number(Number(number)),
                    "title": .string("Song \(number % 10)"),
                    "text": .string(String(repeating: "x", count: 50_000)),
                ]
            }
        )
        return songs
    }

    @Test func `a put answers the item it replaced`() async throws {
        let songs = try await Self.songs(1)
        let key: Item = ["artist": "Nina Simone", "number": 0]
        let old = try await songs.put(["artist": "Nina Simone", "number": 0, "title": "New"])
        #expect(old?["title"] == "Song 0")
        #expect(try await songs.get(key)?["title"] == "New")
        #expect(try await songs.delete(key)?["title"] == "New")
        #expect(try await songs.get(key) == nil)
    }

    @Test func `a query goes on over pages in both orders`() async throws {
        let songs = try await Self.songs(60)
        for order in [Table.Order.ascending, .descending] {
            var numbers: [Int] = []
            let query = songs.query(
                "artist = :a",
                values: [":a": "Nina Simone"],
                order: order
            )
            for try await song in query {
                numbers.append(song["number"]?.numberValue?.intValue ?? -1)
            }
            #expect(numbers == (order == .ascending ? Array(0..<60) : (0..<60).reversed()))
        }
    }

    @Test(arguments: [0, 1, 25, 59, 60, 61])
    func `a query gives at most count items`(count: Int) async throws {
        let songs = try await Self.songs(60)
        var found = 0
        let query = songs.query("artist = :a", values: [":a": "Nina Simone"], count: count)
        for try await _ in query { found += 1 }
        #expect(found == min(count, 60))
    }

    @Test func `segments of a scan give every item once`() async throws {
        let database = try await Database.inMemory()
        let table = try await database.createTable("Numbers", partitionKey: .number("n"))
        try await table.put(contentsOf: (0..<200).map { ["n": .number(Number($0))] })
        var found: [Int] = []
        for segment in 0..<4 {
            for try await item in table.scan(segment: (segment, 4)) {
                found.append(item["n"]?.numberValue?.intValue ?? -1)
            }
        }
        #expect(found.sorted() == Array(0..<200))
    }

    @Test func `a failed condition throws the item that is there`() async throws {
        let songs = try await Self.songs(1)
        let error = await #expect(throws: DatabaseError.self) {
            try await songs.put(
                ["artist": "Nina Simone", "number": 0],
                condition: "attribute_not_exists(artist)"
            )
        }
        #expect(error?.code == .conditionalCheckFailed)
        #expect(error?.item?["title"] == "Song 0")
    }

    @Test func `codable values come back as they went in`() async throws {
        let database = try await Database.inMemory()
        let songs = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .string("title")
        )
        try await songs.put(Song(artist: "Nina Simone", title: "Sinnerman", year: 1965))
        let song = try await songs.get(Song.self, Self.key)
        #expect(song?.year == 1965)
        #expect(song?.plays == nil)
        var years: [Int] = []
        for try await song in songs.scan(as: Song.self) { years.append(song.year) }
        #expect(years == [1965])
    }

    @Test func `an item's bytes are lent`() async throws {
        let songs = try await Self.songs(1)
        let key: Item = ["artist": "Nina Simone", "number": 0]
        let title = try await songs.withItem(key) { (bytes) throws(ItemError) in
            try ItemDecoder.attribute(named: "title", in: bytes)
        }
        #expect(title == .some("Song 0"))
        let size = try songs.withItemBlocking(key) { bytes in bytes.count }
        #expect((size ?? 0) > 50_000)
        #expect(try await songs.withItem(["artist": "Nobody", "number": 0]) { _ in 1 } == nil)
    }
}
