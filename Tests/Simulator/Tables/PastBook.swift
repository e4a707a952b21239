internal import ShaleItems
internal import Synchronization

/// Moments of the past to which tables must be able to go back, across crashes, and what they may hold there.
final class PastBook: Sendable {
    /// One moment of one table.
    struct Moment: Sendable {
        var table: String
        var milliseconds: Int64
        /// For each client, in the order of the histories: its items in the table after any of the changes that may have
        /// been its last.
        var allowed: [[[ItemKey: Item]]]
    }

    /// More are forgotten, the oldest first.
    private static let most = 6

    private struct State {
        var moments: [Moment] = []
        /// How many of them are of this life.
        var fresh = 0
        var readCount = 0
    }

    private let state = Mutex(State())

    func add(_ moment: Moment) {
        state.withLock { state in
            state.moments.append(moment)
            state.fresh += 1
            if state.moments.count > Self.most { state.moments.removeFirst() }
        }
    }

    /// All moments, the oldest first.
    var all: [Moment] { state.withLock { $0.moments } }

    /// How often a table went back to one.
    var readCount: Int { state.withLock { $0.readCount } }

    /// A table was at that moment what it may be.
    func noteRead() { state.withLock { $0.readCount += 1 } }

    /// One of the moments.
    func pick(_ choose: (Int) -> Int) -> Moment? {
        state.withLock { state in
            state.moments.isEmpty ? nil : state.moments[choose(state.moments.count)]
        }
    }

    /// A life has ended: if what it wrote may be lost, so may its past.
    func endLife(isKept: Bool) {
        state.withLock { state in
            if !isKept { state.moments.removeLast(min(state.fresh, state.moments.count)) }
            state.fresh = 0
        }
    }
}

extension ClientHistory {
    /// The items of a table after each of some prefixes of the changes, none of which ends inside of a transaction.
    func states(of table: String, from least: Int, through most: Int) -> [[ItemKey: Item]] {
        let (base, steps) = baseAndSteps
        var current = base
        var states: [[ItemKey: Item]] = []
        for length in 0...min(most, steps.count) {
            if length > 0 { current.apply(steps[length - 1].change) }
            let isInside = length > 0 && steps[length - 1].isJoined
            guard length >= min(least, steps.count), !isInside else { continue }
            states.append(current.items.filter { $0.key.table == table })
        }
        return states
    }
}
