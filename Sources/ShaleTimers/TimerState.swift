internal import ShaleItems
internal import ShalePlatform

/// One owner: its window, and how many timers it is being told of.
struct TimerOwner {
    let handler: Timers.Handler
    let sideBySide: Int
    var window = TimerWindow()
    /// Timers that it was told of and has not answered.
    var running = 0
    /// No reading before then, in milliseconds of the wall clock: the last one has failed.
    var readsFrom: Int64 = 0

    /// Takes what is to be told now.
    mutating func take(at now: Int64) -> [Timer] {
        let due = window.take(at: now, most: sideBySide - running)
        running += due.count
        return due
    }

    /// When something is to be done unless something happens before; nil is never.
    func next(after now: Int64) -> Int64? {
        let due = running < sideBySide ? window.next : nil
        let reading = window.needsReading ? readsFrom : nil
        return [due, reading].compactMap { $0 }.min().map { max($0, now) }
    }
}

/// All that changes of timers: what is in memory, what runs, until when nothing is to be done.
///
/// It does nothing by itself: it says what is to be done.
struct TimerState {
    /// What is to be done now.
    struct Work {
        var due: [Timer] = []
        /// Owners of which more is to be read, and from which sort key on.
        var readings: [(owner: String, from: String?)] = []
        /// A pause to begin: its number, and how many milliseconds it takes.
        var pause: (number: UInt64, milliseconds: Int64)?
    }

    var owners: [String: TimerOwner] = [:]
    /// Answered, and still in the table.
    var fired: [Timer.Name] = []
    var isDeleting = false
    var readings = 0
    var isStopped = false
    /// Waiting for all that runs to end.
    var stopping: [CheckedContinuation<Void, Never>] = []
    /// The pause that counts ends then, on the wall clock; nil where there is none.
    private var pausesUntil: Int64?
    private var pauseNumber: UInt64 = 0

    /// Takes what is to be done, and notes that it is done.
    mutating func work(at now: Int64) -> Work {
        var work = Work()
        guard !isStopped else { return work }
        var soonest: Int64?
        for name in owners.keys.sorted() {
            work.due += owners[name]?.take(at: now) ?? []
            if let owner = owners[name], owner.window.needsReading, owner.readsFrom <= now {
                work.readings.append((name, owners[name]?.window.beginReading() ?? nil))
                readings += 1
            }
            soonest = [soonest, owners[name]?.next(after: now)].compactMap { $0 }.min()
        }
        work.due.sort { $0.name.due < $1.name.due }
        if let soonest { work.pause = pause(until: soonest, now) }
        return work
    }

    /// Begins a pause, unless one that ends as soon has begun.
    private mutating func pause(
        until time: Int64,
        _ now: Int64
    ) -> (number: UInt64, milliseconds: Int64)? {
        // No longer than that: the time of day may jump.
        let end = min(time, now + TimerLimits.longestPauseMilliseconds)
        if let pausesUntil, pausesUntil <= end, pausesUntil >= now { return nil }
        pausesUntil = end
        pauseNumber += 1
        return (pauseNumber, end - now)
    }

    /// Ends a pause; one that another has replaced is none.
    mutating func wake(_ number: UInt64) {
        if number == pauseNumber { pausesUntil = nil }
    }

    /// Those who wait for the end, if it has come.
    mutating func takeStopping() -> [CheckedContinuation<Void, Never>] {
        let isIdle =
            !isDeleting && readings == 0 && owners.values.allSatisfy { $0.running == 0 }
        guard isIdle else { return [] }
        defer { stopping = [] }
        return stopping
    }
}
