internal import Simulation

/// In one seed of four the first process is ended somewhere while it makes the database; what it leaves, the next begins with.
///
/// It draws from a stream of its own, so that the rest of a seed's history stays what it was.
struct InterruptedCreation {
    private static let stream: UInt64 = 178
    /// As many operations of the disk come before the first manifest, and some more.
    private static let operations = 8

    private var generator: SimulatedGenerator

    init(seed: UInt64) { generator = SimulatedGenerator(seed: seed, stream: Self.stream) }

    /// Opens, and ends the process meanwhile.
    mutating func run<Opened: Sendable>(
        in simulation: SimulatedWorld,
        open: @escaping @Sendable () async throws -> Opened
    ) throws {
        guard generator.oneIn(4) else { return }
        simulation.disk.cutPower(afterOperations: 1 + generator.below(Self.operations))
        let task = simulation.startTask(open)
        try simulation.run(until: { simulation.disk.isPowerCut || task.isFinished })
        simulation.disk.cutPower(afterOperations: .max)
        let modes = CrashMode.allCases
        simulation.crash(modes[generator.below(modes.count)], leftovers: .runIntoErrors)
    }
}
