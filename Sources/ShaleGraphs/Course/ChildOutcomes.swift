/// What the child executions of distributed Maps did, added up: in how many of them a state had which outcome.
///
/// Each execution counts once for each state that it entered, with the worst of its visits there.
package struct ChildOutcomes: Sendable {
    /// How many executions were read of how many that there are, of the runs of one Map.
    package struct Share: Sendable, Equatable {
        package internal(set) var read = 0
        package internal(set) var total = 0
    }

    /// Executions by the state's number.
    private var counts: [Int: [Outcome: Int]] = [:]
    /// The states that executions ended with well.
    private(set) var ends: Set<Int> = []
    /// By the numbers of the Maps.
    private(set) var shares: [Int: Share] = [:]

    /// Of several executions, the outcome that a state is told with comes first here: a failure is seen, however few failed.
    private static let bySeverity: [Outcome] = [
        .failed, .running, .aborted, .caught, .succeeded,
    ]

    /// Executions that entered a state by what became of it there; those that are none are left out.
    func counts(of state: Int) -> [(outcome: Outcome, count: Int)] {
        let counts = counts[state] ?? [:]
        return Outcome.allCases.compactMap { outcome in counts[outcome].map { (outcome, $0) } }
    }

    /// What is told of a state; nil where no execution entered it.
    func outcome(of state: Int) -> Outcome? {
        guard let counts = counts[state] else { return nil }
        return Self.bySeverity.first { counts[$0] != nil }
    }

    /// `9 succeeded`, `1 failed`.
    func words(of state: Int) -> [String] {
        counts(of: state).map { "\($0.count) \($0.outcome.rawValue)" }
    }

    mutating func add(_ child: ExecutionCourse) {
        for state in Set(child.visits.map(\.state)) {
            counts[state, default: [:]][child.outcome(of: state), default: 0] += 1
        }
        for visit in child.visits where visit.endsWell { ends.insert(visit.state) }
    }

    mutating func note(read: Int, of total: Int, in map: Int) {
        shares[map, default: Share()].read += read
        shares[map, default: Share()].total += total
    }
}

extension ExecutionCourse {
    /// Adds what child executions of a distributed Map did; they are courses of the same graph.
    ///
    /// - Parameters:
    ///   - children: Those that were read.
    ///   - total: How many there are.
    ///   - map: The number of the Map.
    package mutating func add(_ children: [ExecutionCourse], of total: Int, in map: Int) {
        for child in children {
            self.children.add(child)
            for (number, count) in child.taken.enumerated() { taken[number] += count }
        }
        self.children.note(read: children.count, of: total, in: map)
    }

    /// How many child executions of a Map this was told of; nil where it was told of none.
    package func share(of map: Int) -> ChildOutcomes.Share? { children.shares[map] }
}

extension ExecutionCourse.Visit {
    /// Whether its scope may have ended with it.
    var endsWell: Bool { next == nil && outcome == .succeeded }
}
