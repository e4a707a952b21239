internal import ShaleEngine
internal import ShaleItems
package import ShalePlatform
package import ShaleTables
package import ShaleTimers
internal import Synchronization

/// State machines and activities: what there is, what it was, and what a resource name stands for.
///
/// A machine has revisions, which never change; versions are revisions with a number, aliases choose between versions. A
/// change writes a revision and the machine that points to it in one record of the log, `.synced`. A revision stays for as long as the
/// machine, a version or an execution needs it, also one of a deleted machine (`StateMachines+Revisions`).
///
/// Changes take turns. Reads do not wait: programs, and what resource names stand for, are kept in memory.
package final class StateMachines: Sendable {
    /// The region in names.
    package let region: String
    /// The account in names: twelve digits.
    package let account: String
    /// The operations of tables that tasks may name, as `query`.
    let tableActions: Set<String>
    let database: Database
    let world: World
    let timers: Timers?
    let table: SystemTable
    let activityTable: SystemTable
    /// Whose turn it is to change something.
    let turn = Turn()
    let cache = Mutex(MachineCache())
    let counts = Mutex(Counts())
    let deletions = Mutex(MachineDeletions())

    /// How many there are; nil until somebody has counted.
    struct Counts {
        var machines: Int?
        var activities: Int?
    }

    /// Opens the state machines of a database.
    ///
    /// - Parameters:
    ///   - database: Where they are kept.
    ///   - timers: Those that tell when a revision may be deleted; without them all are kept.
    ///   - world: The clock.
    ///   - region: In names.
    ///   - account: In names.
    ///   - tableActions: The operations of tables that tasks may name, as `query`.
    /// - Throws: `.internalFailure`.
    package init(
        _ database: Database,
        timers: Timers? = nil,
        world: World,
        region: String,
        account: String,
        tableActions: Set<String>
    ) async throws(DatabaseError) {
        self.database = database
        self.tableActions = tableActions
        self.world = world
        self.timers = timers
        self.region = region
        self.account = account
        table = try await database.systemTable(MachineFormat.table, key: MachineFormat.key)
        activityTable = try await database.systemTable(
            ActivityFormat.table,
            key: ActivityFormat.key
        )
    }

    var now: Int64 { world.time.wallMilliseconds }

    /// The resource name of a machine, of a version or of an alias.
    package func resourceName(_ machine: String, _ qualifier: String? = nil) -> String {
        "arn:aws:states:\(region):\(account):stateMachine:\(machine)"
            + (qualifier.map { ":\($0)" } ?? "")
    }

    // MARK: The table

    /// Runs what the database does.
    func stored<Answer: Sendable>(
        _ body: () async throws(DatabaseError) -> Answer
    ) async throws(StatesError) -> Answer {
        do throws(DatabaseError) { return try await body() } catch {
            throw StatesError(.failed, error.message)
        }
    }

    /// Writes what a change of a machine is, in one record; nothing that was read before it is told behind it.
    ///
    /// - Parameters:
    ///   - writes: The change.
    ///   - machine: The machine.
    ///   - revisions: Those that the change takes from the machine or a version: looked at later.
    /// - Throws: `.failed`.
    func write(
        _ writes: SystemWrites,
        changing machine: String,
        freeing revisions: [String] = []
    ) async throws(StatesError) {
        defer { cache.withLock { $0.forget(machine) } }
        let due = timers == nil ? [] : revisions.map { timer($0, of: machine) }
        var all = writes
        if let timers { all.append(timers.writes(setting: due)) }
        let record = all
        try await stored { () async throws(DatabaseError) in
            try await database.write(record, .synced)
        }
        timers?.wrote(setting: due)
    }

    func item(_ of: String, _ what: String) async throws(StatesError) -> Item? {
        try await stored { () async throws(DatabaseError) in
            try await table.item(MachineFormat.key(of, what))
        }
    }

    /// The items of a partition whose sort keys begin so.
    ///
    /// - Parameters:
    ///   - of: The partition.
    ///   - prefix: How they begin.
    ///   - last: Only those behind this one; nil is all.
    ///   - limit: The most items.
    ///   - direction: In which order.
    /// - Returns: The items.
    /// - Throws: `.failed`.
    func items(
        of: String,
        _ prefix: String,
        beyond last: String? = nil,
        limit: Int = .max,
        _ direction: ScanDirection = .ascending
    ) async throws(StatesError) -> [Item] {
        var range = (from: AttributeValue.string(prefix), to: MachineFormat.behind(prefix))
        if let last, direction == .ascending { range.from = .string(last + "\u{0}") }
        if let last, direction == .descending { range.to = .string(last) }
        return try await stored { () async throws(DatabaseError) in
            try await table.items(of: .string(of), in: range, limit: limit, direction)
        }
    }
}
