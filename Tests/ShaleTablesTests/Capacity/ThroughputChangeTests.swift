@testable import ShaleTables
import Testing

@Suite struct ThroughputChangeTests {
    static func update(_ reads: Int, _ writes: Int) -> UpdateTableRequest {
        var request = UpdateTableRequest(tableName: "Songs")
        request.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: reads,
            writeCapacityUnits: writes
        )
        return request
    }

    static func mode(_ mode: BillingMode) -> UpdateTableRequest {
        var request = UpdateTableRequest(tableName: "Songs")
        request.billingMode = mode
        if mode == .provisioned {
            request.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5,
                writeCapacityUnits: 5
            )
            request.indexChanges = ["ByGenre", "ByTitle"].map {
                .update(
                    name: $0,
                    ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 5)
                )
            }
        }
        return request
    }

    @Test func `a throughput is lowered four times a day, and then once an hour`() async throws {
        try await withStoppedWorld { world, time in
            var database = try await Database.open("db", limited(.declared), in: world)
            _ = try await database.createTable(Songs.provisioned(reads: 100, writes: 100))
            for number in 1...4 {
                let table = try await database.updateTable(Self.update(100 - number, 100))
                #expect(table.decreasesToday == number)
                #expect(table.lastDecreaseMilliseconds == time.wallMilliseconds)
                #expect(table.lastIncreaseMilliseconds == nil)
            }
            func lower(_ reads: Int) async throws {
                _ = try await database.updateTable(Self.update(reads, 100))
            }
            let refused = await failure { try await lower(90) }
            #expect(refused?.code == .limitExceeded)
            #expect(
                refused?.message.hasSuffix(
                    "Number of decreases today: 4. Last decrease at Tuesday, November 25, 2025 at "
                        + "12:00:01 PM Coordinated Universal Time. Next decrease can be made at Tuesday, "
                        + "November 25, 2025 at 1:00:01 PM Coordinated Universal Time"
                ) == true,
                "\(refused?.message ?? "")"
            )
            // Raising is always allowed, and is no lowering.
            _ = try await database.updateTable(Self.update(200, 100))
            time.advance(seconds: 3_599)
            // What was counted is remembered.
            try await database.close()
            database = try await Database.open("db", limited(.declared), in: world)
            #expect(await failure { try await lower(90) }?.code == .limitExceeded)
            time.advance(seconds: 1)
            #expect(try await database.updateTable(Self.update(90, 100)).decreasesToday == 5)
            #expect(await failure { try await lower(80) }?.code == .limitExceeded)
            time.advance(seconds: 11 * 3_600)
            #expect(try database.describeTable("Songs").decreasesToday == 0)
            #expect(try await database.updateTable(Self.update(80, 100)).decreasesToday == 1)
            try await database.close()
        }
    }

    @Test func `the next decrease is at midnight, where that comes before the hour`() throws {
        let late: Int64 = 1_764_072_000_000 + (11 * 60 + 20) * 60_000
        let more = ProvisionedThroughput(readCapacityUnits: 2, writeCapacityUnits: 1)
        let less = ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 1)
        var changes = ThroughputChanges()
        for _ in 1...4 { try changes.note(from: more, to: less, at: late) }
        let error = #expect(throws: DatabaseError.self) {
            try changes.note(from: more, to: less, at: late + 500)
        }
        let next = "Wednesday, November 26, 2025 at 12:00:00 AM Coordinated Universal Time"
        #expect(error?.message.hasSuffix("Next decrease can be made at \(next)") == true)
        try changes.note(from: more, to: less, at: late + 40 * 60_000)
    }

    @Test func `an index counts by itself`() async throws {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(reads: 100, writes: 100))
            for number in 1...4 {
                _ = try await database.updateTable(Self.update(100 - number, 100))
            }
            var request = UpdateTableRequest(tableName: "Songs")
            let less = ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 1)
            request.indexChanges = [.update(name: "ByGenre", less)]
            let index = try await database.updateTable(request).globalSecondaryIndexes[0]
            #expect(index.decreasesToday == 1)
            let again = await failure { _ = try await database.updateTable(request) }
            #expect(again?.code == .validation)
        }
    }

    @Test func `a table is set to be paid by request four times in 24 hours, and back at any time`()
        async throws
    {
        try await withStoppedWorld { world, time in
            var database = try await Database.open("db", limited(.declared), in: world)
            _ = try await database.createTable(Songs.provisioned())
            for _ in 1...4 {
                _ = try await database.updateTable(Self.mode(.payPerRequest))
                _ = try await database.updateTable(Self.mode(.provisioned))
                time.advance(seconds: 3_600)
            }
            try await database.close()
            database = try await Database.open("db", limited(.declared), in: world)
            let refused = await failure {
                _ = try await database.updateTable(Self.mode(.payPerRequest))
            }
            #expect(refused?.code == .limitExceeded)
            #expect(
                refused?.message
                    == "Subscriber limit exceeded: Update to PayPerRequest mode are limited to 4 times in 1 "
                    + "day(s). Last update at Tue Nov 25 15:00:01 UTC 2025. Next update can be made at "
                    + "Wed Nov 26 12:00:01 UTC 2025"
            )
            // At the time that was told, and not before.
            time.advance(seconds: 20 * 3_600 - 1)
            let early = await failure {
                _ = try await database.updateTable(Self.mode(.payPerRequest))
            }
            #expect(early?.code == .limitExceeded)
            time.advance(seconds: 1)
            _ = try await database.updateTable(Self.mode(.payPerRequest))
            try await database.close()
        }
    }

    @Test func `buckets follow a change at once`() async throws {
        try await withLimits { database, time in
            _ = try await database.createTable(Songs.provisioned(writes: 1))
            func count() async -> Int {
                await database.drain { try await $0.put(Songs.song("a", "b")) }.count
            }
            #expect(await count() == 300)
            _ = try await database.updateTable(Self.update(1, 50))
            #expect(await count() == 0)
            time.advance(seconds: 2)
            #expect(await count() == 100)
            _ = try await database.updateTable(Self.mode(.payPerRequest))
            #expect(await count() == 2_000)
            var limit = UpdateTableRequest(tableName: "Songs")
            limit.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 7)
            _ = try await database.updateTable(limit)
            #expect(await count() == 7)
            _ = try await database.updateTable(Self.mode(.provisioned))
            #expect(await count() == 1_500)
        }
    }
}
