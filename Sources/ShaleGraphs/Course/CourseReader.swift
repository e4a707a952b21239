internal import ShaleJSON

/// Follows the events of a history, each to the visit that it belongs to.
///
/// Every event says which one it follows. So it belongs to the visit of that event, or to a Parallel or Map
/// around it that is still open; a state is entered in the container in which its predecessor stands.
struct CourseReader {
    typealias Container = ExecutionCourse.Container

    /// Where an event belongs.
    private struct Place {
        var visit: Int?
        /// Where a state stands that is entered next.
        var inside: Container?
    }

    var course: ExecutionCourse
    private var places: [Int: Place] = [:]
    /// Whether the execution has ended, as far as the events go.
    private(set) var hasEnded = false

    init(_ graph: StateGraph) {
        course = ExecutionCourse(
            graph: graph,
            taken: Array(repeating: 0, count: graph.transitions.count)
        )
    }

    mutating func read(_ event: CourseEvent) {
        let before = places[event.previous] ?? Place()
        var place = before
        switch event.kind {
        case .entered: place = enter(event, from: before)
        case .exited: place = exit(event, from: before)
        case .evaluationFailed: place = evaluationFailed(event, from: before)
        case .forkStarted: place = startFork(event, from: before)
        case .forkEnded: place = endFork(event, from: before)
        case .iteration: place = iterate(event, from: before)
        case .mapRun: place = mapRun(event, from: before)
        case .attemptBegan, .attemptSucceeded, .attemptFailed: place = attempt(event, from: before)
        case .stateAborted: abort(event, from: before)
        case .executionEnded: endExecution(event, from: before)
        case .redriven: redrive()
        case .other: break
        }
        if let visit = place.visit {
            course.visits[visit].lastSeen = max(course.visits[visit].lastSeen, event.time)
        }
        places[event.id] = place
    }

    // MARK: States

    private mutating func enter(_ event: CourseEvent, from before: Place) -> Place {
        guard let state = event.text("name").flatMap({ course.graph.state($0) }) else {
            return before
        }
        let container = container(of: state, near: before.inside)
        let number = course.visits.count
        course.visits.append(
            ExecutionCourse.Visit(
                state: state,
                container: container,
                entered: event.time,
                lastSeen: event.time,
                input: event.text("input")
            )
        )
        if let last = before.visit, course.visits[last].exited != nil,
            course.visits[last].container == container
        {
            course.take(from: last, to: number)
        }
        return Place(visit: number, inside: container)
    }

    /// The stay of the Parallel or Map that a state stands in: the one around the event before, or else the last.
    private func container(of state: Int, near: Container?) -> Container? {
        let graph = course.graph
        let scope = graph.states[state].scope
        guard let owner = graph.scopes[scope].owner else { return nil }
        var next = near
        while let container = next {
            if course.visits[container.visit].state == owner {
                guard graph.states[owner].kind == "Parallel" else { return container }
                let branch = graph.states[owner].scopes.firstIndex(of: scope) ?? 0
                return Container(visit: container.visit, index: branch)
            }
            next = course.visits[container.visit].container
        }
        guard let last = course.visits.lastIndex(where: { $0.state == owner }) else { return nil }
        return Container(visit: last, index: 0)
    }

    private mutating func exit(_ event: CourseEvent, from before: Place) -> Place {
        let state = event.text("name").flatMap { course.graph.state($0) }
        guard let visit = openVisit(near: before.visit, where: { $0.state == state }) else {
            return before
        }
        course.visits[visit].exited = event.time
        course.visits[visit].output = event.text("output")
        course.visits[visit].outcome =
            course.visits[visit].hasFailed ? .caught : .succeeded
        course.closeInside(visit)
        return Place(visit: visit, inside: course.visits[visit].container)
    }

    private mutating func evaluationFailed(_ event: CourseEvent, from before: Place) -> Place {
        let state = event.text("state").flatMap { course.graph.state($0) }
        guard let visit = openVisit(near: before.visit, where: { $0.state == state }) else {
            return before
        }
        fail(visit, event)
        return Place(visit: visit, inside: course.visits[visit].container)
    }

    private mutating func fail(_ visit: Int, _ event: CourseEvent) {
        course.visits[visit].hasFailed = true
        course.visits[visit].error = event.text("error") ?? event.type
        course.visits[visit].cause = event.text("cause")
    }

    // MARK: Tasks

