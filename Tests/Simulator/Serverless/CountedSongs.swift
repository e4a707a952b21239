internal import ShaleItems
internal import ShaleTables
internal import Simulation
internal import Synchronization

/// Songs, and how many each artist has, which a follower counts.
struct CountedSongs: Sendable {
    let songs: Table
    let counts: Table

    /// Makes the tables where they are not there.
    static func make(in database: Database) async throws {
        _ = try await database.createTable("Counts", partitionKey: .string("artist"))
        _ = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .string("title"),
            stream: .newAndOldImages
        )
    }

    init(_ database: Database) throws {
        songs = try database.table("Songs")
        counts = try database.table("Counts")
    }

    static func song(_ artist: Int, _ title: Int) -> Item {
        ["artist": .string("\(artist)"), "title": .string("\(title)")]
    }

    /// Thrown in the place of an answer.
    struct Odd: Error {}

    /// Counts; what it has said to write before it fails now and then must not be written.
    func follower(_ random: SimulatedGenerator, failsOneIn part: Int) -> Follower.Handler {
        let counts = counts
        let random = Mutex(random)
        return { changes, transaction in
            var difference: [AttributeValue: Int] = [:]
            for each in changes where each.event != .modify {
                difference[each.keys["artist"] ?? .null, default: 0] +=
                    each.event == .insert ? 1 : -1
            }
            for (artist, number) in difference.sorted(by: { $0.key.words < $1.key.words })
            where number != 0 {
                transaction.update(
                    ["artist": artist],
                    in: counts,
                    "ADD songs :n",
                    values: [":n": .number(Number(number))]
                )
            }
            if random.withLock({ $0.oneIn(part) }) { throw Odd() }
        }
    }

    /// Compares the counts with the songs.
    func check() async throws {
        var songsOf: [AttributeValue: Int] = [:]
        for try await song in songs.scan() { songsOf[song["artist"] ?? .null, default: 0] += 1 }
        for try await count in counts.scan() {
            let artist = count["artist"] ?? .null
            let number = songsOf.removeValue(forKey: artist) ?? 0
            guard count["songs"] == .number(Number(number)) else {
                throw Failure(
                    "artist \(artist.words) has \(number) songs, counted are \(count.words)"
                )
            }
        }
        if let artist = songsOf.keys.first {
            throw Failure("artist \(artist.words) has songs, and none is counted")
        }
    }
}
