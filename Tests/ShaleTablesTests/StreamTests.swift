import ShaleItems
import ShalePlatform
import ShaleTables
import Synchronization
import Testing

struct StreamTests {
    private static func request(_ viewType: StreamSpecification.ViewType) -> CreateTableRequest {
        var request = Songs.request
        request.stream = StreamSpecification(isEnabled: true, viewType: viewType)
        return request
    }

    private static let options: DatabaseOptions = {
        var options = DatabaseOptions()
        // Tests turn the clock themselves.
        options.housekeepingInterval = .zero
        return options
    }()

    @Test func `every change is there once, in order, and nothing for what changes nothing`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request(.newAndOldImages))
            let one = Songs.song("Nina", "a", year: 1965)
            let two = Songs.song("Nina", "a", year: 1966)
            try await database.put(one)
            try await database.put(one)
            try await database.put(two)
            _ = try await database.deleteItem(
                DeleteItemRequest(tableName: "Songs", key: Songs.key("Nina", "a"))
            )
            _ = try await database.deleteItem(
                DeleteItemRequest(tableName: "Songs", key: Songs.key("Nina", "a"))
            )
            let records = try await database.allRecords("Songs")
            #expect(records.map(\.event) == [.insert, .modify, .remove])
            #expect(records.map(\.oldImage) == [nil, one, two])
            #expect(records.map(\.newImage) == [one, two, nil])
            #expect(records.allSatisfy { $0.keys == Songs.key("Nina", "a") && !$0.isExpiry })
            #expect(records[0].sizeBytes == one.sizeBytes + Songs.key("Nina", "a").sizeBytes)
            #expect(records.map(\.sequence) == records.map(\.sequence).sorted())
        }
    }

    @Test(arguments: StreamSpecification.ViewType.allCases)
    func `a stream keeps what its view type says`(
        viewType: StreamSpecification.ViewType
    ) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request(viewType))
            let one = Songs.song("Nina", "a", year: 1965)
            let two = Songs.song("Nina", "a", year: 1966)
            try await database.put(one)
            try await database.put(two)
            let last = try #require(try await database.allRecords("Songs").last)
            #expect(last.viewType == viewType)
            #expect(
                last.newImage == ([.newImage, .newAndOldImages].contains(viewType) ? two : nil)
            )
            #expect(
                last.oldImage == ([.oldImage, .newAndOldImages].contains(viewType) ? one : nil)
            )
        }
    }

    @Test func `writes of every kind are recorded, and canceled ones are not`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request(.keysOnly))
            _ = try await database.batchWriteItem(
                BatchWriteItemRequest([("Songs", [.put(Songs.song("Nina", "batch"))])])
            )
            _ = try await database.transactWriteItems(
                TransactWriteItemsRequest([
                    TransactWriteAction(tableName: "Songs", .put(Songs.song("Nina", "one"))),
                    TransactWriteAction(tableName: "Songs", .put(Songs.song("Nina", "two"))),
                    TransactWriteAction(
                        tableName: "Songs",
                        .check(key: Songs.key("Nina", "batch")),
                        condition: "attribute_exists(title)"
                    ),
                ])
            )
            let canceled = TransactWriteItemsRequest([
                TransactWriteAction(tableName: "Songs", .put(Songs.song("Nina", "three"))),
                TransactWriteAction(
                    tableName: "Songs",
                    .delete(key: Songs.key("Nina", "one")),
                    condition: "attribute_exists(plays)"
                ),
            ])
            let error = await failure { _ = try await database.transactWriteItems(canceled) }
            #expect(error?.code == .transactionCanceled)
            _ = try await database.updateItem(
                UpdateItemRequest(
                    tableName: "Songs",
                    key: Songs.key("Nina", "update"),
                    update: "SET genre = artist"
                )
            )
            // What only removes makes no item, and no record of one.
            for update in ["REMOVE genre", "REMOVE genre, plays"] {
                _ = try await database.updateItem(
                    UpdateItemRequest(
                        tableName: "Songs",
                        key: Songs.key("Nina", "nothing"),
                        update: update
                    )
                )
            }
            let titles = try await database.allRecords("Songs").map {
                $0.keys["title"]?.stringValue
            }
            #expect(titles == ["batch", "one", "two", "update"])
            #expect(try await database.get(Songs.key("Nina", "nothing")) == nil)
        }
    }

    @Test func `an iterator begins at a record, behind it, or behind the last of all`() async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request(.keysOnly))
            for title in ["a", "b", "c"] { try await database.put(Songs.song("Nina", title)) }
            let stream = try #require(database.listStreams().streams.first)
            let description = try await database.describeStream(DescribeStreamRequest(stream))
            let shard = try #require(description.shards.first)
            let records = try await database.records(stream)
            let starts: [(ShardIteratorStart, [String])] = [
                (.at(records[1].sequence), ["b", "c"]), (.after(records[1].sequence), ["c"]),
                (.after(records[2].sequence), []), (.latest, []), (.trimHorizon, ["a", "b", "c"]),
            ]
            for (start, titles) in starts {
                let iterator = try await database.shardIterator(stream, shard.identity, start)
                let read = try await database.getRecords(iterator)
                #expect(read.records.compactMap { $0.keys["title"]?.stringValue } == titles)
            }
        }
    }

    @Test func `one read of a stream gives a megabyte at most, and the next one goes on`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Self.request(.newImage))
            for number in 0..<8 {
                var song = Songs.song("Nina", "\(number)")
                song["text"] = .string(String(repeating: "x", count: 300_000))
                try await database.put(song)
            }
            let stream = try #require(database.listStreams().streams.first)
            let shard = try await database.describeStream(DescribeStreamRequest(stream)).shards[0]
            var next: ShardIterator? = try await database.shardIterator(
                stream,
                shard.identity,
                .trimHorizon
            )
            var counts: [Int] = []
            while let iterator = next, counts.last != 0 {
                let read = try await database.getRecords(iterator)
                counts.append(read.records.count)
                next = read.next
            }
            #expect(counts == [3, 3, 2, 0])
        }
    }

    @Test func `records survive a close, and an iterator reads on behind it`() async throws {
        try await withSteppedWorld { world, _ in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.newImage))
            for number in 0..<5 { try await database.put(Songs.song("Nina", "\(number)")) }
            let stream = try #require(database.listStreams(tableName: "Songs").streams.first)
            let shard = try #require(
                try await database.describeStream(DescribeStreamRequest(stream)).shards.first
            )
            let start = try await database.shardIterator(stream, shard.identity, .trimHorizon)
            let first = try await database.getRecords(start, limit: 2)
            #expect(first.records.map { $0.keys["title"] } == ["0", "1"])
            try await database.close()
            let again = try await Database.open("db", Self.options, in: world)
            let second = try await again.getRecords(try #require(first.next))
            #expect(second.records.map { $0.keys["title"] } == ["2", "3", "4"])
            try await again.put(Songs.song("Nina", "5"))
            let third = try await again.getRecords(try #require(second.next))
            #expect(third.records.map { $0.keys["title"] } == ["5"])
            #expect(third.next.flatMap { ShardIterator($0.bytes) } == third.next)
            try await again.close()
        }
    }

    @Test func `four hours begin a new generation of shards, and old ones end`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.keysOnly))
            try await database.put(Songs.song("Nina", "old"))
            let stream = try #require(database.listStreams().streams.first)
            time.advance(hours: 4)
            await database.keepHouse()
            try await database.put(Songs.song("Nina", "new"))
            let shards = try await database.describeStream(DescribeStreamRequest(stream)).shards
            #expect(shards.count == 2)
            #expect(shards[1].parent == shards[0].identity)
            #expect(shards[0].ending != nil && shards[1].ending == nil)
            var children = DescribeStreamRequest(stream)
            children.childrenOf = shards[0].identity
            let found = try await database.describeStream(children).shards.map(\.identity)
            #expect(found == [shards[1].identity])
            let iterator = try await database.shardIterator(
                stream,
                shards[0].identity,
                .trimHorizon
            )
            let read = try await database.getRecords(iterator)
            #expect(read.records.map(\.sequence) == [shards[0].ending])
            #expect(read.next == nil)
            #expect(
                try await database.allRecords("Songs").map { $0.keys["title"] } == ["old", "new"]
            )
            try await database.close()
        }
    }

    @Test func `a day later records count no more, and their shards go`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.keysOnly))
            try await database.put(Songs.song("Nina", "old"))
            let stream = try #require(database.listStreams().streams.first)
            let first = try await database.describeStream(DescribeStreamRequest(stream)).shards[0]
            let old = try #require(try await database.allRecords("Songs").first)
            time.advance(hours: 23)
            await database.keepHouse()
            try await database.put(Songs.song("Nina", "new"))
            #expect(try await database.allRecords("Songs").count == 2)
            time.advance(hours: 2)
            #expect(try await database.allRecords("Songs").map { $0.keys["title"] } == ["new"])
            let trimmed = await failure {
                _ = try await database.shardIterator(stream, first.identity, .at(old.sequence))
            }
            #expect(trimmed?.code == .trimmedDataAccess)
            time.advance(hours: 24)
            await database.keepHouse()
            await database.keepHouse()
            let shards = try await database.describeStream(DescribeStreamRequest(stream)).shards
            #expect(!shards.map(\.identity).contains(first.identity))
            let gone = await failure {
                _ = try await database.shardIterator(stream, first.identity, .trimHorizon)
            }
            #expect(gone?.code == .trimmedDataAccess)
            try await database.close()
        }
    }

    @Test func `a record that is trimmed before a reader comes to it is missed with an error`()
        async throws
    {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.keysOnly))
            try await database.put(Songs.song("Nina", "old"))
            let stream = try #require(database.listStreams().streams.first)
            let shard = try await database.describeStream(DescribeStreamRequest(stream)).shards[0]
            time.advance(hours: 3)
            try await database.put(Songs.song("Nina", "later"))
            time.advance(hours: 21)
            time.advance(seconds: -300)
            let early = try await database.shardIterator(stream, shard.identity, .trimHorizon)
            #expect(try await database.getRecords(early).records.count == 2)
            time.advance(seconds: 600)
            let error = await failure { _ = try await database.getRecords(early) }
            #expect(error?.code == .trimmedDataAccess)
            let late = try await database.shardIterator(stream, shard.identity, .trimHorizon)
            let records = try await database.getRecords(late).records
            #expect(records.map { $0.keys["title"] } == ["later"])
            try await database.close()
        }
    }

    @Test func `a stream that was switched off can be read for a day, and one anew is another`()
        async throws
    {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.keysOnly))
            try await database.put(Songs.song("Nina", "seen"))
            var update = UpdateTableRequest(tableName: "Songs")
            update.stream = StreamSpecification(isEnabled: false)
            _ = try await database.updateTable(update)
            try await database.put(Songs.song("Nina", "unseen"))
            let refused = await failure { _ = try await database.updateTable(update) }
            #expect(refused?.code == .validation)
            update.stream = StreamSpecification(isEnabled: true, viewType: .newImage)
            time.advance(seconds: 1)
            _ = try await database.updateTable(update)
            try await database.put(Songs.song("Nina", "seen again"))
            let streams = database.listStreams(tableName: "Songs").streams
            #expect(streams.count == 2)
            let old = try await database.describeStream(DescribeStreamRequest(streams[0]))
            #expect(!old.isEnabled && old.viewType == .keysOnly)
            #expect(try await database.records(streams[0]).map { $0.keys["title"] } == ["seen"])
            #expect(
                try await database.records(streams[1]).map { $0.keys["title"] } == ["seen again"]
            )
            _ = try await database.deleteTable("Songs")
            #expect(try await database.records(streams[1]).count == 1)
            time.advance(hours: 25)
            await database.keepHouse()
            #expect(database.listStreams().streams.isEmpty)
            let gone = await failure { _ = try await database.records(streams[1]) }
            #expect(gone?.code == .resourceNotFound)
            try await database.close()
        }
    }

    @Test func `an iterator is good for 15 minutes`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.keysOnly))
            let stream = try #require(database.listStreams().streams.first)
            let shard = try await database.describeStream(DescribeStreamRequest(stream)).shards[0]
            let iterator = try await database.shardIterator(stream, shard.identity, .latest)
            time.advance(minutes: 15)
            #expect(try await database.getRecords(iterator).records.isEmpty)
            time.advance(seconds: 1)
            let error = await failure { _ = try await database.getRecords(iterator) }
            #expect(error?.code == .expiredIterator)
            try await database.close()
        }
    }

    @Test
    func
        `a reader beside many writers and new generations misses nothing, and sees each item's changes in order`()
        async throws
    {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Self.request(.newImage))
            let stream = try #require(database.listStreams().streams.first)
            let written = Written()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for step in 0..<60 {
                            let title = "\(step % 3)"
                            try await database.put(
                                Songs.song("\(writer)", title, plays: step)
                            )
                            written.count.add(1, ordering: .relaxed)
                        }
                    }
                }
                group.addTask {
                    for quarter in 1...3 {
                        while written.count.load(ordering: .relaxed) < 60 * quarter,
                            !Task.isCancelled
                        {
                            await Task.yield()
                        }
                        time.advance(hours: 4)
                        await database.keepHouse()
                    }
                }
                try await group.waitForAll()
            }
            let records = try await database.records(stream)
            #expect(records.count == 240)
            for writer in 0..<4 {
                let plays = records.filter { $0.keys["artist"] == .string("\(writer)") }
                    .compactMap { $0.newImage?["plays"]?.numberValue?.intValue }
                #expect(plays == Array(0..<60))
            }
            try await database.close()
        }
    }

    @Test func `a program follows a table, and goes on where it was`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            let songs = try await database.createTable(
                "Songs",
                partitionKey: .string("artist"),
                stream: .newImage
            )
            let writer = Task {
                for number in 0..<200 {
                    try await songs.put([
                        "artist": .string("\(number % 17)"), "n": .number(Number(number)),
                    ])
                    if number == 100 {
                        time.advance(hours: 4)
                        await database.keepHouse()
                    }
                }
            }
            func read(
                _ count: Int,
                after place: StreamSequence?
            ) async throws -> (ArraySlice<Int>, StreamSequence?) {
                var numbers: [Int] = []
                var last = place
                for try await change in try songs.changes(after: place) {
                    numbers.append(change.newImage?["n"]?.numberValue?.intValue ?? -1)
                    last = change.sequence
                    if numbers.count == count { break }
                }
                return (numbers[...], last)
            }
            let (first, place) = try await read(90, after: nil)
            let (second, _) = try await read(110, after: place)
            try await writer.value
            #expect(Array(first + second) == Array(0..<200))
            var off = UpdateTableRequest(tableName: "Songs")
            off.stream = StreamSpecification(isEnabled: false)
            _ = try await database.updateTable(off)
            #expect(try await read(1000, after: nil).0.count == 200)
            try await database.close()
        }
    }

    @Test func `bytes that are no iterator are refused`() {
        #expect(ShardIterator([]) == nil)
        #expect(ShardIterator([UInt8](repeating: 1, count: 60)) == nil)
    }

    @Test func `a sequence number is a decimal of 25 digits in the order of the log`() {
        #expect(
            StreamSequence("1000000000000000000000000")?.description == "1000000000000000000000000"
        )
        #expect(
            StreamSequence("1000000000000000000065537")?.description == "1000000000000000000065537"
        )
        for text in [
            "", "1", "000000000000000000065537", "1000000000000000000o65537",
            "+000000000000000000065537",
        ] {
            #expect(StreamSequence(text) == nil)
        }
    }
}

extension Database {
    /// All records of the newest stream of a table, shard by shard, parents first.
    func allRecords(_ tableName: String) async throws -> [ChangeRecord] {
        guard let stream = listStreams(tableName: tableName).streams.last else { return [] }
        return try await records(stream)
    }

    func records(_ stream: StreamIdentity) async throws -> [ChangeRecord] {
        var records: [ChangeRecord] = []
        for shard in try await describeStream(DescribeStreamRequest(stream)).shards {
            var next: ShardIterator? = try await shardIterator(stream, shard.identity, .trimHorizon)
            while let iterator = next {
                let read = try await getRecords(iterator, limit: 7)
                records += read.records
                next = read.records.isEmpty ? nil : read.next
            }
        }
        return records
    }
}

/// How much writers have written, for a task that comes in between.
private final class Written: Sendable {
    let count = Atomic(0)
}
