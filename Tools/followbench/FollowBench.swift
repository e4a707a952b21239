/// Measures how fast a closure drains the changes of a table that have piled up.
///
/// `follow-bench DIR [changes] [batch]`. The directory must not be there. The closure counts by partition key and
/// writes the counts through its transaction, so that each batch is one synced record of the log.

import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables

@main
enum FollowBench {
    private static let writers = 64
    private static let keys = 50

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("follow-bench DIR [changes] [batch]")
            return
        }
        func number(_ place: Int, _ usual: Int) -> Int {
            arguments.count > place ? Int(arguments[place]) ?? usual : usual
        }
        let (changes, batch) = (number(2, 1_000_000), number(3, 1_000))
        let world = World.posix()
        let database = try await Database.open(arguments[1], in: world)
        let songs = try await database.createTable(
            "Songs",
            partitionKey: .string("artist"),
            sortKey: .number("title"),
            stream: .newAndOldImages
        )
        let counts = try await database.createTable("Counts", partitionKey: .string("artist"))
        let began = world.time.monotonicNanoseconds
        try await fill(songs, changes)
        let wrote = seconds(since: began, world)
        print("\(changes) changes written in \(wrote) s")

        var options = FollowOptions()
        options.batchSize = batch
        let start = world.time.monotonicNanoseconds
        let follower = try await songs.follow(as: "counts", options) { changes, transaction in
            var sums: [AttributeValue: Int] = [:]
            for change in changes { sums[change.keys["artist"] ?? .null, default: 0] += 1 }
            for (artist, sum) in sums {
                transaction.update(
                    ["artist": artist],
                    in: counts,
                    "ADD songs :n",
                    values: [":n": .number(Number(sum))]
                )
            }
        }
        guard await follower.caughtUp() else { return print("stopped: \(follower.status)") }
        let took = seconds(since: start, world)
        var sum = 0
        for try await count in counts.scan() { sum += count["songs"]?.numberValue?.intValue ?? 0 }
        print("\(sum) counted in \(took) s: \(Int(Double(sum) / took)) changes a second")
        guard sum == changes else { return print("WRONG: \(changes) were written") }
        try await database.close()
        world.scheduler.shutDown()
    }

    private static func seconds(since start: UInt64, _ world: World) -> Double {
        Double((world.time.monotonicNanoseconds - start) / 1_000_000) / 1_000
    }

    private static func fill(_ songs: Table, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in stride(from: writer, to: count, by: writers) {
                        try await songs.put(
                            [
                                "artist": .string("artist \(number % keys)"),
                                "title": .number(Number(number)), "plays": 1,
                            ],
                            durability: .buffered
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
