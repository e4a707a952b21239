import ShaleItems
import ShalePlatform
import ShaleTables
import Synchronization
import Testing

/// A closure that follows a table: what it gets, what it may write, and what happens when it fails.
@Suite struct FollowerTests {
    @Test func `counts by a follower are exact, also after it was stopped and goes on`()
        async throws
    {
        try await withWorld { world in
            for round in 1...3 {
                let database = try await Database.open("db", in: world)
                let (songs, counts) = try await Counting.tables(database)
                let follower = try await songs.follow(
                    as: "counts",
                    calling: Counting.handler(into: counts)
                )
                for number in 0..<50 {
                    try await songs.put(Counting.song("a\(number % 3)", "\(round)/\(number)"))
                }
                #expect(await follower.caughtUp())
                #expect(follower.status.taken == 50)
                #expect(try await Counting.differences(songs, counts).isEmpty)
                try await database.close()
                #expect(follower.status.isStopped)
                #expect(await follower.caughtUp() == false)
            }
        }
    }

    @Test(arguments: [(FollowOptions.Start.oldest, 2), (.latest, 1)])
    func `a new follower begins with the oldest change or the latest`(
        start: FollowOptions.Start,
        taken: Int
    ) async throws {
        try await withDatabase { database in
            let (songs, _) = try await Counting.tables(database)
            try await songs.put(Counting.song("a", "before"))
            var options = FollowOptions()
            options.start = start
            let follower = try await songs.follow(as: "f", options) { _, _ in }
            try await songs.put(Counting.song("a", "after"))
            #expect(await follower.caughtUp())
            #expect(follower.status.taken == taken)
        }
    }

    @Test func `changes come as values of a type, with what was before`() async throws {
        struct Song: Codable, Equatable { var artist, title: String }
        try await withDatabase { database in
            let (songs, _) = try await Counting.tables(database)
            let seen = Mutex<[[Song?]]>([])
            let follower = try await songs.follow(as: "f") { changes, _ in
                for change in changes {
                    let pair = [try change.old(Song.self), try change.new(Song.self)]
                    seen.withLock { $0.append(pair) }
                }
            }
            try await songs.put(Song(artist: "a", title: "b"))
            try await songs.delete(["artist": "a", "title": "b"])
            #expect(await follower.caughtUp())
            let song = Song(artist: "a", title: "b")
            #expect(seen.withLock { $0 } == [[nil, song], [song, nil]])
        }
    }

    @Test func `one change that cannot be taken is given up alone, and told in the same record`()
        async throws
    {
        try await withDatabase { database in
            let (songs, counts) = try await Counting.tables(database)
            let lost = try await database.createTable("Lost", partitionKey: .string("title"))
            for number in 0..<8 { try await songs.put(Counting.song("a", "\(number)")) }
            var options = FollowOptions()
            options.retries = 0
            options.onGivingUp = { changes, error, transaction in
                #expect("\(error)" == "Odd()")
                for change in changes {
                    transaction.put(["title": change.keys["title"] ?? .null], in: lost)
                }
            }
            let follower = try await songs.follow(as: "f", options) { changes, transaction in
                if changes.contains(where: { $0.keys["title"] == "5" }) { throw Odd() }
                try await Counting.handler(into: counts)(changes, &transaction)
            }
            #expect(await follower.caughtUp())
            #expect(follower.status.taken == 7)
            #expect(follower.status.givenUp == 1)
            #expect(try await lost.get(["title": "5"]) != nil)
            #expect(try await counts.get(["artist": "a"])?["songs"] == 7)
        }
    }

    private struct Odd: Error {}

