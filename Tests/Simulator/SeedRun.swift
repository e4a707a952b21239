internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// All lives of a database that one seed decides.
public struct SeedRun: HistoryRun {
    /// The seed's choices.
    private let swarm: Swarm
    private let omissions: Omissions
    /// What was done so far.
    public private(set) var counts = RunCounts()

    private static let directory = "db"
    private let seed: UInt64
    private let simulation: SimulatedWorld
    private var generator: SimulatedGenerator
    private let histories: [WriterHistory]
    private let counter = SharedCounter()
    private let ephemeral = EphemeralTables()
    private let numbers = BatchNumbers()
    private var tables: [TableID] = []
    /// Whether `.buffered` writes of the life before must be there.
    private var keepsBuffered = true
    private let limits: DiskLimits
    private let seen = SeenEvents()

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        self.seed = seed
        self.omissions = omissions
        generator = SimulatedGenerator(seed: seed, stream: 77)
        var swarm = Swarm(&generator)
        swarm.leaveOut(omissions)
        self.swarm = swarm
        simulation = SimulatedWorld(seed: seed, keepsEvents: keepsEvents)
        limits = DiskLimits(swarm.limit, simulation, seed: seed)
        histories = (0..<swarm.writers).map { WriterHistory(writer: $0) }
    }

    /// What happened, as a number: the same for each run of this seed.
    public var traceHash: UInt64 { simulation.traceHash }

    /// The last events of the trace, where they are kept.
    public var events: [String] { simulation.trace.events.map { "\($0)" } }

    /// Called after each crash with its number, to look at what is left: `files`.
    public var onCrash: ((Int, SeedRun) -> Void)?

    /// The files of the database as processes see them, by name.
    public var files: [(name: String, bytes: [UInt8])] {
        let names = (try? simulation.files.list(Self.directory)) ?? []
        return names.map { ($0, (try? simulation.disk.contents("\(Self.directory)/\($0)")) ?? []) }
    }

    /// Runs lives until `count` crashes have happened, then closes and verifies; some seeds end on a disk that
    /// lies.
    public mutating func run(cuts count: Int) throws {
        try runHonestly(cuts: count)
        if swarm.endsWithLies { try runOnLies() }
    }

    /// One more life, whose writes are not all what they say they are, and what is found after it.
    private mutating func runOnLies() throws {
        var lying = LyingDisk(simulation, seed: seed)
        let engine = try open(mayCut: false)
        lying.lie()
        hasFault = true
        let opened = tables.compactMap { engine.table($0) }
        let tasks = clients(engine, opened, 20 + lying.choose(200))
        try run { tasks.allSatisfy(\.isFinished) }
        if lying.choose(3) == 0 {
            let closing = simulation.startTask { try await engine.close() }
            try run { closing.isFinished }
        }
        for task in tasks {
            if case .failure(let error) = task.result { try LyingDisk.require(error) }
        }
        limits.expectEnd()
        simulation.crash(lying.crash(), leftovers: .runIntoErrors)
        simulation.disk.removeFaults()
        try lying.spoil(Self.directory)
        switch try look(Self.directory, simulation, histories, tables, swarm.options) {
        case .harmless: counts.harmlessLies += 1
        case .detected: counts.detectedLies += 1
        }
    }

    private mutating func runHonestly(cuts count: Int) throws {
        while counts.cuts < count { try live() }
        let engine = try open(mayCut: false)
        limits.stop()
        try settle(engine)
        try simulation.runTask { try await engine.close() }
        let report = try Verification.run(Self.directory, in: simulation.world)
        if let problem = report.problems.first { throw Failure("verification: \(problem)") }
        counts.batches = Int(numbers.count)
        counts.diskOperations = simulation.disk.operationCount
        seen.add(to: &counts)
    }

    /// Opens, compares with the model, works, and crashes or closes.
    private mutating func live() throws {
        if tables.isEmpty { try interruptCreation() }
        let engine = try open(mayCut: !tables.isEmpty)
        if tables.isEmpty {
            for _ in 0..<swarm.tables {
                tables.append(try simulation.runTask { try await engine.createTable().id })
            }
        }
        try settle(engine)
        simulation.disk.cutPower(afterOperations: 1 + generator.below(swarm.cutAfter))
        hasFault = generator.below(100) < swarm.faultPercent
        forgets = false
        if hasFault {
            let fault = fault()
            forgets = fault.effect == .failAndForget
            simulation.disk.inject(fault)
        }
        let outlook = limits.begin()
        hasFault = hasFault || outlook.mayFail
        forgets = forgets || outlook.mayForget
        let opened = tables.compactMap { engine.table($0) }
        let limit = min(20 + generator.below(200), omissions.callLimit ?? .max)
        var tasks = clients(engine, opened, limit)
        let background = Background(
            engine: engine,
            tables: opened,
            histories: histories,
            ephemeral: ephemeral,
            swarm: swarm,
            world: simulation.world,
            limits: limits
        )
        let own = SimulatedGenerator(seed: generator.next())
        tasks.append(simulation.startTask { try await background.run(limit / 10, own) })
        try run { tasks.allSatisfy(\.isFinished) }
        try check(tasks)
        if !simulation.disk.isPowerCut, swarm.acts.contains(.reopen), generator.oneIn(2) {
            let closing = simulation.startTask { try await engine.close() }
            try run { closing.isFinished }
            try check([closing])
            if case .success = closing.result, !simulation.disk.isPowerCut {
                return try crash(isClosed: true)
            }
        }
        try crash(isClosed: false)
        try check(tasks)
    }

    private mutating func clients(
        _ engine: Engine,
        _ opened: [EngineTable],
        _ limit: Int
    ) -> [SimulatedTask<Void>] {
        histories.compactMap { history -> SimulatedTask<Void>? in
            let client = Client(
                engine: engine,
                tables: opened,
                history: history,
                counter: counter,
                numbers: numbers,
                swarm: swarm,
                limits: limits
            )
            let own = SimulatedGenerator(seed: generator.next())
            guard !omissions.names.contains(Omissions.client(history.writer)) else { return nil }
            return simulation.startTask { try await client.run(limit, own) }
        }
    }

    /// One operation that fails once.
    private mutating func fault() -> DiskFault {
        let operations = DiskFault.Operation.allCases
        let operation = operations[generator.below(operations.count)]
        let effects: [DiskFault.Effect] =
            switch operation {
            case .sync: [.fail(.inputOutput), .failYetArrive, .failAndForget]
            // Names that never arrive after a failed sync are past helping: that needs a new boot.
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
        for task in tasks {
            guard case .failure(let error) = task.result else { continue }
            if error is Failure { throw error }
            if limits.explain(error) { continue }
            guard hasFault || simulation.disk.isPowerCut || counts.cuts > 0 && hasCrashed else {
                throw Failure("an error out of nothing: \(error)")
            }
        }
    }

    /// Whether the tasks that are checked belong to a life that is over.
    private var hasCrashed: Bool { lastCrashOperation == simulation.disk.operationCount }
    private var lastCrashOperation = -1
    /// Whether errors of this life have a reason.
    private var hasFault = false
    /// Whether a sync of this life may have forgotten what was written, so that nothing but a sync keeps it.
    private var forgets = false

    private mutating func crash(isClosed: Bool) throws {
        let modes = CrashMode.allCases
        let mode = modes[generator.below(modes.count)]
        keepsBuffered =
            isClosed || mode == .killProcess || (mode == .keepUnsynced && !forgets)
        limits.expectEnd()
        simulation.crash(mode, leftovers: .runIntoErrors)
        simulation.disk.removeFaults()
        limits.end()
        hasFault = false
        counts.cuts += 1
        onCrash?(counts.cuts, self)
        lastCrashOperation = simulation.disk.operationCount
    }

    private func interruptCreation() throws {
        let (options, world) = (swarm.options, simulation.world)
        var creation = InterruptedCreation(seed: seed)
        try creation.run(in: simulation) {
            try await Engine.open(Self.directory, options, in: world)
        }
    }

    /// Opens the database; the power may be cut meanwhile, again and again.
    private mutating func open(mayCut: Bool) throws -> Engine {
        var mayCut = mayCut
        while true {
            mayCut = mayCut && generator.oneIn(3)
            if mayCut { simulation.disk.cutPower(afterOperations: 1 + generator.below(60)) }
            var options = swarm.options
            options.onEvent = seen.note
            let world = simulation.world
            let task = simulation.startTask { [options] in
                try await Engine.open(Self.directory, options, in: world)
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
                guard let engine = try task.result?.get() else {
                    throw Failure("opening never ends")
                }
                return engine
            } catch {
                // On a full disk it may be, until there is space.
                if limits.makeSpace(after: error) { continue }
                throw Failure("opening is refused: \(error)")
            }
        }
    }

    /// Compares the state after a crash with what may be there.
    private func settle(_ engine: Engine) throws {
        let ids = tables
        let found = try simulation.runTask {
            try engine.contents(of: ids.compactMap { engine.table($0) })
        }
        guard tables.allSatisfy({ engine.table($0) != nil }) else {
            throw Failure("a table of the writers is gone")
        }
        try ephemeral.settle(Set(engine.tables.map(\.id)))
        var newest: LogPosition?
        var lost: LogPosition?
        for history in histories {
            let survivors = try history.settle(
                found[history.writer] ?? [:],
                keepsBuffered: keepsBuffered
            )
            newest = [newest, survivors.newest].compactMap { $0 }.max()
            lost = [lost, survivors.oldestLost].compactMap { $0 }.min()
        }
        if let newest, let lost, lost < newest {
            throw Failure("the write at \(lost) is lost, the one at \(newest) is not")
        }
        let value = found[-1]?[SharedCounter.key]
        try counter.settle(value, keepsBuffered: keepsBuffered)
    }
}
