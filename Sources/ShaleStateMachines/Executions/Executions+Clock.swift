internal import ShaleStates
internal import ShaleTables
internal import ShaleTimers
internal import Synchronization

// What the driver of a virtual clock has to know of executions.

extension Executions {
    /// The next time at which an execution goes on by itself.
    package struct NextTime: Sendable, Equatable {
        /// Milliseconds since 1970.
        package var due: Int64
        /// Whether it is a limit for somebody else: a time-out or a heartbeat, and not the end of a wait.
        package var isLimit: Bool
    }

    /// When the next wait, retry, heartbeat or time-out is due, of an execution or of a state that is tested; nil where there is none.
    ///
    /// The times at which what has ended is deleted do not count, nor the year that an execution may take: one that waits for
    /// somebody is not to be over because nothing else happens. A look passes by eight such years, and finds nothing
    /// behind them.
    ///
    /// - Throws: `.failed`.
    package func nextTime() async throws(StatesError) -> NextTime? {
        let test = testWaits.withLock { $0.min() }
        guard let own = try await nextOwnTime() else {
            return test.map { NextTime(due: $0, isLimit: false) }
        }
        guard let test, test < own.due else { return own }
        return NextTime(due: test, isLimit: false)
    }

    private func nextOwnTime() async throws(StatesError) -> NextTime? {
        var years: Set<String> = []
        while years.count < Self.skippedYears {
            guard let next = try await nextTimer(but: years) else { return nil }
            guard next.isYear else { return next.time }
            years.insert(next.name)
        }
        return nil
    }

    /// How many years of executions are passed by in one look.
    private static let skippedYears = 8

    private struct NextTimer {
        var name: String
        var time: NextTime
        /// Whether it ends an execution because that may take no longer.
        var isYear = false
    }

    private func nextTimer(but passed: Set<String>) async throws(StatesError) -> NextTimer? {
        let timer = try await stored { () async throws(DatabaseError) in
            try await self.timers.next(of: LiveExecution.timerOwner) {
                Self.number(of: $0) != LiveExecution.expiryNumber && !passed.contains($0.name.id)
            }
        }
        guard let timer, let key = Self.key(of: timer), let number = Self.number(of: timer) else {
            return nil
        }
        do throws(StatesError) {
            let live = try await load(key, peeking: true)
            let isLimit = !live.state.isDelay(TimerID(number))
            return NextTimer(
                name: timer.name.id,
                time: NextTime(due: timer.name.due, isLimit: isLimit),
                isYear: !live.record.key.isExpress && live.state.isLongest(TimerID(number))
            )
        } catch {
            guard error.code == .executionDoesNotExist else { throw error }
            // A timer that was left behind: its owner forgets it when it is told.
            return NextTimer(
                name: timer.name.id,
                time: NextTime(due: timer.name.due, isLimit: false)
            )
        }
    }

    /// Whether something happens to an execution now, or a task is with somebody in this process.
    package var isBusy: Bool {
        !mailboxes.withLock { $0.isEmpty } || calls.withLock { $0.isBusy }
    }

    static func key(of timer: Timer) -> String? {
        let id = timer.name.id
        return id.lastIndex(of: "#").map { String(id[..<$0]) }
    }

    static func number(of timer: Timer) -> Int? {
        let id = timer.name.id
        return id.lastIndex(of: "#").flatMap { Int(id[id.index(after: $0)...]) }
    }
}
