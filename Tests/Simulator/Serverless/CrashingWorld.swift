internal import ShalePlatform
internal import Simulation

/// The lives that all histories of this level have: each is opened, works until its power fails, and crashes in some way.
struct CrashingWorld {
    let simulation: SimulatedWorld
    let omissions: Omissions
    var generator: SimulatedGenerator
    var counts = RunCounts()

    /// The world of a seed; `stream` tells apart what the levels draw.
    init(seed: UInt64, stream: UInt64, without omissions: Omissions) {
        simulation = SimulatedWorld(seed: seed)
        generator = SimulatedGenerator(seed: seed, stream: stream)
        self.omissions = omissions
    }

    /// What is opened and works.
    struct Life: Sendable {
        let world: World
        let end = LifeEnd()
        fileprivate let disk: SimulatedDisk
        /// Operations after the opening until the power fails; nil where they have begun.
        fileprivate let operations: Int?

        /// What it works on is open.
        func opened() {
            if let operations { disk.cutPower(afterOperations: operations) }
        }
    }

    /// Lets a life work until it ends by itself or the power fails after some operations of the disk; then it crashes.
    ///
    /// In one of four the operations count from the beginning of the opening.
    /// - Throws: what the life throws while there is power; that nothing goes on any more.
    mutating func live(
        cutAfter operations: Int,
        _ body: @escaping @Sendable (Life) async throws -> Void
    ) throws {
        let operations = 1 + generator.below(operations)
        let isInOpening = generator.oneIn(4)
        let work = Life(
            world: simulation.world,
            disk: simulation.disk,
            operations: isInOpening ? nil : operations
        )
        simulation.disk.cutPower(afterOperations: isInOpening ? operations : .max)
        let life = simulation.startTask { try await body(work) }
        do {
            try simulation.run(until: { simulation.disk.isPowerCut || life.isFinished })
        } catch {
            throw Failure("nothing goes on any more: \(error)")
        }
        if case .failure(let error) = life.result {
            guard simulation.disk.isPowerCut, !(error is Failure) else { throw error }
        }
        work.end.come()
        let modes = CrashMode.allCases
        simulation.crash(modes[generator.below(modes.count)], leftovers: .runIntoErrors)
        counts.cuts += 1
    }

    /// Runs one more life, whose power does not fail.
    mutating func end<Answer: Sendable>(
        _ body: @escaping @Sendable (World) async throws -> Answer
    ) throws -> Answer {
        let world = simulation.world
        simulation.disk.cutPower(afterOperations: .max)
        let answer = try simulation.runTask { try await body(world) }
        counts.diskOperations = simulation.disk.operationCount
        return answer
    }

    /// Calls of one client in one life: `usual`, or what there is left of them.
    func limit(_ usual: Int) -> Int { min(usual, omissions.callLimit ?? .max) }
}

extension World {
    /// Waits for some of the simulated time, a little at a time: who is cut off by a crash ends soon.
    ///
    /// - Throws: `LifeEnd.Passed`.
    func pause(milliseconds: Int64, in life: LifeEnd) async throws {
        let last = time.wallMilliseconds + milliseconds
        while time.wallMilliseconds < last {
            await pause(milliseconds: min(1_000, last - time.wallMilliseconds))
            try await life.hear {}
        }
    }

    /// Waits for some of the simulated time.
    func pause(milliseconds: Int64) async {
        await withCheckedContinuation { continuation in
            scheduler.schedule(.timer, after: .milliseconds(milliseconds)) {
                continuation.resume()
            }
        }
    }
}
