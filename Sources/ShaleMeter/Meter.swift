internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
package import ShaleTables
internal import Synchronization

/// Writes down what tables, indexes and functions use, hour by hour, in a system table of the same database.
///
/// Requests count in memory; a folding takes what was counted since the one before and adds it to the hour. What a crash loses is
/// what was not folded yet. A folding adds up hours first, in memory, and then writes these sums: one that could be written in part
/// only goes on where it was, and nothing is added twice.
package final class Meter: Sendable {
    /// How long hours are kept.
    package static let daysKept: Int64 = 400
    /// Hours that one folding writes into one record of the log.
    static let hoursPerRecord = 500
    /// Days that are looked at when a new day begins, so that one on which nothing ran is not forgotten.
    private static let daysForgotten: Int64 = 7

    /// Writes hours into one record of the log.
    typealias RecordWriter = @Sendable (SystemTable, [Item]) async throws(DatabaseError) -> Void

    private struct State {
        /// What was counted at the last folding, of what is not gone.
        var counted: [UsageLife: UsageCount] = [:]
        var functions: [String: FunctionUse] = [:]
        var milliseconds: Int64
        var day: Int64?
        /// Hours of the last folding that are not written yet, as they are to be.
        var unwritten: [Item] = []
    }

    private let database: Database
    private let table: SystemTable
    private let writeRecord: RecordWriter
    private let state: Mutex<State>
    private let turn = Turn()
    private let functions: @Sendable () -> [FunctionUse]

    /// Begins to count from now on.
    ///
    /// - Parameters:
    ///   - database: Whose tables are metered, and where it is written.
    ///   - functions: Tells what functions have used since the program started.
    /// - Throws: `.internalFailure`.
    package convenience init(
        _ database: Database,
        functions: @escaping @Sendable () -> [FunctionUse] = { [] }
    ) async throws(DatabaseError) {
        try await self.init(database, functions: functions) {
            (table, hours) throws(DatabaseError) in
            try await table.write(putting: hours, .buffered)
        }
    }

    /// The same, with what writes one record of the log.
    init(
        _ database: Database,
        functions: @escaping @Sendable () -> [FunctionUse] = { [] },
        writeRecord: @escaping RecordWriter
    ) async throws(DatabaseError) {
        self.database = database
        self.functions = functions
        self.writeRecord = writeRecord
        table = try await database.systemTable(UsageHour.tableName, key: UsageHour.key)
        state = Mutex(State(milliseconds: database.wallMilliseconds))
    }

    /// Adds what was used since the last folding to the hour that it is.
    ///
    /// - Throws: `.internalFailure`; then it is added the next time.
    package func fold() async throws(DatabaseError) {
        await turn.take()
        defer { turn.give() }
        try await writeUnwritten()
        try await addUp()
        try await writeUnwritten()
        try await forgetOldDays(at: state.withLock { $0.milliseconds })
    }

    /// Makes sums of what was used, which are to be written.
    private func addUp() async throws(DatabaseError) {
        let now = database.wallMilliseconds
        let before = state.withLock { $0 }
        let elapsed = max(0, now - before.milliseconds)
        let (there, gone) = database.usage()
        let backups = database.backupBytes()
        var used: [String: (usage: ResourceUsage, backupBytes: Int)] = [:]
        // What goes at this moment is among both, and has its last count among those that are gone.
        let lives = Set(gone.compactMap(\.life))
        let still = there.filter { usage in usage.life.map { !lives.contains($0) } ?? true }
        for usage in still + gone {
            var difference = usage
            let old = usage.life.flatMap { before.counted[$0] } ?? UsageCount()
            difference.count = usage.count - old
            let name = usage.tableName + (usage.indexName.map { "/\($0)" } ?? "")
            if let other = used[name] {
                difference.count = difference.count + other.usage.count
                difference.sizeBytes += other.usage.sizeBytes
            }
            used[name] = (difference, usage.indexName == nil ? backups[usage.tableName] ?? 0 : 0)
        }
        for (name, bytes) in backups where used[name] == nil {
            let usage = ResourceUsage(
                tableName: name,
                count: UsageCount(),
                sizeBytes: 0
            )
            used[name] = (usage, bytes)
        }
        let uses = functions()
        let differences = uses.map { $0 - before.functions[$0.name] }
        let hours = try await hours(used.values.map { $0 }, differences, at: now, elapsed)
        database.forgetRetiredUsage(first: gone.count)
        // What is in neither is about to be among those that are gone.
        var counted = before.counted.filter { !lives.contains($0.key) }
        for usage in still { if let life = usage.life { counted[life] = usage.count } }
        state.withLock { [counted] state in
            state.counted = counted
            for use in uses { state.functions[use.name] = use }
            state.milliseconds = now
            state.unwritten = hours
        }
    }

    private func writeUnwritten() async throws(DatabaseError) {
        while true {
            let record = state.withLock { Array($0.unwritten.prefix(Self.hoursPerRecord)) }
            guard !record.isEmpty else { return }
            try await writeRecord(table, record)
            state.withLock { $0.unwritten.removeFirst(record.count) }
        }
    }

    /// The hours that were stored, and what was used since.
    private func hours(
        _ used: [(usage: ResourceUsage, backupBytes: Int)],
        _ functions: [FunctionUse],
        at now: Int64,
        _ elapsed: Int64
    ) async throws(DatabaseError) -> [Item] {
        let (day, hour) = Self.hour(of: now)
        var hours: [Item] = []
        for (usage, backupBytes) in used {
            let isIdle = usage.count == UsageCount() && usage.sizeBytes == 0 && backupBytes == 0
            guard !isIdle else { continue }
            let new = UsageHour(
                day: day,
                hour: hour,
                tableName: usage.tableName,
                indexName: usage.indexName
            )
            let stored = try await table.item(new.primaryKey)
            var sum = stored.flatMap { UsageHour($0) } ?? new
            sum.add(
                usage.count,
                sizeBytes: usage.sizeBytes,
                backupBytes: backupBytes,
                milliseconds: elapsed
            )
            hours.append(sum.item)
        }
        for use in functions where !use.isNothing {
            let name = UsageHour.functionMark + use.name
            let new = UsageHour(day: day, hour: hour, tableName: name)
            let stored = try await table.item(new.primaryKey)
            var sum = stored.flatMap { UsageHour($0) } ?? new
            sum.requests += use.requests
            sum.megabyteMilliseconds += use.megabyteMilliseconds
            hours.append(sum.item)
        }
        return hours
    }

    private func forgetOldDays(at now: Int64) async throws(DatabaseError) {
        let (day, _) = Self.hour(of: now)
        guard state.withLock({ $0.day }) != day else { return }
        for old in (day - Self.daysKept - Self.daysForgotten)..<(day - Self.daysKept) {
            let items = try await table.items(of: .number(Number(old)))
            let keys = items.compactMap { UsageHour($0)?.primaryKey }
            try await table.write(deleting: keys, .buffered)
        }
        state.withLock { $0.day = day }
    }

    static func hour(of milliseconds: Int64) -> (day: Int64, hour: Int) {
        let hours = milliseconds / 3_600_000
        return (hours / 24, Int(hours % 24))
    }
}

extension Database {
    /// The hours of some days, in the order of days, hours and names; empty where nothing was ever metered.
    ///
    /// - Parameter days: Days since 1970-01-01 UTC.
    /// - Returns: The hours.
    /// - Throws: `.internalFailure`.
    package func usageHours(
        of days: ClosedRange<Int64>
    ) async throws(DatabaseError) -> [UsageHour] {
        guard let table = existingSystemTable(UsageHour.tableName) else { return [] }
        var hours: [UsageHour] = []
        for day in days {
            hours += try await table.items(of: .number(Number(day))).compactMap { UsageHour($0) }
        }
        return hours
    }
}
