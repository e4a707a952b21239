import ShaleEngine
import ShaleItems
import ShalePlatform
import Testing

@testable import ShaleTables

/// Backups and the past of tables, in memory: what is restored, what is left behind, what is refused.
struct BackupTests {
    private static let options: DatabaseOptions = {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        return options
    }()

    private func fill(_ database: Database, _ range: Range<Int>, plays: Int = 0) async throws {
        for number in range {
            try await database.put(
                Songs.song(
                    "artist \(number % 5)",
                    "title \(number)",
                    year: 1900 + number,
                    genre: number % 3 == 0 ? "jazz" : nil,
                    plays: plays
                )
            )
        }
    }

    private func awaitActive(_ database: Database, _ name: String) async throws {
        while try database.describeTable(name).status != .active {
            try #require(!database.hasFailed(name))
            await database.awaitBackgroundWork()
        }
    }

    private func items(_ database: Database, _ name: String) async throws -> Set<Item> {
        Set(try await database.all(ScanRequest(tableName: name)))
    }

    @Test func `a backup is what the table was, with its indexes, also after a reopening`()
        async throws
    {
        try await withWorld { world in
            var database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            try await fill(database, 0..<120)
            let wanted = try await items(database, "Songs")
            let backup = try await database.createBackup("Songs", name: "first")
            #expect(backup.table.itemCount == 120)
            try await fill(database, 60..<200, plays: 7)
            try await database.close()
            database = try await Database.open("db", Self.options, in: world)
            let made = try await database.restoreTable(from: backup.identity, to: "Again")
            #expect(made.status == .creating && made.restore?.isInProgress == true)
            #expect(
                await failure { _ = try await database.deleteTable("Again") }?.code
                    == .resourceInUse
            )
            try await awaitActive(database, "Again")
            #expect(try await items(database, "Again") == wanted)
            #expect(try await database.verifyIndexes("Again").differences == [])
            #expect(try database.describeTable("Again").itemCount == 120)
            #expect(try database.describeTable("Again").sizeBytes == backup.table.sizeBytes)
            _ = try await database.deleteBackup(backup.identity)
            #expect(try world.files.list("db/backups") == [])
            try await database.close()
        }
    }

    @Test func `a restore that a close interrupts goes on at the next opening`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            try await fill(database, 0..<300)
            let wanted = try await items(database, "Songs")
            let backup = try await database.createBackup("Songs", name: "first")
            _ = try await database.restoreTable(from: backup.identity, to: "Again")
            try await database.close()
            database = try await Database.open("db", Self.options, in: world)
            try await awaitActive(database, "Again")
            #expect(try await items(database, "Again") == wanted)
            #expect(try await database.verifyIndexes("Again").differences == [])
            try await database.close()
        }
    }

    @Test func `what a crash leaves of a backup goes at the next opening`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            let live = try database.catalog.table("Songs")
            let backup = try await database.makeBackup(of: live, named: "lost", .user)
            #expect(try world.files.list("db/backups") == [backup.identity.label])
            try await database.close()
            database = try await Database.open("db", Self.options, in: world)
            #expect(try world.files.list("db/backups") == [])
            try await database.close()
        }
    }

    @Test func `a table goes back to each of its moments, and no further than its days`()
        async throws
    {
        try await withSteppedWorld { world, time in
            var database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            try await fill(database, 0..<20)
            var error = await failure {
                _ = try await database.restoreTable("Songs", at: .latest, to: "Never")
            }
            #expect(error?.code == .pointInTimeRecoveryUnavailable)
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: 2)
            var moments: [(Int64, Set<Item>)] = []
            for round in 0..<4 {
                time.advance(seconds: 2)
                try await fill(database, 10..<(30 + round), plays: round)
                moments.append((time.wallMilliseconds, try await items(database, "Songs")))
                time.advance(seconds: 2)
                if round == 1 { try await database.makeRestorePoint() }
                if round == 2 {
                    try await database.close()
                    database = try await Database.open("db", Self.options, in: world)
                }
            }
            for (number, (milliseconds, wanted)) in moments.enumerated() {
                let name = "At\(number)"
                _ = try await database.restoreTable("Songs", at: .at(milliseconds), to: name)
                try await awaitActive(database, name)
                #expect(try await items(database, name) == wanted)
                #expect(try await database.verifyIndexes(name).differences == [])
            }
            error = await failure {
                let early = RestoreTime.at(moments[0].0 - 10_000)
                _ = try await database.restoreTable("Songs", at: early, to: "Never")
            }
            #expect(error?.code == .invalidRestoreTime)
            // Three days later two days are left, and what was before them is forgotten.
            for _ in 0..<3 {
                time.advance(hours: 24)
                try await fill(database, 0..<400, plays: 9)
                await database.keepHouse()
            }
            error = await failure {
                _ = try await database.restoreTable("Songs", at: .at(moments[3].0), to: "Never")
            }
            #expect(error?.code == .invalidRestoreTime)
            #expect(database.catalog.backups.points.count <= 4)
            let names = try world.files.list("db/archive")
            #expect(
                names.filter { $0.hasPrefix("point-") }.count
                    == database.catalog.backups.points.count
            )
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: nil)
            await database.keepHouse()
            #expect(try world.files.kind(of: "db/archive") == nil)
            try await database.close()
        }
    }

    @Test func `days that were given up do not come back when more are asked for`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: 35)
            for _ in 0..<4 {
                time.advance(hours: 24)
                try await fill(database, 0..<20)
                await database.keepHouse()
            }
            let few = try await database.updateContinuousBackups("Songs", recoveryDays: 1)
            await database.keepHouse()
            let many = try await database.updateContinuousBackups("Songs", recoveryDays: 35)
            let earliest = try #require(many.earliestMilliseconds)
            let given = try #require(few.earliestMilliseconds)
            #expect(earliest >= given)
            // What is told can be asked for.
            _ = try await database.restoreTable("Songs", at: .at(earliest), to: "Again")
            try await awaitActive(database, "Again")
            try await database.close()
        }
    }

    @Test func `a restored index begins anew, whatever happens to its source meanwhile`()
        async throws
    {
        try await withWorld { world in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            var source = try database.catalog.table("Songs").definition
            for index in source.indexes.indices {
                source.indexes[index].onlyRemoves = true
                source.indexes[index].isBackfilling = true
                source.indexes[index].changes.lastDecreaseMilliseconds = 1
            }
            let rules = RestoreRules(source: source, overrides: RestoreOverrides(), now: 2)
            let restored = try rules.definition(named: "Again", id: "id")
            #expect(restored.indexes.count == source.indexes.count)
            for index in restored.indexes {
                #expect(!index.onlyRemoves && !index.isBackfilling)
                #expect(index.changes == ThroughputChanges())
            }
            try await database.close()
        }
    }

    @Test func `a table that kept its past leaves a backup, which goes after its days`()
        async throws
    {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            try await fill(database, 0..<20)
            let wanted = try await items(database, "Songs")
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: 35)
            _ = try await database.deleteTable("Songs")
            let left = try database.listBackups(ListBackupsRequest()).backups
            #expect(left.map(\.type) == [.system])
            await database.keepHouse()
            #expect(!database.engine.isArchiving)
            let identity = try #require(left.first).identity
            _ = try await database.restoreTable(from: identity, to: "Songs")
            try await awaitActive(database, "Songs")
            #expect(try await items(database, "Songs") == wanted)
            time.advance(hours: 35 * 24)
            await database.keepHouse()
            #expect(try database.listBackups(ListBackupsRequest()).backups == [])
            try await database.close()
        }
    }

    @Test func `entries of the catalog are read as written`() throws {
        let table = EngineTable(id: TableID(7), hashSeed: .max)
        let definition = TableDefinition(
            name: "Songs",
            id: "id",
            creationMilliseconds: 5,
            attributeDefinitions: [.string("artist")],
            key: KeySchema(partition: .string("artist")),
            engineTable: table,
            indexes: [],
            billing: Billing(mode: .payPerRequest, throughput: .none),
            deletionProtection: false,
            origin: TableOrigin(
                source: .past(table, point: LogPosition(77)),
                tableName: "Old",
                milliseconds: 9,
                isInProgress: true
            ),
            recovery: RecoveryDefinition(days: 3, sinceMilliseconds: 8)
        )
        let entries: [SystemEntry] = [
            .backup(
                BackupDefinition(
                    identity: BackupIdentity(tableName: "Songs", label: "label"),
                    name: "name",
                    type: .system,
                    createdMilliseconds: 1,
                    expiryMilliseconds: 2,
                    table: definition,
                    tallies: [Tally(items: 3, bytes: 4)]
                )
            ),
            .point(
                RestorePoint(
                    checkpoint: Checkpoint(position: LogPosition(4096), milliseconds: 6),
                    tables: [TableID(7), TableID(9)]
                )
            ),
            .transfer(
                TransferRecord(
                    identity: TransferIdentity(kind: .import, tableName: "Songs", label: "l"),
                    description: ["ImportStatus": "COMPLETED"]
                )
            ),
        ]
        for entry in entries {
            let bytes = try ItemEncoder.encode(entry.item)
            let read = try SystemEntry(try CatalogFormat.fields(bytes)) { _ in nil }
            #expect(read == entry)
        }
    }
}
