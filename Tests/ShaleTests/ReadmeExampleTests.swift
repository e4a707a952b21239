// The README's example is what stands between the two marks: it is compiled and run here, and a
// script compares both texts.
import Testing

// README begin
import Shale

struct Song: Codable, Sendable {
    var artist: String
    var title: String
    var year: Int
    var plays: Int?
}

func playMusic(in directory: String) async throws -> [Song] {
    let database = try await Database.open(at: directory)
    let songs = try await database.createTable(
        "Songs",
        partitionKey: .string("artist"),
        sortKey: .string("title"),
        indexes: [.global("ByYear", partitionKey: .number("year"))]
    )

    // Items are dictionary literals or Codable values.
    try await songs.put(["artist": "Nina Simone", "title": "Sinnerman", "year": 1965])
    try await songs.put(Song(artist: "Nina Simone", title: "Feeling Good", year: 1965))

    // One atomic step, also with a thousand callers.
    try await songs.update(
        ["artist": "Nina Simone", "title": "Sinnerman"],
        "SET plays = if_not_exists(plays, :zero) + :one",
        values: [":zero": 0, ":one": 1]
    )

    // All or nothing, in any tables.
    try await database.transact {
        $0.update(
            ["artist": "Nina Simone", "title": "Sinnerman"],
            in: songs,
            "ADD plays :one",
            condition: "plays < :many",
            values: [":one": 1, ":many": 100]
        )
        $0.put(["artist": "Nina Simone", "title": "Wild Is the Wind", "year": 1966], in: songs)
    }

    // Pages are read as the loop asks for them.
    var found: [Song] = []
    let query = songs.query(
        "#y = :y",
        index: "ByYear",
        names: ["#y": "year"],
        values: [":y": 1965],
        as: Song.self
    )
    for try await song in query { found.append(song) }

    try await database.close()
    return found
}
// README end

struct ReadmeExampleTests {
    @Test func `the example of the README finds both songs`() async throws {
        try await withTemporaryDirectory { directory in
            let songs = try await playMusic(in: "\(directory)/music.shale")
            #expect(songs.map(\.title).sorted() == ["Feeling Good", "Sinnerman"])
            #expect(songs.first { $0.title == "Sinnerman" }?.plays == 2)
        }
    }
}
