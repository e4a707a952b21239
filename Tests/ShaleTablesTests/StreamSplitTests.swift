import ShaleEngine
import ShaleItems
import Testing

@testable import ShaleTables

/// Shards follow the partitions of their table.
@Suite struct StreamSplitTests {
    private static let artists = (0..<40).map { "artist \($0)" }

    private static func put(_ year: Int, in database: Database) async throws {
        for artist in artists { try await database.put(Songs.song(artist, "a", year: year)) }
    }

    /// Cuts the table's only partition in its middle.
    private static func split(_ database: Database) async throws {
        let table = try database.catalog.table("Songs").definition.engineTable
        let keys = try await database.engine.read { view throws(EngineError) in
            var keys: [[UInt8]] = []
            try view.scan(table.id, .all) { key, _ in
                keys.append(key)
                return .continue
            }
            return keys
        }
        let middle = keys[keys.count / 2]
        try await database.engine.split(
            table.id,
            at: table.key(partition: Array(EntryKey.partition(in: middle)))
        )
    }

    @Test func `a split of its table gives a shard two children, and each key goes to one`()
        async throws
    {
        try await withSteppedWorld { world, time in
            var options = DatabaseOptions()
            options.housekeepingInterval = .zero
            let database = try await Database.open("db", options, in: world)
            var request = Songs.request
            request.stream = StreamSpecification(isEnabled: true, viewType: .newImage)
            _ = try await database.createTable(request)
            let stream = try #require(database.listStreams().streams.first)
            try await Self.put(1, in: database)
            try await Self.split(database)
            time.advance(seconds: 1)
            await database.keepHouse()
            try await Self.put(2, in: database)

            let shards = try await database.describeStream(DescribeStreamRequest(stream)).shards
            let parent = try #require(shards.first?.identity)
            #expect(shards.map(\.parent) == [nil, parent, parent])
            #expect(shards.map { $0.ending == nil } == [false, true, true])
            var children = DescribeStreamRequest(stream)
            children.childrenOf = parent
            let found = try await database.describeStream(children).shards
            #expect(found == Array(shards.dropFirst()))

            var years: [ShardIdentity: [AttributeValue: [AttributeValue]]] = [:]
            for shard in shards {
                let iterator = try await database.shardIterator(
                    stream,
                    shard.identity,
                    .trimHorizon
                )
                for record in try await database.getRecords(iterator).records {
                    let artist = try #require(record.keys["artist"])
                    years[shard.identity, default: [:]][artist, default: []]
                        .append(try #require(record.newImage?["year"]))
                }
            }
            for artist in Self.artists.map({ AttributeValue.string($0) }) {
                #expect(years[parent]?[artist] == [.number(1)])
                let after = shards.dropFirst().compactMap { years[$0.identity]?[artist] }
                #expect(after == [[.number(2)]])
            }
            #expect(shards.dropFirst().allSatisfy { years[$0.identity]?.isEmpty == false })
            try await database.close()
        }
    }
}
