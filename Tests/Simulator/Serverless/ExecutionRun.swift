internal import ShalePlatform
internal import Simulation
internal import Synchronization

/// Histories of executions: each that was started ends as one whose power never failed, with as many events of each type,
/// so no task was scheduled twice and none was forgotten; what its tasks wrote into a table is there once, and tokens that
/// somebody outside was given are good behind crashes.
public struct ExecutionRun: HistoryRun {
    private static let machineCount = 2

    private var world: CrashingWorld
    private let definitions: [String: String]
    private let cutAfter: Int
    private let startsPerLife: Int
    private let started = StartedExecutions()
    private let desk = TokenDesk()

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        world = CrashingWorld(seed: seed, stream: 83, without: omissions)
        var definitions = ["child": MachineGenerator.children[world.generator.below(2)]]
        for number in 0..<Self.machineCount {
            var generator = MachineGenerator(SimulatedGenerator(seed: world.generator.next()))
            definitions["machine\(number)"] = generator.machine()
        }
        self.definitions = definitions
        cutAfter = [40, 150, 600][world.generator.below(3)]
        startsPerLife = 1 + world.generator.below(3)
    }

    /// What was done so far; its calls are starts of executions.
    public var counts: RunCounts {
        var counts = world.counts
        counts.batches = started.count
        return counts
    }

    /// What happened, as a number.
    public var traceHash: UInt64 { world.simulation.traceHash }

    /// The machines: the seed decides all else.
    public var events: [String] { definitions.sorted { $0.key < $1.key }.map { "\($0): \($1)" } }

    /// Starts executions, and crashes, until `count` crashes have happened; then waits until all have ended.
    public mutating func run(cuts count: Int) throws {
        let machines = try ScriptedMachines(definitions)
        let twins = try twins(machines)
        try world.end { try await Self.begin($0, machines).close() }
        while world.counts.cuts < count { try live(machines) }
        let (started, desk) = (started, desk)
        try world.end { world in
            let open = try await OpenExecutions.open(world, machines, desk)
            for (name, machine) in started.all {
                let end = try await open.end(of: machine, name)
                guard end != twins[machine] else { continue }
                let twin = twins[machine].map { "\($0)" } ?? "nothing"
                throw Failure("\(name) of \(machine) has ended as \(end), its twin as \(twin)")
            }
            try await open.close()
            try desk.check()
        }
    }

    private static func begin(
        _ world: World,
        _ machines: ScriptedMachines
    ) async throws -> OpenExecutions {
        let open = try await OpenExecutions.open(world, machines)
        try await open.makeCounts()
        return open
    }

    /// What an execution of each machine comes to when nothing happens to it.
    private func twins(_ machines: ScriptedMachines) throws -> [String: ExecutionEnd] {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        let names = definitions.keys.sorted()
        return try simulation.runTask {
            let open = try await Self.begin(world, machines)
            var ends: [String: ExecutionEnd] = [:]
            for name in names {
                try await open.start(name, "twin")
                ends[name] = try await open.end(of: name, "twin")
            }
            try await open.close()
            return ends
        }
    }

    private mutating func live(_ machines: ScriptedMachines) throws {
        let limit = world.limit(startsPerLife)
        let pauses = (0..<limit).map { _ in Int64(world.generator.below(3_000)) }
        let picks = pauses.map { _ in "machine\(world.generator.below(Self.machineCount))" }
        let waits = Int64([500, 20_000][world.generator.below(2)])
        let cut = world.counts.cuts
        let (started, desk) = (started, desk)
        try world.live(cutAfter: cutAfter) { life in
            let (world, end) = (life.world, life.end)
            let open = try await OpenExecutions.open(world, machines, desk)
            life.opened()
            for (number, (machine, pause)) in zip(picks, pauses).enumerated() {
                let name = "e\(cut)-\(number)"
                try await end.hear { try await open.start(machine, name) }
                started.add(name, of: machine)
                try await world.pause(milliseconds: pause, in: end)
            }
            try await world.pause(milliseconds: waits, in: end)
        }
        world.counts.recoveries += 1
    }
}

/// Executions whose start was acknowledged.
private final class StartedExecutions: Sendable {
    private let names = Mutex<[(name: String, machine: String)]>([])

    var all: [(name: String, machine: String)] { names.withLock { $0 } }
    var count: Int { names.withLock { $0.count } }
    func add(_ name: String, of machine: String) { names.withLock { $0.append((name, machine)) } }
}
