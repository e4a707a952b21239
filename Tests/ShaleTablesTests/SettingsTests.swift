import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Testing

/// What tables remember for their administrators.
struct SettingsTests {
    @Test func `tags are kept in order, changed by key, and there after a close`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            var request = Songs.request
            request.tags = [TableTag("team", "red"), TableTag("cost", "7")]
            _ = try await database.createTable(request)
            try await database.tagTable("Songs", [TableTag("team", "blue"), TableTag("área", "")])
            try await database.untagTable("Songs", ["cost", "none"])
            try await database.close()
            database = try await Database.open("db", in: world)
            let kept = try database.tags(of: "Songs")
            #expect(kept.tags == [TableTag("team", "blue"), TableTag("área", "")])
            #expect(kept.last == nil)
            try await database.close()
        }
    }

    @Test func `tags come in pages`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let tags = (0..<50).map { TableTag("k\($0 < 10 ? "0" : "")\($0)", "\($0)") }
            try await database.tagTable("Songs", tags)
            let first = try database.tags(of: "Songs")
            #expect(first.tags == Array(tags[..<25]))
            let second = try database.tags(of: "Songs", after: first.last)
            #expect(second.tags == Array(tags[25...]))
            #expect(second.last == nil)
        }
    }

    @Test(arguments: [
        ([TableTag("", "v")], "1 to 128"),
        ([TableTag(String(repeating: "k", count: 129), "v")], "1 to 128"),
        ([TableTag("k", String(repeating: "v", count: 257))], "up to 256"),
        ([TableTag("aws:k", "v")], "reserved"),
        ([TableTag("AWS:k", "v")], "reserved"),
        ([TableTag("k", "a"), TableTag("k", "b")], "Duplicate"),
        ([TableTag("k#", "v")], "letters, white space"),
        ([TableTag("k", "v!")], "letters, white space"),
        ((0..<51).map { TableTag("k\($0)", "v") }, "exceed the current limit"),
    ])
    func `tags that break a rule are refused, and none is kept`(
        tags: [TableTag],
        reason: String
    ) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let error = await failure { try await database.tagTable("Songs", tags) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(reason) == true)
            #expect(try database.tags(of: "Songs").tags.isEmpty)
        }
    }

    @Test func `tags put at the same time are all kept`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try? await database.tagTable("Songs", [TableTag("k\(number)", "v")])
                    }
                }
            }
            let first = try database.tags(of: "Songs")
            let second = try database.tags(of: "Songs", after: first.last)
            #expect(first.tags.count + second.tags.count == 40)
        }
    }

    @Test func `throughput by request and warmth are described and only raised`() async throws {
        try await withDatabase { database in
            var request = Songs.request
            request.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 100)
            request.encryption = EncryptionSpecification(keyName: "alias/mine")
            request.globalSecondaryIndexes[0].warmThroughput = WarmThroughput(
                readUnitsPerSecond: 13_000
            )
            let made = try await database.createTable(request)
            #expect(made.onDemandThroughput?.maxReadRequestUnits == 100)
            #expect(made.encryption?.keyName == "alias/mine")
            #expect(made.warmThroughput == .onDemand)
            #expect(made.globalSecondaryIndexes[0].warmThroughput.readUnitsPerSecond == 13_000)
            var update = UpdateTableRequest(tableName: "Songs")
            update.onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: OnDemandThroughput.noLimit,
                maxWriteRequestUnits: 7
            )
            update.warmThroughput = WarmThroughput(writeUnitsPerSecond: 5_000)
            update.encryption = .some(nil)
            update.indexChanges = [
                .remember(name: "ByGenre", OnDemandThroughput(maxReadRequestUnits: 3), nil)
            ]
            let changed = try await database.updateTable(update)
            #expect(changed.onDemandThroughput == OnDemandThroughput(maxWriteRequestUnits: 7))
            #expect(changed.encryption == nil)
            #expect(changed.warmThroughput.readUnitsPerSecond == 12_000)
            #expect(changed.warmThroughput.writeUnitsPerSecond == 5_000)
            #expect(
                changed.globalSecondaryIndexes[0].onDemandThroughput?.maxReadRequestUnits == 3
            )
            update = UpdateTableRequest(tableName: "Songs")
            update.warmThroughput = WarmThroughput(writeUnitsPerSecond: 4_999)
            let error = await failure { _ = try await database.updateTable(update) }
            #expect(error?.message.contains("not supported") == true)
        }
    }

    @Test func `a policy is put, found and deleted by its revision`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            _ = try await database.createTable(Songs.request)
            #expect(try database.resourcePolicy(of: "Songs") == nil)
            let first = try await database.putResourcePolicy(
                "one",
                on: "Songs",
                expecting: Database.noPolicyRevision
            )
            let same = try await database.putResourcePolicy("one", on: "Songs", expecting: nil)
            #expect(same == first)
            for expected in [Database.noPolicyRevision, "1"] {
                let error = await failure {
                    _ = try await database.putResourcePolicy(
                        "two",
                        on: "Songs",
                        expecting: expected
                    )
                }
                #expect(error?.code == .policyNotFound)
            }
            let second = try await database.putResourcePolicy("two", on: "Songs", expecting: first)
            #expect(second != first)
            try await database.close()
            database = try await Database.open("db", in: world)
            #expect(
                try database.resourcePolicy(of: "Songs")
                    == ResourcePolicy(text: "two", revision: second)
            )
            let deleted = try await database.deleteResourcePolicy(of: "Songs", expecting: second)
            #expect(deleted == second)
            let none = try await database.deleteResourcePolicy(of: "Songs", expecting: nil)
            #expect(none == nil)
            try await database.close()
        }
    }

    @Test func `settings are read from an entry as they were written`() async throws {
        try await withDatabase { database in
            var request = Songs.request
            request.tags = [TableTag("k", "v")]
            request.encryption = EncryptionSpecification()
            request.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 9)
            request.warmThroughput = WarmThroughput(readUnitsPerSecond: 20_000)
            _ = try await database.createTable(request)
            _ = try await database.putResourcePolicy("{}", on: "Songs", expecting: nil)
            let definition = try database.catalog.table("Songs").definition
            let bytes = try CatalogFormat.encode(definition, [])
            let entry = try ItemDecoder.decode(bytes)
            #expect(entry["tags"] == [["k", "v"]])
            #expect(entry["encryption"] == "")
            #expect(entry["onDemandMax"] == [.null, 9])
            #expect(entry["warm"] == [20_000, 4_000])
            #expect(entry["policy"]?.listValue?[0] == "{}")
            let engine = database.engine
            #expect(try CatalogFormat.decode(bytes) { engine.table($0) }.0 == definition)
        }
    }
}
