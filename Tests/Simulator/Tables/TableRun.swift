internal import ShaleEngine
internal import ShaleItems
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleTables
internal import Simulation
internal import Synchronization

/// All lives of a database with tables that one seed decides: as `SeedRun`, a level higher.
public struct TableRun: HistoryRun {
    /// What was done so far.
    public private(set) var counts = RunCounts()

    private static let directory = "db"
    private let swarm: TableSwarm
    private let omissions: Omissions
    private let seed: UInt64
    private let simulation: SimulatedWorld
    private var generator: SimulatedGenerator
    private var tables: [TableSchema] = []
    private let histories: [ClientHistory]
    private let shared = SharedItems()
    private let indexes = IndexBook()
    private let mortals = MortalItems()
    private let moments = Moments()
    private let past = PastBook()
    private let copies = CopyBook()
    private let log: CallLog
    /// Background work that failed without a reason.
    private let complaint = Complaint()
    private var areTablesMade = false
    /// Whether `.buffered` writes of the life before must be there.
    private var keepsBuffered = true
    /// Whether errors of this life have a reason.
    private var hasFault = false
    /// Whether a sync of this life may have forgotten what was written, so that nothing but a sync keeps it.
    private var forgets = false

    /// Prepares the world of a seed.
    public init(seed: UInt64, without omissions: Omissions = Omissions(), keepsEvents: Bool = false)
    {
        self.seed = seed
        generator = SimulatedGenerator(seed: seed, stream: 78)
        var swarm = TableSwarm(&generator, without: omissions)
        let complaint = complaint
        let hasCache = !omissions.names.contains(Omissions.cache)
        swarm.options.cache.itemBytes = hasCache ? TableSwarm.cacheBytes(of: seed) : 0
        swarm.addCopies(of: seed, without: omissions)
        let mortals = mortals
        swarm.options.onEvent = { event in
            complaint.note(event)
            mortals.note(event)
        }
        self.swarm = swarm
        self.omissions = omissions
        simulation = SimulatedWorld(seed: seed, keepsEvents: false)
        histories = (0..<swarm.clients).map { ClientHistory(client: $0) }
        log = CallLog(isKept: keepsEvents)
        for number in 0..<swarm.tables {
            tables.append(SchemaGenerator.table("Table\(number)", swarm, &generator))
        }
    }

    /// What happened, as a number: the same for each run of this seed.
    public var traceHash: UInt64 { simulation.traceHash }

    /// What clients did, where that is kept.
    public var events: [String] { log.all }

    /// Runs lives until `count` crashes have happened, then closes and opens a last time.
    public mutating func run(cuts count: Int) throws {
        defer {
            counts.batches = moments.callCount
            counts.pastReads = past.readCount
            counts.copies = copies.comparedCount
            counts.diskOperations = simulation.disk.operationCount
        }
        while counts.cuts < count { try live() }
        let database = try open(mayCut: false)
        try settle(database, isPatient: true)
        if let entry = copies.present(.export).first { throw Failure("\(entry.name) never ends") }
        try simulation.runTask { try await database.close() }
        let report = try Verification.run(Self.directory, in: simulation.world)
        if let problem = report.problems.first { throw Failure("verification: \(problem)") }
    }

    // MARK: A life

