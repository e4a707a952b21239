internal import Synchronization
internal import ShaleTimers

/// What was promised of timers, and what their owner was told.
final class TimerBook: Sendable {
    private struct Entry {
        var timer: Timer
        /// Whether it was acknowledged that it is set.
        var isSet = false
        /// Asked for; it may still be told.
        var mayBeCancelled = false
        /// When it was acknowledged that it is cancelled: wall clock, milliseconds.
        var cancelledAt: Int64?
        var tellings = 0
        /// In the life that goes on.
        var tellingsInLife = 0
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var problem: String?
    }

    private let state = Mutex(State())

    /// A number for the next one.
    var count: Int { state.withLock { $0.entries.count } }

    func begin(_ timers: [Timer]) {
        state.withLock { state in
            for timer in timers { state.entries[timer.name.id] = Entry(timer: timer) }
        }
    }

    func acknowledge(_ timers: [Timer]) {
        state.withLock { state in
            for timer in timers { state.entries[timer.name.id]?.isSet = true }
        }
    }

    /// Those that are set and not due before some time, in the order of their names.
    func pending(from milliseconds: Int64) -> [Timer.Name] {
        state.withLock { state in
            state.entries.values.filter { entry in
                entry.isSet && !entry.mayBeCancelled && entry.timer.name.due >= milliseconds
                    && entry.tellings == 0
            }
            .map(\.timer.name).sorted { $0.id < $1.id }
        }
    }

    func beginCancelling(_ name: Timer.Name) {
        state.withLock { $0.entries[name.id]?.mayBeCancelled = true }
    }

    func acknowledgeCancelling(_ name: Timer.Name, at now: Int64) {
        state.withLock { $0.entries[name.id]?.cancelledAt = now }
    }

    /// The owner was told.
    func told(_ timer: Timer, at now: Int64) {
        state.withLock { state in
            let id = timer.name.id
            guard var entry = state.entries[id] else {
                state.problem = "\(id) was told, and nobody set it"
                return
            }
            entry.tellings += 1
            entry.tellingsInLife += 1
            state.entries[id] = entry
            if timer != entry.timer {
                state.problem = "\(id) is \(timer), not \(entry.timer)"
            } else if now < timer.name.due {
                state.problem = "\(id) was told \(timer.name.due - now) ms before its time"
            } else if entry.tellingsInLife > 1 {
                state.problem = "\(id) was told twice in one life"
            } else if let cancelled = entry.cancelledAt, cancelled < timer.name.due {
                state.problem = "\(id) was told after it had been cancelled"
            }
        }
    }

    func endLife() {
        state.withLock { state in
            for id in state.entries.keys { state.entries[id]?.tellingsInLife = 0 }
        }
    }

    /// What was told wrongly.
    func check() throws(Failure) {
        if let problem = state.withLock({ $0.problem }) { throw Failure(problem) }
    }

    /// All that were set were told, when all are due.
    func checkEnd() throws(Failure) {
        try check()
        let forgotten = state.withLock { state in
            state.entries.values.filter { $0.isSet && !$0.mayBeCancelled && $0.tellings == 0 }
        }
        if let id = forgotten.map(\.timer.name.id).min() {
            throw Failure("\(id), which was set, was never told; so were \(forgotten.count)")
        }
    }
}
