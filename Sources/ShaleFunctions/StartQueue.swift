/// Which invocations may start an environment now, and which wait: for that, or for an environment that another gives back.
///
/// A machine that is to start a thousand processes at once starts none of them in its time, as after a crash, when all
/// executions that were under way call their functions again. So a few initialise at a time, and the others wait. Those who wait
/// have their turns by function, version and revision, and in each of these in the order in which they came: what starts
/// badly delays others by a turn.
///
/// - Invariant: Nobody waits while another may start.
struct StartQueue<Waiter> {
    private let limit: Int
    private(set) var starting = 0
    /// Present as long as somebody waits.
    private var waiting: [String: [Waiter]] = [:]
    /// The keys of `waiting`, the next first.
    private var turns: [String] = []

    /// So many start at a time.
    init(limit: Int) { self.limit = limit }

    /// How many wait.
    var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// Whether one may start now; then it is counted until `end`.
    mutating func begin() -> Bool {
        guard starting < limit else { return false }
        starting += 1
        return true
    }

    /// Has somebody wait.
    mutating func wait(_ waiter: Waiter, for key: String) {
        if waiting[key] == nil { turns.append(key) }
        waiting[key, default: []].append(waiter)
    }

    /// Who has waited longest for an environment of a kind, which is there now.
    mutating func takeWaiter(for key: String) -> Waiter? {
        guard let first = waiting[key]?.removeFirst() else { return nil }
        if waiting[key]?.isEmpty == true {
            waiting[key] = nil
            turns.removeAll { $0 == key }
        }
        return first
    }

    /// A start is over; answers who starts in its place.
    mutating func end() -> Waiter? {
        guard let key = turns.first, let next = takeWaiter(for: key) else {
            starting -= 1
            return nil
        }
        if waiting[key] != nil { turns.append(turns.removeFirst()) }
        return next
    }
}