    /// Opens, compares with the model, works, and crashes or closes.
    private mutating func live() throws {
        if !areTablesMade { try interruptCreation() }
        let database = try open(mayCut: areTablesMade)
        if areTablesMade {
            try settle(database, isPatient: generator.oneIn(3))
            try goBack(in: database)
        } else {
            for schema in tables {
                _ = try simulation.runTask { try await schema.make(in: database) }
            }
            if swarm.makesCopies {
                try simulation.files.createDirectory(CopyContents.bucketDirectory)
                try simulation.files.syncDirectory("")
            }
            areTablesMade = true
        }
        log.add("life \(counts.cuts + 1): \(swarm.clients) clients, \(tables.map(\.words))")
        simulation.disk.cutPower(afterOperations: 1 + generator.below(swarm.cutAfter))
        hasFault = generator.below(100) < swarm.faultPercent
        forgets = false
        if hasFault {
            let fault = fault()
            forgets = fault.effect == .failAndForget
            simulation.disk.inject(fault)
        }
        copies.expectFailures(hasFault)
        let life = makeLife(database)
        let tasks = start(life)
        try run { tasks.allSatisfy(\.isFinished) }
        try check(tasks)
        if !simulation.disk.isPowerCut, !hasFault { try compareRunning(database) }
        if !simulation.disk.isPowerCut, swarm.acts.contains(.reopen), generator.oneIn(2) {
            let closing = simulation.startTask { try await database.close() }
            try run { closing.isFinished }
            try check([closing])
            if case .success = closing.result, !simulation.disk.isPowerCut {
                life.end.come()
                return try crash(isClosed: true)
            }
        }
        life.end.come()
        try crash(isClosed: false)
        for task in tasks {
            if case .failure(let error as Failure) = task.result { throw error }
        }
    }

    /// What tables were at moments before the crash, they still were.
    private func goBack(in database: Database) throws {
        let life = makeLife(database)
        let world = simulation.world
        for moment in past.all {
            let random = SimulatedGenerator(seed: UInt64(bitPattern: moment.milliseconds))
            try simulation.runTask {
                try await TableBackground(life: life, world: world, random: random).goBack(
                    to: moment
                )
            }
        }
    }

    /// At the end of a life that nothing disturbed everything is as the clients left it.
    private func compareRunning(_ database: Database) throws {
        let reading = simulation.startTask { try await WholeContents.read(database) }
        try run { reading.isFinished }
        guard !simulation.disk.isPowerCut, let contents = try reading.result?.get() else { return }
        try contents.checkIndexes()
        try compareCopies(contents)
        let parts = try ContentParts(contents.ofClients, tables, histories, swarm)
        for (history, part) in zip(histories, parts.clients) {
            let count = history.triedCount
            let difference = history.difference(part, from: count, through: count) { _ in true }
            if let difference { throw Failure("at the end of a life: \(difference)") }
        }
        try compareMortals(parts)
    }

    private func compareMortals(_ parts: ContentParts) throws {
        let now = simulation.world.time.wallMilliseconds / 1000
        for key in mortals.keys { try mortals.saw(key, parts.mortal[key], at: now) }
        let known = Set(mortals.keys)
        if let key = parts.mortal.keys.first(where: { !known.contains($0) }) {
            throw Failure("\(key), which expires, is there and was never written")
        }
    }

    private func makeLife(_ database: Database) -> TableLife {
        TableLife(
            database: database,
            tables: tables,
            swarm: swarm,
            histories: histories,
            shared: shared,
            indexes: indexes,
            mortals: mortals,
            moments: moments,
            past: past,
            copies: copies,
            log: log
        )
    }

    private mutating func start(_ life: TableLife) -> [SimulatedTask<Void>] {
        var tasks: [SimulatedTask<Void>] = []
        for history in histories {
            let own = SimulatedGenerator(seed: generator.next())
            guard !omissions.names.contains(Omissions.client(history.client)) else { continue }
            let calls = CallGenerator(
                swarm: swarm,
                client: history.client,
                moments: moments,
                random: own
            )
            tasks.append(
                simulation.startTask {
                    var client = TableClient(life, history, calls)
                    try await client.run()
                }
            )
        }
        let world = simulation.world
        if tables.contains(where: \.hasExpiry) {
            let calls = CallGenerator(
                swarm: swarm,
                client: swarm.clients,
                moments: moments,
                random: SimulatedGenerator(seed: generator.next())
            )
            tasks.append(
                simulation.startTask {
                    var client = MortalClient(life: life, time: world.time, generator: calls)
                    try await client.run()
                }
            )
        }
        let own = SimulatedGenerator(seed: generator.next())
        tasks.append(
            simulation.startTask {
                var background = TableBackground(life: life, world: world, random: own)
                try await background.run()
            }
        )
        return tasks
    }

