internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// A last life on a disk that lies: writes are lost, or go somewhere else; sectors cannot be read.
///
/// Nothing can promise that such a disk keeps what was acknowledged. What must hold is that nobody is told
/// something wrong: what is found afterwards is what every writer had after one of its batches, or an
/// error that names a file, and then `verify` names one as well.
struct LyingDisk {
    private let simulation: SimulatedWorld
    private var generator: SimulatedGenerator

    init(_ simulation: SimulatedWorld, seed: UInt64) {
        self.simulation = simulation
        generator = SimulatedGenerator(seed: seed, stream: 79)
    }

    /// Some writes from now on are not what they say they are.
    mutating func lie() {
        for _ in 0...generator.below(3) {
            let distances = [-8_192, -4_096, -512, 512, 4_096, 65_536]
            let effects: [DiskFault.Effect] = [
                .lose, .loseLater, .stray,
                .misdirect(bytes: distances[generator.below(distances.count)]),
            ]
            simulation.disk.inject(
                DiskFault(
                    .write,
                    path: ["", ".log", ".run", ".blob", "MANIFEST"][generator.below(5)],
                    nth: 1 + generator.below(40),
                    effect: effects[generator.below(effects.count)]
                )
            )
        }
    }

    /// Some sectors can no longer be read.
    mutating func spoil(_ directory: String) throws {
        let files = simulation.files
        let names = try files.list(directory).filter { $0 != "LOCK" }
        for _ in 0..<generator.below(3) where !names.isEmpty {
            let path = directory + "/" + names[generator.below(names.count)]
            let size = try files.open(path, .read).sizeBytes()
            guard size > 0 else { continue }
            try simulation.disk.spoil(path, at: generator.below(size))
        }
    }

    /// How the life ends: all modes, and by itself.
    mutating func crash() -> CrashMode { CrashMode.allCases[generator.below(5)] }

    mutating func choose(_ count: Int) -> Int { generator.below(count) }

    /// An error after a lie is one that says where.
    static func require(_ error: any Error) throws {
        guard let error = error as? EngineError else { throw error }
        switch error.code {
        case .corrupted, .inputOutput, .logFailed: break
        default: throw Failure("after damage: \(error.code), \(error)")
        }
        guard error.file != nil else { throw Failure("after damage, without a file: \(error)") }
    }
}

extension SeedRun {
    /// What came of a life on a lying disk.
    enum Ending: Sendable {
        /// Nobody has noticed anything, and nothing is wrong.
        case harmless
        /// An error has named a file.
        case detected
    }

    /// Opens what a lying disk has left, and reads all of it.
    func look(
        _ directory: String,
        _ simulation: SimulatedWorld,
        _ histories: [WriterHistory],
        _ tables: [TableID],
        _ options: EngineOptions
    ) throws -> Ending {
        let world = simulation.world
        do {
            let found = try simulation.runTask {
                let engine = try await Engine.open(directory, options, in: world)
                let opened = tables.compactMap { engine.table($0) }
                let answer = await world.scheduler.run(.read) {
                    () -> Result<[Int: [ModelKey: [UInt8]]], EngineError> in
                    // What background work finds is not asked for here.
                    defer { engine.abandon() }
                    return Result { () throws(EngineError) in try engine.contents(of: opened) }
                }
                guard opened.count == tables.count else {
                    throw Failure("a table of the writers is gone, and nobody says so")
                }
                return try answer.get()
            }
            for history in histories { try history.require(found[history.writer] ?? [:]) }
            return .harmless
        } catch {
            try LyingDisk.require(error)
        }
        do throws(EngineError) {
            let report = try Verification.run(directory, in: world)
            guard let problem = report.problems.first else {
                throw EngineError(.invalidArgument, "the database is damaged, and verify says OK")
            }
            guard problem.file != nil else {
                throw EngineError(.invalidArgument, "verify names no file: \(problem)")
            }
        } catch {
            // A sector that cannot be read ends it with the error that says so.
            guard error.code == .inputOutput, error.file != nil else { throw error }
        }
        return .detected
    }
}