    @Test func `a batch that writes too much comes again in halves`() async throws {
        try await withDatabase { database in
            let (songs, _) = try await Counting.tables(database)
            let copies = try await database.createTable("Copies", partitionKey: .string("title"))
            for number in 0..<100 { try await songs.put(Counting.song("a", "\(number)")) }
            let most = Mutex(0)
            let follower = try await songs.follow(as: "f") { changes, transaction in
                most.withLock { $0 = max($0, changes.count) }
                for change in changes {
                    transaction.put(["title": change.keys["title"] ?? .null], in: copies)
                }
            }
            #expect(await follower.caughtUp())
            #expect(most.withLock { $0 } == 100)
            #expect(follower.status.taken == 100)
            for number in 0..<100 {
                #expect(try await copies.get(["title": .string("\(number)")]) != nil)
            }
        }
    }

    @Test func `what is not right with a follower is said`() async throws {
        try await withDatabase { database in
            let (songs, counts) = try await Counting.tables(database)
            var options = FollowOptions()
            options.batchSize = 0
            let wrong = options
            #expect(
                await failure { _ = try await songs.follow(as: "f", wrong) { _, _ in } }?.code
                    == .validation
            )
            #expect(
                await failure { _ = try await songs.follow(as: "") { _, _ in } }?.code
                    == .validation
            )
            #expect(
                await failure { _ = try await counts.follow(as: "f") { _, _ in } }?.code
                    == .resourceNotFound
            )
            let follower = try await songs.follow(as: "f") { _, _ in }
            #expect(
                await failure { _ = try await songs.follow(as: "f") { _, _ in } }?.code
                    == .resourceInUse
            )
            #expect(
                await failure { try await database.forgetFollower("f") }?.code == .resourceInUse
            )
            await follower.stop()
            try await database.forgetFollower("f")
        }
    }

    @Test func `a stream that is switched off and on again is followed into the new one`()
        async throws
    {
        try await withDatabase { database in
            let (songs, counts) = try await Counting.tables(database)
            let follower = try await songs.follow(
                as: "counts",
                calling: Counting.handler(into: counts)
            )
            try await songs.put(Counting.song("a", "1"))
            for isOn in [false, true] {
                var request = UpdateTableRequest(tableName: "Songs")
                request.stream = StreamSpecification(
                    isEnabled: isOn,
                    viewType: isOn ? .keysOnly : nil
                )
                _ = try await database.updateTable(request)
            }
            try await songs.put(Counting.song("a", "2"))
            #expect(await follower.caughtUp())
            #expect(try await counts.get(["artist": "a"])?["songs"] == 2)
        }
    }
}

/// Counts songs by artist with a follower, and compares.
enum Counting {
    static func tables(_ database: Database) async throws -> (songs: Table, counts: Table) {
        if let songs = try? database.table("Songs"), let counts = try? database.table("Counts") {
            return (songs, counts)
        }
        let counts = try await database.createTable("Counts", partitionKey: .string("artist"))
        let songs = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .string("title"),
            stream: .newAndOldImages
        )
        return (songs, counts)
    }

    static func song(_ artist: String, _ title: String) -> Item {
        ["artist": .string(artist), "title": .string(title)]
    }

    static func handler(into counts: Table) -> Follower.Handler {
        { changes, transaction in
            var change: [AttributeValue: Int] = [:]
            for each in changes where each.event != .modify {
                change[each.keys["artist"] ?? .null, default: 0] += each.event == .insert ? 1 : -1
            }
            for (artist, number) in change where number != 0 {
                transaction.update(
                    ["artist": artist],
                    in: counts,
                    "ADD songs :n",
                    values: [":n": .number(Number(number))]
                )
            }
        }
    }

    /// Artists whose count is not the number of their songs.
    static func differences(_ songs: Table, _ counts: Table) async throws -> [AttributeValue] {
        var found: [AttributeValue: Int] = [:]
        for try await song in songs.scan() { found[song["artist"] ?? .null, default: 0] += 1 }
        var different: [AttributeValue] = []
        var counted = 0
        for try await count in counts.scan() {
            counted += 1
            let artist = count["artist"] ?? .null
            if count["songs"]?.numberValue?.intValue != found[artist, default: 0] {
                different.append(artist)
            }
        }
        return counted < found.count ? different + [.null] : different
    }
}
