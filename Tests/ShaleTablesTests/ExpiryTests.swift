import ShaleEngine
import ShaleItems
import ShalePlatform
import Testing

@testable import ShaleTables

struct ExpiryTests {
    private static let options: DatabaseOptions = {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        return options
    }()

    private static func song(_ title: String, until seconds: Int64?) -> Item {
        var item = Songs.song("Nina", title, year: 1965, genre: "jazz", plays: 1)
        item["until"] = seconds.map { .number(Number($0)) }
        return item
    }

    private func withTable(
        _ body: (Database, World, SteppedTime) async throws -> Void
    ) async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            var request = Songs.request
            request.stream = StreamSpecification(isEnabled: true, viewType: .newAndOldImages)
            _ = try await database.createTable(request)
            try await body(database, world, time)
        }
    }

    /// Filling happens in the background.
    private func awaitEnabled(_ database: Database) async throws {
        while try database.describeTimeToLive("Songs").status == .enabling {
            await database.awaitBackgroundWork()
        }
    }

    @Test func `an expired item goes, from its indexes too, and its record names the service`()
        async throws
    {
        try await withTable { database, _, time in
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            try await database.put(Self.song("short", until: time.seconds + 10))
            try await database.put(Self.song("long", until: time.seconds + 1000))
            try await database.put(Self.song("forever", until: nil))
            await database.keepHouse()
            #expect(try await database.all(ScanRequest(tableName: "Songs")).count == 3)
            time.advance(seconds: 11)
            await database.keepHouse()
            #expect(try await database.get(Songs.key("Nina", "short")) == nil)
            #expect(try await database.all(ScanRequest(tableName: "Songs")).count == 2)
            #expect(try await database.verifyIndexes("Songs").differences == [])
            let last = try #require(try await database.allRecords("Songs").last)
            #expect(
                last.event == .remove && last.isExpiry && last.keys == Songs.key("Nina", "short")
            )
            #expect(try database.describeTable("Songs").itemCount == 2)
            try await database.close()
        }
    }

    @Test func `what is noted while a sweep runs belongs to the next`() {
        let expiry = ExpirySwitch(nil)
        expiry.endSweep(from: expiry.beginSweep(), to: 100)
        #expect(expiry.beginSweep() == 100)
        expiry.note(130)
        expiry.note(110)
        expiry.endSweep(from: 100, to: 200)
        #expect(expiry.beginSweep() == 110)
        expiry.endSweep(from: 110, to: 200)
        #expect(expiry.beginSweep() == 200)
    }

    @Test func `what is remembered wrongly is found`() async throws {
        try await withTable { database, _, time in
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            try await database.put(Self.song("a", until: time.seconds + 10))
            try await database.put(Self.song("b", until: time.seconds + 20))
            #expect(try await database.verifyIndexes("Songs").differences == [])
            let definition = try #require(try database.catalog.table("Songs").definition.timeToLive)
            let schema = try database.catalog.table("Songs").definition.key
            var batch = WriteBatch()
            let entry = ExpiryEntry(
                definition,
                seconds: time.seconds + 10,
                Self.song("a", until: nil),
                schema
            )
            batch.delete(definition.engineTable.id, entry.key)
            let wrong = ExpiryEntry(
                definition,
                seconds: time.seconds + 21,
                Self.song("b", until: nil),
                schema
            )
            batch.put(
                definition.engineTable.id,
                wrong.key,
                try ItemEncoder.encode(Songs.key("Nina", "b"))
            )
            try await database.engine.write(batch)
            let found = try await database.verifyIndexes("Songs").differences
            #expect(found.map(\.kind) == [.missing, .unexpected])
            #expect(found.map { $0.key["title"] } == ["a", "b"])
            try await database.close()
        }
    }

    @Test func `an item that was given more time stays`() async throws {
        try await withTable { database, _, time in
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            try await database.put(Self.song("a", until: time.seconds + 10))
            try await database.put(Self.song("a", until: time.seconds + 100))
            try await database.put(Self.song("b", until: time.seconds + 10))
            try await database.put(Self.song("b", until: nil))
            time.advance(seconds: 50)
            await database.keepHouse()
            #expect(try await database.all(ScanRequest(tableName: "Songs")).count == 2)
            time.advance(seconds: 100)
            await database.keepHouse()
            #expect(
                try await database.all(ScanRequest(tableName: "Songs")) == [
                    Self.song("b", until: nil)
                ]
            )
            // One that comes with a time behind what was looked through already.
            try await database.put(Self.song("late", until: time.seconds - 60))
            await database.keepHouse()
            #expect(try await database.all(ScanRequest(tableName: "Songs")).count == 1)
            try await database.close()
        }
    }

    @Test func `what is no time, or of more than five years ago, never expires`() async throws {
        try await withTable { database, _, time in
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            var text = Self.song("text", until: nil)
            text["until"] = .string("1")
            try await database.put(text)
            let years: Int64 = 5 * 365 * 24 * 60 * 60
            try await database.put(Self.song("ancient", until: time.seconds - years - 1))
            try await database.put(Self.song("negative", until: -5))
            try await database.put(Self.song("old", until: time.seconds - years + 60))
            await database.keepHouse()
            let titles = try await database.all(ScanRequest(tableName: "Songs"))
                .compactMap { $0["title"]?.stringValue }
            #expect(titles.sorted() == ["ancient", "negative", "text"])
            try await database.close()
        }
    }

    @Test func `items from before are looked through, also after a close in between`() async throws
    {
        try await withTable { database, world, time in
            for number in 0..<600 {
                try await database.put(Self.song("\(number)", until: time.seconds + 10))
            }
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await database.close()
            let again = try await Database.open("db", Self.options, in: world)
            try await awaitEnabled(again)
            time.advance(seconds: 20)
            await again.keepHouse()
            #expect(try await again.all(ScanRequest(tableName: "Songs")).isEmpty)
            #expect(try await again.verifyIndexes("Songs").differences == [])
            try await again.close()
        }
    }

    @Test func `with the service's hour a change is refused within an hour of the one before`()
        async throws
    {
        try await withSteppedWorld { world, time in
            var options = Self.options
            options.timeToLiveChangeInterval = .seconds(3_600)
            let database = try await Database.open("db", options, in: world)
            _ = try await database.createTable(Songs.request)
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            time.advance(seconds: 3_599)
            let error = await failure {
                try await database.updateTimeToLive(
                    "Songs",
                    attributeName: "until",
                    isEnabled: false
                )
            }
            #expect(error?.code == .validation)
            #expect(error?.message.contains("multiple times within a fixed interval") == true)
            #expect(try database.describeTimeToLive("Songs").status == .enabled)
            time.advance(seconds: 1)
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: false)
            try await database.close()
        }
    }

    @Test func `it is switched on and off as the service does, and says what it is`() async throws {
        try await withTable { database, _, time in
            #expect(try database.describeTimeToLive("Songs").status == .disabled)
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: true)
            try await awaitEnabled(database)
            #expect(try database.describeTimeToLive("Songs").attributeName == "until")
            for (name, isEnabled) in [("until", true), ("other", true), ("other", false)] {
                let error = await failure {
                    try await database.updateTimeToLive(
                        "Songs",
                        attributeName: name,
                        isEnabled: isEnabled
                    )
                }
                #expect(error?.code == .validation)
            }
            try await database.updateTimeToLive("Songs", attributeName: "until", isEnabled: false)
            try await database.put(Self.song("a", until: time.seconds - 10))
            await database.keepHouse()
            #expect(try await database.get(Songs.key("Nina", "a")) != nil)
            let error = await failure {
                try await database.updateTimeToLive(
                    "Songs",
                    attributeName: "until",
                    isEnabled: false
                )
            }
            #expect(error?.message == "TimeToLive is already disabled")
            try await database.close()
        }
    }
}
