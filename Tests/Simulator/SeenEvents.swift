internal import ShaleEngine
internal import Synchronization

/// Counts what engines tell of themselves, so that a run shows that what it is about has happened.
final class SeenEvents: Sendable {
    private let counts = Mutex(RunCounts())

    @Sendable
    func note(_ event: EngineEvent) {
        counts.withLock { counts in
            switch event {
            case .logMoved: counts.logMoves += 1
            case .logFailed: counts.logFailures += 1
            case .diskFull: counts.fullDisks += 1
            case .diskHasSpace: counts.resumptions += 1
            default: break
            }
        }
    }

    func add(to other: inout RunCounts) { other.add(counts.withLock { $0 }) }
}
