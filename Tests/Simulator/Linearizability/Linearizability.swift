/// Whether a history of concurrent calls could have come from one thing that does them one after the other.
///
/// Wing and Gong's search with Lowe's memory: calls are put in an order in which each lies between its beginning
/// and its end and answers what the model answers there. Calls without an end may have happened or not. A set of
/// calls that were put in order and the state they led to are tried once.
///
///     let problem = Linearizability.problem(of: calls, from: nil) { state, call in … }
public enum Linearizability {
    /// One call: when it began, when it answered (nil if it never did), and what it was.
    public struct Call<Content: Sendable>: Sendable {
        /// Moments of one counter, each used once.
        public var begin: Int
        /// Nil where no answer came: the call may have happened at any time after its beginning, or never.
        public var end: Int?
        /// What was asked and answered.
        public var content: Content
        /// The beginnings of calls that come before this one in the order, whatever their moments say.
        public var follows: [Int]

        /// Puts a call together.
        public init(begin: Int, end: Int?, _ content: Content, follows: [Int] = []) {
            self.begin = begin
            self.end = end
            self.content = content
            self.follows = follows
        }
    }

    /// Looks for an order.
    ///
    /// - Parameters:
    ///   - calls: in any order.
    ///   - initial: the state before all of them.
    ///   - step: the state after a call, or nil where its answer is not the one of this state. Of a call
    ///     without an end there is no answer to compare.
    /// - Returns: nil where there is an order; otherwise how many calls could be put in order at most, and which
    ///   one of those that are left has the earliest end: its answer fits nowhere.
    public static func problem<State: Hashable, Content>(
        of calls: [Call<Content>],
        from initial: State,
        _ step: (State, Content) -> State?
    ) -> (ordered: Int, stuck: Content)? {
        let sorted = calls.sorted { $0.begin < $1.begin }
        var search = Search<State, Content>(calls: sorted, initial: initial)
        return search.run(step)
    }
}

/// A search in depth, without recursion: histories are longer than stacks are deep.
private struct Search<State: Hashable, Content: Sendable> {
    private struct Place: Hashable {
        var done: [UInt64]
        var state: State
    }

    private struct Frame {
        var place: Place
        var count: Int
        var candidates: [Int]
    }

    private let calls: [Linearizability.Call<Content>]
    private let needed: Int
    /// Of each call, the places of those that it follows.
    private let followed: [[Int]]
    private let initial: State
    private var seen: Set<Place> = []
    private var best: (ordered: Int, stuck: Int)?

    init(calls: [Linearizability.Call<Content>], initial: State) {
        self.calls = calls
        self.initial = initial
        needed = calls.count { $0.end != nil }
        let places = Dictionary(calls.enumerated().map { ($1.begin, $0) }) { first, _ in first }
        followed = calls.map { call in call.follows.compactMap { places[$0] } }
    }

    mutating func run(
        _ step: (State, Content) -> State?
    ) -> (ordered: Int, stuck: Content)? {
        let words = [UInt64](repeating: 0, count: (calls.count + 63) / 64)
        var stack = [frame(Place(done: words, state: initial), count: 0)]
        while var top = stack.popLast() {
            if top.count == needed { return nil }
            guard let index = top.candidates.popLast() else { continue }
            stack.append(top)
            guard let state = step(top.place.state, calls[index].content) else { continue }
            var place = top.place
            place.state = state
            place.done[index / 64] |= 1 << UInt64(index % 64)
            guard seen.insert(place).inserted else { continue }
            stack.append(frame(place, count: top.count + (calls[index].end == nil ? 0 : 1)))
        }
        return best.map { ($0.ordered, calls[$0.stuck].content) }
    }

    /// Who can be next: every call that began before the earliest end of those that are left.
    private mutating func frame(_ place: Place, count: Int) -> Frame {
        func isDone(_ index: Int) -> Bool {
            place.done[index / 64] & 1 << UInt64(index % 64) != 0
        }
        var candidates: [Int] = []
        var earliest = Int.max
        var stuck: Int?
        for index in calls.indices where !isDone(index) {
            // They are in the order of their beginnings.
            guard calls[index].begin < earliest else { break }
            candidates.append(index)
            if let end = calls[index].end, end < earliest {
                earliest = end
                stuck = index
            }
        }
        candidates.removeAll { index in
            calls[index].begin > earliest || !followed[index].allSatisfy(isDone)
        }
        if let stuck, count >= (best?.ordered ?? 0) { best = (count, stuck) }
        // The last is tried first: calls that ended come before those that never did.
        candidates.sort { (calls[$0].end ?? .max) > (calls[$1].end ?? .max) }
        return Frame(place: place, count: count, candidates: candidates)
    }
}
