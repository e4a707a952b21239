internal import ShaleItems
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire
internal import Simulation

// Backups, tables restored from them and from the past, and exports, while all write. What a crash cuts off is looked at
// when the database is open again.
extension TableBackground {
    /// As many of a kind are kept; then the oldest goes first.
    private static let most = 3

    private var copies: CopyBook { life.copies }

    // MARK: Backups

    mutating func backUp() async throws {
        guard copies.present(.backup).count < Self.most else { return try await dropBackup() }
        let schema = life.tables[random.below(life.tables.count)]
        let database = life.database
        let least = life.histories.map(\.acknowledgedCount)
        let name = copies.begin(.backup, of: schema, least: least, allowed: nil)
        life.log.add("background: \(name) of \(schema.name) …")
        let made = try await life.end.hear {
            try await database.createBackup(schema.name, name: name)
        }
        copies.acknowledge(name, allowed: states(of: schema, from: least))
        guard made.status == .available, made.table.tableName == schema.name else {
            throw Failure("\(name) is \(made.status.rawValue), of \(made.table.tableName)")
        }
    }

    private func dropBackup() async throws {
        guard let entry = copies.present(.backup).first else { return }
        let database = life.database
        let all = try CopyContents.backups(database)
        guard let identity = all[entry.name] else { throw Failure("\(entry.name) is gone") }
        copies.set(entry.name, .dropping)
        do {
            _ = try await life.end.hear { try await database.deleteBackup(identity) }
            copies.set(entry.name, .dropped)
        } catch let error as DatabaseError {
            // Somebody restores from it.
            guard error.code == .backupInUse else { throw error }
            copies.set(entry.name, .made)
        }
    }

    // MARK: Restoring

    mutating func restore() async throws {
        guard try await makeRoom() else { return }
        let backups = copies.present(.backup)
        guard !backups.isEmpty else { return try await backUp() }
        let backup = backups[random.below(backups.count)]
        let database = life.database
        guard let identity = try CopyContents.backups(database)[backup.name] else {
            throw Failure("\(backup.name) is gone")
        }
        let name = copies.begin(.table, of: backup.schema, least: [], allowed: backup.allowed)
        life.log.add("background: \(name) from \(backup.name) …")
        try await restore(name) { () async throws(DatabaseError) in
            try await database.restoreTable(from: identity, to: name)
        }
    }

    mutating func restorePast() async throws {
        guard try await makeRoom() else { return }
        guard let moment = pickMoment(),
            let schema = life.tables.first(where: { $0.name == moment.table })
        else { return try await rewind() }
        let database = life.database
        let name = copies.begin(.table, of: schema, least: [], allowed: moment.allowed)
        life.log.add("background: \(name) of \(moment.table) at \(moment.milliseconds) …")
        try await restore(name) { () async throws(DatabaseError) in
            try await database.restoreTable(moment.table, at: .at(moment.milliseconds), to: name)
        }
    }

    private mutating func pickMoment() -> PastBook.Moment? {
        var choice = random
        defer { random = choice }
        return life.past.pick { choice.below($0) }
    }

    /// Begins a restore; some are waited for and compared, others go on beside everything else.
    private mutating func restore(
        _ name: String,
        _ ask: () async throws -> TableDescription
    ) async throws {
        let made = try await life.end.hear(ask)
        copies.acknowledge(name)
        guard made.status == .creating else {
            throw Failure("\(name) is \(made.status.rawValue) when its restore has begun")
        }
        guard random.oneIn(2), let entry = copies.present(.table).last else { return }
        guard try await awaitTable(name) else { return }
        let reader = PageReader(database: life.database)
        let items = try await life.end.hear {
            try await reader.scan(ScanRequest(tableName: name))
        }
        try copies.compare(entry, items, life.swarm)
    }

    /// Deletes the oldest restored table where there are many.
    private mutating func makeRoom() async throws -> Bool {
        let present = copies.present(.table)
        guard present.count >= Self.most, let entry = present.first else { return true }
        guard try await awaitTable(entry.name) || random.oneIn(2) else { return false }
        let database = life.database
        copies.set(entry.name, .dropping)
        _ = try await life.end.hear { try await database.deleteTable(entry.name) }
        copies.set(entry.name, .dropped)
        return false
    }

    /// Waits until a table can be used: false where its restore has failed.
    private func awaitTable(_ name: String) async throws -> Bool {
        while true {
            let status = try await life.end.hear { try life.database.describeTable(name).status }
            if status == .active { return true }
            if life.database.hasFailed(name) { return false }
            try await wait(until: world.time.wallMilliseconds + 1)
        }
    }

    // MARK: Exports

    mutating func export() async throws {
        let (database, end) = (life.database, life.end)
        let moment = random.oneIn(2) ? pickMoment() : nil
        let tables = life.tables.filter { moment == nil || $0.name == moment?.table }
        guard !tables.isEmpty else { return }
        let schema = tables[random.below(tables.count)]
        guard try database.describeContinuousBackups(schema.name).recoveryDays != nil else {
            return try await rewind()
        }
        let least = life.histories.map(\.acknowledgedCount)
        let name = copies.begin(.export, of: schema, least: least, allowed: moment?.allowed)
        life.log.add("background: \(name) of \(schema.name) at \(moment?.milliseconds ?? 0) …")
        let service = CopyContents.service(database, world)
        let body = CopyContents.request(name, schema.name, at: moment?.milliseconds)
        _ = try await end.hear {
            try await OperationRegistry.run("ExportTableToPointInTime", body, on: service)
        }
        copies.acknowledge(name, allowed: states(of: schema, from: least))
        guard random.oneIn(2), let entry = copies.present(.export).last else { return }
        guard let record = CopyContents.exports(database)[name] else {
            throw Failure("\(name) was begun, and is not remembered")
        }
        while database.isRunning(record.identity) {
            try await end.hear {}
            try await wait(until: world.time.wallMilliseconds + 1)
        }
        // What a crash has cut off goes on for a while, and what it reads then nobody has asked for.
        try await end.hear {}
        try await end.hear { try CopyContents.compare(entry, life, world) }
    }

    private func states(of schema: TableSchema, from least: [Int]) -> CopyBook.Allowed {
        zip(life.histories, least).map { history, least in
            history.states(of: schema.name, from: least, through: history.triedCount)
        }
    }
}
