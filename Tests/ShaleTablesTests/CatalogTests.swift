import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Testing

struct CatalogTests {
    @Test func `tables, items and counts are there after a close`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            var request = Songs.request
            request.tableClass = .standardInfrequentAccess
            request.stream = StreamSpecification(isEnabled: true, viewType: .newImage)
            _ = try await database.createTable(request)
            let item = Songs.song("Nina", "a", year: 1965, genre: "jazz", plays: 1)
            try await database.put(item)
            try await database.put(Songs.song("Nina", "b"))
            let before = try database.describeTable("Songs")
            #expect(before.itemCount == 2)
            #expect(before.sizeBytes == item.sizeBytes + Songs.song("Nina", "b").sizeBytes)
            #expect(before.localSecondaryIndexes[0].itemCount == 1)
            try await database.close()
            database = try await Database.open("db", in: world)
            #expect(try database.describeTable("Songs") == before)
            #expect(try await database.get(Songs.key("Nina", "a")) == item)
            #expect(try await database.verifyIndexes("Songs").differences == [])
            try await database.close()
        }
    }

    @Test func `an engine table that no entry names is dropped at open`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            _ = try await database.createTable(Songs.request)
            let known = database.engine.tables
            _ = try await database.engine.createTable()
            try await database.close()
            database = try await Database.open("db", in: world)
            #expect(database.engine.tables == known)
            try await database.close()
        }
    }

    @Test func `a database opened for reading shows what is there`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            _ = try await database.createTable(Songs.request)
            try await database.put(Songs.song("Nina", "a"))
            try await database.close()
            database = try await Database.open("db", access: .readOnly, in: world)
            #expect(try await database.get(Songs.key("Nina", "a")) != nil)
            let error = await failure { try await database.put(Songs.song("Nina", "b")) }
            #expect(error?.code == .internalFailure)
            try await database.close()
        }
    }

    @Test func `an entry of a newer version is refused, a damaged one named`() async throws {
        let newer: Item = ["version": 2]
        let damaged: Item = ["version": 1, "name": "Songs"]
        for (entry, code) in [(newer, EngineError.Code.newerFormat), (damaged, .corrupted)] {
            let error = await failure {
                _ = try CatalogFormat.decode(try ItemEncoder.encode(entry)) { _ in nil }
            }
            #expect(error?.engine?.code == code)
        }
    }

    @Test func `an entry has the attributes that its drawing names`() async throws {
        try await withDatabase { database in
            var request = Songs.request
            request.tableClass = .standard
            request.stream = StreamSpecification(isEnabled: true, viewType: .keysOnly)
            _ = try await database.createTable(request)
            let definition = try database.catalog.table("Songs").definition
            let tallies = [
                Tally(items: 7, bytes: 70), Tally(items: 1, bytes: 10), Tally(), Tally(),
            ]
            let bytes = try CatalogFormat.encode(definition, tallies)
            let entry = try ItemDecoder.decode(bytes)
            #expect(
                entry.names == [
                    "attributes", "billing", "class", "created", "engineTable", "id", "indexes",
                    "key", "name", "onDemand", "protected", "stream", "streamed", "tally",
                    "throughput", "version",
                ]
            )
            #expect(entry["key"] == ["artist", "title"])
            #expect(entry["tally"] == [7, 70])
            #expect(entry["stream"] == [true, "KEYS_ONLY"])
            let index = entry["indexes"]?.listValue?[1].mapValue
            #expect(
                index?.names == [
                    "backfilling", "engineTable", "include", "name", "partition", "projection",
                    "scope", "sort", "tally", "throughput",
                ]
            )
            #expect(index?["scope"] == "global")
            #expect(index?["include"] == ["plays"])
            let engine = database.engine
            let (again, counted) = try CatalogFormat.decode(bytes) { engine.table($0) }
            #expect(again == definition)
            #expect(counted == tallies)
        }
    }

    @Test func `every call after a close says that the database was closed`() async throws {
        try await withWorld { world in
            let database = try await Database.open("db", in: world)
            _ = try await database.createTable(Songs.request)
            try await database.close()
            let read = await failure { _ = try await database.get(Songs.key("Nina", "a")) }
            #expect(read?.engine?.code == .closed)
            let write = await failure { try await database.put(Songs.song("Nina", "a")) }
            #expect(write?.engine?.code == .closed)
        }
    }
}
