/// A whole world from one seed: disk, clocks, randomness and scheduler.
///
/// A program under test gets `world`, and everything it then does is decided by the seed. After a
/// crash the old world is dead: its files throw and its scheduler runs nothing more; the test takes
/// `world` anew and opens the program again, as a machine that starts.
///
///     let simulation = SimulatedWorld(seed: 7)
///     let database = try simulation.scheduler.runTask { try await open(simulation.world) }
///     simulation.crash()
///     let again = try simulation.scheduler.runTask { try await open(simulation.world) }

public import ShalePlatform
internal import Synchronization

/// A deterministic world.
public final class SimulatedWorld: Sendable {
    /// What becomes of steps and tasks that a crash cuts off.
    public enum Leftovers: Sendable {
        /// They never run again, as power that fails has it. A task that waits for one is never
        /// finished, and its memory is lost to this process.
        case drop
        /// What is ready or waits for a time goes on, on a dead disk where every call throws, for a while.
        /// So tasks end and their memory is given back, and error paths are walked.
        case runIntoErrors
    }

    private struct Boot {
        var number: UInt64 = 0
        var files: SimulatedFileSystem
        var scheduler: SimulatedScheduler
    }

    /// What decides everything.
    public let seed: UInt64
    /// The disk, which outlives crashes.
    public let disk: SimulatedDisk
    /// The clocks, which outlive crashes.
    public let time: SimulatedTime
    /// The randomness.
    public let randomness: SimulatedRandomness
    /// What happened so far.
    public let trace: Trace

    /// How many steps leftovers may take: what goes on beyond is dropped.
    private static let leftoverLimit = 100_000
    /// And for how long those that wait for a time are waited for.
    private static let leftoverNanoseconds: UInt64 = 10_000_000_000

    private let threads: SimulatedScheduler.Threads
    private let boot: Mutex<Boot>

    /// A world with an empty disk.
    ///
    /// - Parameters:
    ///   - seed: what decides everything.
    ///   - threads: how many steps of a class may run at a time.
    ///   - keepsEvents: whether the trace keeps its events, to find where two runs part.
    public init(
        seed: UInt64,
        threads: SimulatedScheduler.Threads = .init(),
        keepsEvents: Bool = false
    ) {
        self.seed = seed
        self.threads = threads
        trace = Trace(keepsEvents: keepsEvents)
        time = SimulatedTime()
        randomness = SimulatedRandomness(seed: seed, trace: trace)
        disk = SimulatedDisk(seed: seed, time: time, trace: trace)
        boot = Mutex(
            Boot(
                files: SimulatedFileSystem(disk),
                scheduler: SimulatedScheduler(
                    seed: seed,
                    time: time,
                    trace: trace,
                    threads: threads
                )
            )
        )
    }

    /// Steps that wait for a time hold what they work on, and that holds the scheduler: so they go first.
    deinit { boot.withLock { $0.scheduler }.end() }

    /// The world as the program under test gets it, until the next crash.
    public var world: World {
        World(files: files, time: time, randomness: randomness, scheduler: scheduler)
    }

    /// The files of this boot.
    public var files: SimulatedFileSystem { boot.withLock { $0.files } }

    /// The scheduler of this boot.
    public var scheduler: SimulatedScheduler { boot.withLock { $0.scheduler } }

    /// The hash of all that happened so far: equal for two runs of the same test from one seed.
    public var traceHash: UInt64 { trace.hash }

    /// Ends everything that runs and starts the machine anew.
    ///
    /// Not from inside a step: there, cut the power of the disk, and crash when it is over.
    public func crash(_ mode: CrashMode = .bySeed, leftovers: Leftovers = .drop) {
        let old = scheduler
        precondition(!old.isRunning, "a crash comes from outside; inside a step, cut the power")
        if leftovers == .drop { old.end() }
        disk.crash(mode)
        if leftovers == .runIntoErrors {
            for _ in 0..<Self.leftoverLimit where !old.runOneReady() { break }
            // Who waits for a moment to pass learns it as well.
            let end = time.monotonicNanoseconds + Self.leftoverNanoseconds
            for _ in 0..<Self.leftoverLimit where !old.runOne(notAfter: end) { break }
            old.end()
        }
        boot.withLock { boot in
            boot.number += 1
            boot.files = SimulatedFileSystem(disk)
            boot.scheduler = SimulatedScheduler(
                seed: seed &+ boot.number &* 0x9E37_79B9_7F4A_7C15,
                time: time,
                trace: trace,
                threads: threads
            )
        }
    }

    /// Runs the simulation until a condition holds.
    public func run(
        until isDone: () -> Bool,
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        try scheduler.run(until: isDone, maximumSteps: maximumSteps)
    }

    /// Runs one task and everything around it until it has ended.
    public func runTask<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) throws -> Answer {
        try scheduler.runTask(body)
    }

    /// Starts one task, which runs whenever the simulation does.
    public func startTask<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) -> SimulatedTask<Answer> {
        scheduler.startTask(body)
    }

    /// Runs `count` tasks side by side, interleaved by the seed, until all have ended.
    ///
    /// Each is given its number, from 0; the results are in their order.
    public func runTasks<Answer: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (Int) async throws -> Answer
    ) throws(SimulationStuck) -> [Result<Answer, any Error>] {
        try scheduler.runTasks(count, body)
    }
}
