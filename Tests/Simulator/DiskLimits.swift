internal import ShaleEngine
internal import ShalePlatform
internal import Simulation
internal import Synchronization

/// What is wrong with a disk for longer than one operation: it is full, it fails, it is slow.
///
/// It has a generator of its own, so that what it draws changes nothing else of a seed.
final class DiskLimits: Sendable {
    enum Kind: Sendable, CaseIterable {
        case none, full, failing, slow, failingLog
    }

    private struct State {
        var generator: SimulatedGenerator
        /// When there was space again.
        var spaceSince: UInt64?
        /// Which time of a full disk it is.
        var turn = 0
        /// No life is under way, only what one has left.
        var isOver = false
    }

    /// After so long with space writes must be taken again.
    private static let resumeNanoseconds: UInt64 = 5_000_000_000
    private static let pause = Duration.milliseconds(200)

    private let kind: Kind
    private let simulation: SimulatedWorld
    private let state: Mutex<State>

    init(_ kind: Kind, _ simulation: SimulatedWorld, seed: UInt64) {
        self.kind = kind
        self.simulation = simulation
        state = Mutex(State(generator: SimulatedGenerator(seed: seed, stream: 78)))
    }

    /// What a life must reckon with.
    struct Outlook {
        /// Calls may fail.
        var mayFail = false
        /// A failed sync may forget what was written.
        var mayForget = false
    }

    /// A life begins.
    func begin() -> Outlook {
        state.withLock { $0.isOver = false }
        switch kind {
        case .none: return Outlook()
        case .full:
            fill()
            return Outlook()
        case .failing:
            guard state.withLock({ $0.generator.oneIn(2) }) else { return Outlook() }
            simulation.disk.inject(fault(.fail(.inputOutput)))
            return Outlook(mayFail: true)
        case .slow:
            let nanoseconds = state.withLock { 1_000_000 * UInt64($0.generator.below(400)) }
            simulation.disk.inject(fault(.slow(nanoseconds: nanoseconds)))
            return Outlook()
        case .failingLog:
            for fault in logFaults() { simulation.disk.inject(fault) }
            return Outlook(mayFail: true, mayForget: true)
        }
    }

    /// Writes and syncs of the log, some that fail once.
    private func logFaults() -> [DiskFault] {
        state.withLock { state in
            (0..<(1 + state.generator.below(3))).map { _ in
                let effects: [DiskFault.Effect] = [
                    .fail(.inputOutput), .failAndForget, .failYetArrive,
                ]
                let effect = effects[state.generator.below(effects.count)]
                let isWrite = effect == .fail(.inputOutput) && state.generator.oneIn(2)
                return DiskFault(
                    isWrite ? .write : .sync,
                    path: ".log",
                    nth: 1 + state.generator.below(40),
                    effect: effect
                )
            }
        }
    }

    /// From some operation on, all that are alike.
    private func fault(_ effect: DiskFault.Effect) -> DiskFault {
        state.withLock { state in
            let operations = DiskFault.Operation.allCases
            return DiskFault(
                operations[state.generator.below(operations.count)],
                path: ["", ".log", ".run", "MANIFEST"][state.generator.below(4)],
                nth: 1 + state.generator.below(60),
                repeats: true,
                effect: effect
            )
        }
    }

    /// Little space from now on, and enough of it some seconds later.
    private func fill() {
        let used = simulation.disk.usedBytes
        let (capacity, seconds, turn) = state.withLock { state -> (Int, Int, Int) in
            state.spaceSince = nil
            state.turn += 1
            let sizes = [1 << 13, 1 << 16, 1 << 19, 1 << 21]
            let free = state.generator.below(sizes[state.generator.below(sizes.count)])
            return (used + free, 1 + state.generator.below(10), state.turn)
        }
        simulation.disk.setCapacity(bytes: capacity)
        simulation.scheduler.schedule(.housekeeping, after: .seconds(seconds)) { [weak self] in
            guard let self, state.withLock({ $0.turn == turn }) else { return }
            stop()
        }
    }

    /// The disk has all the space there is.
    func stop() {
        guard kind == .full, simulation.disk.capacityBytes != nil else { return }
        simulation.disk.setCapacity(bytes: nil)
        let now = simulation.time.monotonicNanoseconds
        state.withLock { $0.spaceSince = now }
    }

    /// A life is about to end.
    func expectEnd() { state.withLock { $0.isOver = true } }

    /// A life is over; what comes next may still find a full disk.
    func end() {
        let isOver = state.withLock { state in
            state.turn += 1
            return kind == .full && state.generator.oneIn(2)
        }
        if isOver { stop() }
    }

    /// Whether a life may end with this error.
    func explain(_ error: any Error) -> Bool {
        kind == .full && (error as? EngineError)?.code == .diskFull
    }

    /// Makes space if that is what an opening has failed for.
    func makeSpace(after error: any Error) -> Bool {
        guard explain(error), simulation.disk.capacityBytes != nil else { return false }
        stop()
        return true
    }

    /// Lets time pass after an error of a full disk; throws all others, and that one when there has been space
    /// for long.
    func wait(after error: EngineError) async throws {
        let isOver = state.withLock { $0.isOver } || simulation.disk.isPowerCut
        guard explain(error), !isOver else { throw error }
        let now = simulation.time.monotonicNanoseconds
        if let since = state.withLock({ $0.spaceSince }), now > since + Self.resumeNanoseconds {
            throw Failure("there has been space for 5 s, and still: \(error)")
        }
        let scheduler = simulation.scheduler
        await withCheckedContinuation { continuation in
            scheduler.schedule(.read, after: Self.pause) { continuation.resume() }
        }
    }
}
