internal import Synchronization

/// What was promised of schedules, and what they started.
final class ScheduleBook: Sendable {
    /// When a schedule is due.
    enum Kind: Sendable, Equatable {
        /// Once, at a time: milliseconds.
        case once(Int64)
        /// At once and each minute from then on.
        case eachMinute
    }

    /// One start of a target.
    struct Start: Sendable, Equatable {
        var schedule: String
        /// The time for which it was, as the schedule's input says it.
        var scheduled: String
        /// When it was: wall clock, milliseconds.
        var at: Int64
    }

    private struct Entry {
        var kind: Kind
        /// When it was asked for.
        var asked: Int64
        /// Whether it was acknowledged that it is there.
        var isThere = false
        /// Asked for; it may be gone or not.
        var mayBeDeleted = false
        /// When it was acknowledged that it is gone.
        var deletedAt: Int64?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// When a database was opened: what was due before that may have been missed.
        var openings: [Int64] = []
    }

    private let state = Mutex(State())

    /// By so many milliseconds a start may be late while a server runs.
    ///
    /// Its target refuses twice in a row, at most, and twice more in the life behind a crash, across which attempts are
    /// counted on: pauses of 1, 2, 4 and 8 seconds.
    private static let slack: Int64 = 15_500
    private static let minute: Int64 = 60_000

    func opened(at now: Int64) { state.withLock { $0.openings.append(now) } }

    func begin(_ name: String, _ kind: Kind, at now: Int64) {
        state.withLock { $0.entries[name] = Entry(kind: kind, asked: now) }
    }

    func acknowledge(_ name: String) { state.withLock { $0.entries[name]?.isThere = true } }

    func beginDeleting(_ name: String) { state.withLock { $0.entries[name]?.mayBeDeleted = true } }

    func acknowledgeDeleting(_ name: String, at now: Int64) {
        state.withLock { $0.entries[name]?.deletedAt = now }
    }

    /// Those that are there and not asked to go, in the order of their names.
    var present: [String] {
        state.withLock { state in
            state.entries.filter { $0.value.isThere && !$0.value.mayBeDeleted }.keys.sorted()
        }
    }

    /// Compares what was started with what was promised, when a server has run for more than a minute behind all times.
    func check(_ starts: [Start], at now: Int64) throws(Failure) {
        let (entries, openings) = state.withLock { ($0.entries, $0.openings) }
        let found = Dictionary(grouping: starts, by: \.schedule)
        if let name = found.keys.sorted().first(where: { entries[$0] == nil }) {
            throw Failure("\(name) has started something, and nobody made it")
        }
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let times = (found[name] ?? []).sorted { $0.at < $1.at }
            guard Set(times.map(\.scheduled)).count == times.count else {
                throw Failure("\(name) has started twice for one time: \(times.map(\.scheduled))")
            }
            if let deletedAt = entry.deletedAt, let late = times.last(where: { $0.at > deletedAt })
            {
                throw Failure("\(name) has started at \(late.at), and was deleted at \(deletedAt)")
            }
            switch entry.kind {
            case .once(let due): try Self.checkOnce(name, entry, due, times)
            case .eachMinute:
                let past = times.map(\.at).filter { $0 <= now }
                try Self.checkMinutes(name, entry, past, openings, now)
            }
        }
    }

    private static func checkOnce(
        _ name: String,
        _ entry: Entry,
        _ due: Int64,
        _ starts: [Start]
    ) throws(Failure) {
        if let early = starts.first(where: { $0.at < due }) {
            throw Failure("\(name) has started \(due - early.at) ms before its time")
        }
        let isPromised = entry.isThere && !entry.mayBeDeleted
        guard starts.count <= 1, !isPromised || starts.count == 1 else {
            throw Failure("\(name), which is due once, has started \(starts.count) times")
        }
    }

    /// Each start comes a minute behind the one before, or when a database is opened behind that.
    private static func checkMinutes(
        _ name: String,
        _ entry: Entry,
        _ starts: [Int64],
        _ openings: [Int64],
        _ now: Int64
    ) throws(Failure) {
        guard entry.isThere else { return }
        let last = entry.mayBeDeleted ? [] : [now]
        // The first is due at once.
        let due = [entry.asked] + starts.map { $0 + minute }
        for (due, time) in zip(due, starts + last) {
            let opening = openings.last { $0 <= time } ?? due
            guard time <= max(due, opening) + slack else {
                throw Failure("\(name) was due at \(due), and has started nothing until \(time)")
            }
        }
    }
}