    private mutating func attempt(_ event: CourseEvent, from before: Place) -> Place {
        let states = course.graph.states
        let found = openVisit(near: before.visit) { states[$0.state].kind == "Task" }
        guard let visit = found else { return before }
        switch event.kind {
        case .attemptBegan: course.beginAttempt(visit, at: event.time)
        case .attemptSucceeded: course.endAttempt(visit, .succeeded, at: event.time)
        default:
            fail(visit, event)
            course.endAttempt(visit, .failed, at: event.time)
        }
        return Place(visit: visit, inside: course.visits[visit].container)
    }

    // MARK: Parallel and Map

    private mutating func startFork(_ event: CourseEvent, from before: Place) -> Place {
        guard let visit = openFork(event, before) else { return before }
        course.closeInside(visit)
        course.beginAttempt(visit, at: event.time)
        course.visits[visit].iterations = [:]
        return Place(visit: visit, inside: Container(visit: visit, index: 0))
    }

    private mutating func endFork(_ event: CourseEvent, from before: Place) -> Place {
        guard let visit = openFork(event, before) else { return before }
        if event.type.hasSuffix("Failed") {
            course.failFork(visit, at: event.time)
        } else {
            course.endAttempt(visit, .succeeded, at: event.time)
        }
        return Place(visit: visit, inside: course.visits[visit].container)
    }

    private func openFork(_ event: CourseEvent, _ before: Place) -> Int? {
        let (kind, states) = (event.stateKind, course.graph.states)
        return openVisit(near: before.visit) { states[$0.state].kind == kind }
    }

    private mutating func iterate(_ event: CourseEvent, from before: Place) -> Place {
        let state = event.text("name").flatMap { course.graph.state($0) }
        let index = Int(event.details["index"]?.number ?? 0)
        guard let visit = openVisit(near: before.visit, where: { $0.state == state }) else {
            return before
        }
        let outcomes: [String: Outcome] = [
            "MapIterationStarted": .running, "MapIterationSucceeded": .succeeded,
            "MapIterationFailed": .failed, "MapIterationAborted": .aborted,
        ]
        course.visits[visit].iterations[index] = outcomes[event.type] ?? .running
        return Place(visit: visit, inside: Container(visit: visit, index: index))
    }

    private mutating func mapRun(_ event: CourseEvent, from before: Place) -> Place {
        let arn = event.text("mapRunArn")
        let named = arn.flatMap { arn in course.visits.lastIndex { $0.mapRunARN == arn } }
        let states = course.graph.states
        let open = openVisit(near: before.visit) { states[$0.state].isDistributed }
        guard let visit = named ?? open else { return before }
        if let arn { course.visits[visit].mapRunARN = arn }
        switch event.type {
        case "MapRunFailed":
            fail(visit, event)
            course.endAttempt(visit, .failed, at: event.time)
        case "MapRunRedriven": course.beginAttempt(visit, at: event.time)
        default: break
        }
        return Place(visit: visit, inside: course.visits[visit].container)
    }

    // MARK: Ends

    private mutating func abort(_ event: CourseEvent, from before: Place) {
        let (kind, states) = (event.stateKind, course.graph.states)
        let visit = openVisit(near: before.visit) { states[$0.state].kind == kind }
        guard let visit, !course.visits[visit].hasFailed else { return }
        course.visits[visit].isAborted = true
        course.visits[visit].lastSeen = event.time
        course.endAttempt(visit, .aborted, at: event.time)
    }

    private mutating func endExecution(_ event: CourseEvent, from before: Place) {
        hasEnded = true
        guard event.type == "ExecutionFailed", let visit = before.visit,
            course.visits[visit].exited == nil
        else { return }
        if course.visits[visit].error == nil { fail(visit, event) }
        course.visits[visit].lastSeen = event.time
        // What stands around it failed with it.
        var next = course.visits[visit].container
        while let container = next {
            course.failFork(container.visit, at: event.time)
            next = course.visits[container.visit].container
        }
    }

    /// What was open goes on: its failures were not the last word.
    private mutating func redrive() {
        hasEnded = false
        for index in course.visits.indices where course.visits[index].exited == nil {
            course.visits[index].forgetFailure()
            course.visits[index].isAborted = false
        }
    }

    /// The visit itself or the nearest around it that is open and right; else the last such visit of all.
    ///
    /// The last resort is for what follows a redrive, whose events follow no state.
    private func openVisit(
        near visit: Int?,
        where isRight: (ExecutionCourse.Visit) -> Bool
    ) -> Int? {
        var next = visit
        while let index = next {
            if course.visits[index].exited == nil, isRight(course.visits[index]) { return index }
            next = course.visits[index].container?.visit
        }
        return course.visits.lastIndex { $0.exited == nil && isRight($0) }
    }
}