    /// One operation that fails once.
    private mutating func fault() -> DiskFault {
        let operations = DiskFault.Operation.allCases
        let operation = operations[generator.below(operations.count)]
        let effects: [DiskFault.Effect] =
            switch operation {
            case .sync: [.fail(.inputOutput), .failYetArrive, .failAndForget]
            case .syncDirectory: [.fail(.inputOutput), .failYetArrive]
            default: [.fail(.inputOutput), .fail(.noSpace)]
            }
        return DiskFault(
            operation,
            path: ["", ".log", ".run", "MANIFEST"][generator.below(4)],
            nth: 1 + generator.below(30),
            effect: effects[generator.below(effects.count)]
        )
    }

    private func run(until isDone: () -> Bool) throws(Failure) {
        do {
            try simulation.run(until: { simulation.disk.isPowerCut || isDone() })
        } catch {
            throw Failure("nothing goes on any more: \(error)")
        }
    }

    /// Tasks end without an error, or because the power is cut.
    private func check(_ tasks: [SimulatedTask<Void>]) throws {
        let isExplained = hasFault || simulation.disk.isPowerCut
        for task in tasks {
            guard case .failure(let error) = task.result else { continue }
            if error is Failure { throw error }
            guard isExplained else { throw Failure("an error out of nothing: \(error)") }
        }
        if !isExplained, let problem = complaint.first { throw Failure(problem) }
    }

    private mutating func crash(isClosed: Bool) throws {
        let modes = CrashMode.allCases
        let mode = modes[generator.below(modes.count)]
        keepsBuffered =
            isClosed || mode == .killProcess || (mode == .keepUnsynced && !forgets)
        past.endLife(isKept: keepsBuffered || (swarm.bufferedPercent == 0 && !forgets))
        copies.endLife(histories, forgets: forgets)
        copies.expectFailures(false)
        log.add("crash: \(mode)\(isClosed ? ", closed" : "")")
        simulation.crash(mode, leftovers: .runIntoErrors)
        simulation.disk.removeFaults()
        complaint.forget()
        mortals.crash()
        hasFault = false
        counts.cuts += 1
    }

    // MARK: Opening

    private func interruptCreation() throws {
        let (options, world) = (swarm.options, simulation.world)
        var creation = InterruptedCreation(seed: seed)
        try creation.run(in: simulation) {
            try await Database.open(Self.directory, options, in: world)
        }
    }

    /// Opens the database; the power may be cut meanwhile, again and again.
    private mutating func open(mayCut: Bool) throws -> Database {
        var mayCut = mayCut
        while true {
            mayCut = mayCut && generator.oneIn(3)
            if mayCut { simulation.disk.cutPower(afterOperations: 1 + generator.below(60)) }
            let (options, world) = (swarm.options, simulation.world)
            let makesCopies = swarm.makesCopies
            let task = simulation.startTask {
                let database = try await Database.open(Self.directory, options, in: world)
                if makesCopies {
                    await CopyContents.service(database, world).resumeTransfers()
                }
                return database
            }
            try run { task.isFinished }
            if simulation.disk.isPowerCut {
                // What was there stays as certain as it was, or becomes less so.
                let before = keepsBuffered
                try crash(isClosed: false)
                keepsBuffered = keepsBuffered && before
                continue
            }
            simulation.disk.cutPower(afterOperations: .max)
            counts.recoveries += 1
            do {
                guard let database = try task.result?.get() else {
                    throw Failure("opening never ends")
                }
                return database
            } catch {
                throw Failure("opening is refused: \(error)")
            }
        }
    }

