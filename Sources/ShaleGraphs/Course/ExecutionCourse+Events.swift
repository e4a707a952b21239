package import ShaleJSON

extension ExecutionCourse {
    /// What the events of a history say, in the order of their numbers.
    ///
    /// - Parameters:
    ///   - graph: The machine that the execution began with.
    ///   - events: As GetExecutionHistory tells them.
    package init(_ graph: StateGraph, events: [JSONValue]) {
        var reader = CourseReader(graph)
        for event in events {
            if let event = CourseEvent(event) { reader.read(event) }
        }
        self = reader.course
        settle(hasEnded: reader.hasEnded)
    }

    /// Notes that a visit led to another.
    mutating func take(from visit: Int, to next: Int) {
        visits[visit].next = next
        let (from, to) = (visits[visit].state, visits[next].state)
        let ways = graph.transitions.indices.filter {
            graph.transitions[$0].from == from && graph.transitions[$0].to == to
        }
        let isCaught = visits[visit].outcome == .caught
        let way = ways.first { (graph.transitions[$0].kind == .caught) == isCaught } ?? ways.first
        guard let way else { return }
        taken[way] += 1
        // A failure that no event tells, as data that does not fit.
        if graph.transitions[way].kind == .caught { visits[visit].outcome = .caught }
    }

    mutating func beginAttempt(_ visit: Int, at time: Int64) {
        endAttempt(visit, .failed, at: time)
        visits[visit].forgetFailure()
        visits[visit].attempts.append(Attempt(started: time))
    }

    /// Ends the attempt that is under way, if there is one.
    mutating func endAttempt(_ visit: Int, _ outcome: Outcome, at time: Int64) {
        let last = visits[visit].attempts.count - 1
        guard last >= 0, visits[visit].attempts[last].ended == nil else { return }
        visits[visit].attempts[last].ended = time
        visits[visit].attempts[last].outcome = outcome
        if outcome == .failed {
            visits[visit].attempts[last].error = visits[visit].error
            visits[visit].attempts[last].cause = visits[visit].cause
        }
    }

    /// Notes that a Parallel or Map failed, for the reason of what failed in it last.
    mutating func failFork(_ visit: Int, at time: Int64) {
        let inner = visits.last { $0.container?.visit == visit && $0.error != nil }
        visits[visit].hasFailed = true
        visits[visit].error = visits[visit].error ?? inner?.error
        visits[visit].cause = visits[visit].cause ?? inner?.cause
        visits[visit].lastSeen = max(visits[visit].lastSeen, time)
        endAttempt(visit, .failed, at: time)
    }

    /// Decides what is open in a Parallel or Map that is over or begins anew: it failed, or was given up.
    mutating func closeInside(_ visit: Int) {
        for index in visits.indices
        where visits[index].container?.visit == visit && visits[index].outcome == .running {
            visits[index].outcome = isFailed(visits[index]) ? .failed : .aborted
            closeInside(index)
        }
    }

    /// Decides what is open at the end of the history.
    private mutating func settle(hasEnded: Bool) {
        for index in visits.indices where visits[index].outcome == .running {
            let isFailed = isFailed(visits[index])
            if hasEnded {
                visits[index].outcome = isFailed ? .failed : .aborted
            } else if visits[index].isAborted {
                visits[index].outcome = .aborted
            } else if let container = visits[index].container, isFailed,
                visits[container.visit].hasFailed
            {
                visits[index].outcome = .failed
            }
        }
    }

    private func isFailed(_ visit: Visit) -> Bool {
        visit.hasFailed || graph.states[visit.state].kind == "Fail"
    }
}

extension ExecutionCourse.Visit {
    /// For another attempt, or a redrive: the failure was not the last word.
    mutating func forgetFailure() {
        hasFailed = false
        error = nil
        cause = nil
    }
}
