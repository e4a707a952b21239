package import ShaleLogs
package import ShalePlatform
internal import Synchronization

/// Keeps the lines of functions in the logs of the database: a group for each function, a stream for each environment.
///
/// Those of executions, too.
///
/// Lines are taken without waiting and written some 50 ms behind, many together. What comes faster than it can be written is let go
/// of beyond a bound, and how much that was is told in the stream.
package final class StoredLog: FunctionLog {
    private struct Place: Hashable {
        var group: String
        var stream: String
    }

    private struct Waiting {
        var lines: [(milliseconds: Int64, text: String)] = []
        var bytes = 0
        var dropped = 0
    }

    private struct State {
        var waiting: [Place: Waiting] = [:]
        var bytes = 0
        /// Whoever waits until all that was taken is written.
        var flushes: [CheckedContinuation<Void, Never>] = []
        var phase = Phase.resting
    }

    private enum Phase {
        /// Nothing waits.
        case resting
        /// What waits is going to be written in a moment.
        case gathering
        case writing
    }

    /// How long lines gather.
    ///
    /// A write of its own for each would cost as much as the invocation it tells of.
    private static let delay = Duration.milliseconds(50)

    /// Whether a group that is not there is made.
    package enum Groups: Sendable {
        case made
        /// Lines of a group that somebody has deleted are let go of, and told.
        case required
    }

    private let logs: Logs
    private let groups: Groups
    private let world: World
    private let onFailure: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let known = Mutex<Set<Place>>([])

    /// A log over those of a database.
    ///
    /// - Parameters:
    ///   - logs: Where lines are kept.
    ///   - groups: Whether groups are made.
    ///   - world: Where tasks run.
    ///   - onFailure: Is told why lines could not be kept.
    package init(
        _ logs: Logs,
        groups: Groups = .made,
        world: World,
        onFailure: @escaping @Sendable (String) -> Void
    ) {
        self.logs = logs
        self.groups = groups
        self.world = world
        self.onFailure = onFailure
        logs.whenRead { [weak self] in await self?.flush() }
    }

    /// Takes a line.
    package func write(_ line: FunctionLine) {
        let place = Place(group: line.group, stream: line.stream)
        let size = line.text.utf8.count + LogsLimits.lineOverheadBytes
        let begins = state.withLock { state in
            if state.bytes + size > FunctionLimits.waitingLogBytes {
                state.waiting[place, default: Waiting()].dropped += 1
            } else {
                state.waiting[place, default: Waiting()].lines.append(
                    (line.milliseconds, line.text)
                )
                state.waiting[place]?.bytes += size
                state.bytes += size
            }
            guard state.phase == .resting else { return false }
            state.phase = .gathering
            return true
        }
        guard begins else { return }
        world.scheduler.schedule(.housekeeping, after: Self.delay) { self.begin() }
    }

    /// Begins to write what has gathered, if nobody has.
    private func begin() {
        let begins = state.withLock { state in
            guard state.phase == .gathering else { return false }
            state.phase = .writing
            return true
        }
        guard begins else { return }
        Task(executorPreference: world.scheduler.taskExecutor) { await self.writeAll() }
    }

    /// Waits until what was taken so far is written, or could not be.
    package func flush() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                guard state.phase != .resting else { return true }
                state.flushes.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
            begin()
        }
    }

    private func writeAll() async {
        while true {
            let (taken, flushes) = state.withLock { state in
                let taken = state.waiting
                state.waiting = [:]
                state.bytes = 0
                guard taken.isEmpty else { return (taken, [CheckedContinuation<Void, Never>]()) }
                state.phase = .resting
                let flushes = state.flushes
                state.flushes = []
                return (taken, flushes)
            }
            for flush in flushes { flush.resume() }
            if taken.isEmpty { return }
            for (place, waiting) in taken { await write(waiting, to: place) }
        }
    }

    private func write(_ waiting: Waiting, to place: Place) async {
        var lines = waiting.lines
        if waiting.dropped > 0 {
            let text =
                "\(waiting.dropped) lines were let go of: they came faster than they are kept."
            lines.append((world.time.wallMilliseconds, text))
        }
        do throws(LogsError) {
            try await makeSure(of: place)
            for batch in Self.batches(lines) {
                do throws(LogsError) {
                    try await logs.append(batch, to: place.stream, in: place.group)
                } catch  where error.code == .notFound {
                    // Somebody deleted the group or the stream.
                    _ = known.withLock { $0.remove(place) }
                    try await makeSure(of: place)
                    try await logs.append(batch, to: place.stream, in: place.group)
                }
            }
        } catch {
            onFailure("lines of \(place.group) could not be kept: \(error.message)")
        }
    }

    private func makeSure(of place: Place) async throws(LogsError) {
        if known.withLock({ $0.contains(place) }) { return }
        if groups == .made {
            do throws(LogsError) {
                try await logs.createGroup(place.group)
            } catch  where error.code == .alreadyExists {}
        }
        do throws(LogsError) {
            try await logs.createStream(place.stream, in: place.group)
        } catch  where error.code == .alreadyExists {}
        known.withLock { known in
            // Streams of environments that have ended are never asked for again.
            if known.count >= FunctionLimits.knownStreams { known.removeAll() }
            known.insert(place)
        }
    }

    /// Lines in as many calls as they need.
    private static func batches(
        _ lines: [(milliseconds: Int64, text: String)]
    ) -> [[(milliseconds: Int64, text: String)]] {
        var batches: [[(milliseconds: Int64, text: String)]] = []
        var batch: [(milliseconds: Int64, text: String)] = []
        var bytes = 0
        for line in lines {
            let size = line.text.utf8.count + LogsLimits.lineOverheadBytes
            if bytes + size > LogsLimits.writeSizeBytes || batch.count == LogsLimits.linesPerWrite {
                batches.append(batch)
                batch = []
                bytes = 0
            }
            batch.append(line)
            bytes += size
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }
}