    /// Compares the state after a crash with what may be there; `isPatient` waits for indexes to be filled.
    private mutating func settle(_ database: Database, isPatient: Bool) throws {
        if isPatient { try awaitWork(database) }
        let contents = try simulation.runTask { try await WholeContents.read(database) }
        try contents.checkIndexes()
        try checkEngineTables(database, contents)
        if swarm.makesCopies { try settleCopies(database, contents, isPatient: isPatient) }
        for schema in tables {
            guard let table = contents.tables[schema.name] else { continue }
            let all =
                table.description.localSecondaryIndexes + table.description.globalSecondaryIndexes
            let whole = all.filter { !$0.isBackfilling }.map(\.indexName)
            let found = Set(all.map(\.indexName))
            try indexes.settle(schema.name, found, whole: Set(whole))
            let wanted = schema.indexes + indexes.known(in: schema.name)
            guard found == Set(wanted.map(\.name)) else {
                throw Failure(
                    "\(schema.name) has the indexes \(found.sorted()), not \(wanted.map(\.name))"
                )
            }
            for index in schema.indexes where !whole.contains(index.name) {
                throw Failure("index \(index.name) of \(schema.name) is not whole")
            }
        }
        let parts = try ContentParts(contents.ofClients, tables, histories, swarm)
        var latest: Int?
        var lost: Int?
        for (history, part) in zip(histories, parts.clients) {
            let survivors = try history.settle(part, keepsBuffered: keepsBuffered)
            latest = [latest, survivors.latestBegin].compactMap { $0 }.max()
            lost = [lost, survivors.earliestLost].compactMap { $0 }.min()
        }
        if let latest, let lost, lost < latest {
            throw Failure("a write of moment \(lost) is lost, one begun at \(latest) is not")
        }
        try compareMortals(parts)
        for key in mortals.keys { mortals.settle(key, parts.mortal[key]) }
        try shared.settle(
            parts.shared,
            keepsBuffered: keepsBuffered,
            isAllSynced: swarm.bufferedPercent == 0
        )
    }

    /// Nothing is left of what a crash cut off; one table is the catalog's.
    private func checkEngineTables(_ database: Database, _ contents: WholeContents) throws {
        // An export that goes on may have tables that nobody sees.
        guard !CopyContents.isExporting(database) else { return }
        let all = contents.tables.values.map(\.description) + contents.filling.values
        let count = all.reduce(1 + database.systemTableCount) { count, table in
            count + 1 + table.localSecondaryIndexes.count + table.globalSecondaryIndexes.count
        }
        guard database.engine.tables.count == count else {
            throw Failure("the engine has \(database.engine.tables.count) tables, not \(count)")
        }
    }

    /// Compares copies of tables after a crash with what may be there.
    private func settleCopies(
        _ database: Database,
        _ contents: WholeContents,
        isPatient: Bool
    ) throws {
        let tables = Set(contents.tables.keys).union(contents.filling.keys)
        try copies.settle(.table, tables.filter(CopyBook.isCopy))
        try copies.settle(.backup, Set(CopyContents.backups(database).keys))
        try copies.settle(.export, Set(CopyContents.exports(database).keys))
        try compareCopies(contents)
        if isPatient, let name = contents.filling.keys.min() {
            throw Failure("\(name) is never restored")
        }
        let (life, world) = (makeLife(database), simulation.world)
        for entry in copies.present(.export) { try CopyContents.compare(entry, life, world) }
        guard isPatient, !CopyContents.isExporting(database),
            let name = try CopyContents.leftover(database, Self.directory, world)
        else { return }
        throw Failure("\(name) is left, and nothing will take it away")
    }

    /// Compares what was restored, as far as it is whole.
    private func compareCopies(_ contents: WholeContents) throws {
        for entry in copies.present(.table) {
            guard let table = contents.tables[entry.name] else { continue }
            try copies.compare(entry, table.items, swarm)
        }
    }

    /// Waits until indexes are filled, restored tables whole, and exports at their ends.
    private func awaitWork(_ database: Database) throws {
        try run {
            guard !CopyContents.isExporting(database) else { return false }
            let names = (try? database.listTables().tableNames) ?? []
            return names.allSatisfy { name in
                (try? database.describeTable(name))?.status == .active
            }
        }
    }
}

/// What work in the background says that failed.
private final class Complaint: Sendable {
    private let text = Mutex<String?>(nil)

    func note(_ event: DatabaseEvent) {
        switch event {
        case .indexFillingFailed(let table, let index, let error):
            text.withLock { $0 = "index \(index) of \(table) could not be filled: \(error)" }
        case .restoreFailed(let table, let error):
            text.withLock { $0 = "\(table) could not be restored: \(error)" }
        default: return
        }
    }

    func forget() { text.withLock { $0 = nil } }

    var first: String? { text.withLock { $0 } }
}
