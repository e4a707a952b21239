internal import OrderedCollections
package import ShaleJSON

/// An execution as JSON for programs: the same that picture and text show.
package enum ExecutionReport {
    /// All of it as one object.
    ///
    /// - Parameters:
    ///   - summary: The execution as a whole.
    ///   - course: What happened, state by state.
    ///   - mapRuns: Descriptions of the runs of distributed Maps, as the service tells them, by their resource names.
    ///   - now: Milliseconds since 1970.
    /// - Returns: An object with `states`, `visits` and `transitions`.
    package static func json(
        _ summary: ExecutionSummary,
        _ course: ExecutionCourse,
        mapRuns: [String: JSONValue],
        now: Int64
    ) -> JSONValue {
        var members: JSONObject = [
            "executionArn": .string(summary.arn), "name": .string(summary.name),
            "machine": .string(summary.machine), "status": .string(summary.status),
            "started": .integer(summary.started),
            "milliseconds": .integer(summary.milliseconds(at: now)),
            "redriveCount": .integer(Int64(summary.redriveCount)),
        ]
        members.set("stopped", summary.stopped)
        members.set("input", summary.input)
        members.set("output", summary.output)
        members.set("error", summary.error)
        members.set("cause", summary.cause)
        let graph = course.graph
        members["states"] = .array(graph.states.indices.map { .object(state($0, course)) })
        members["visits"] = .array(course.visits.map { .object(visit($0, course, mapRuns, now)) })
        let taken = graph.transitions.indices.map { number -> JSONValue in
            let transition = graph.transitions[number]
            var members: JSONObject = [
                "from": .string(graph.states[transition.from].name),
                "to": .string(graph.states[transition.to].name),
                "kind": .string(transition.kind.rawValue),
                "taken": .integer(Int64(course.taken[number])),
            ]
            members.set("label", transition.label)
            return .object(members)
        }
        members["transitions"] = .array(taken)
        return .object(members)
    }

    private static func state(_ state: Int, _ course: ExecutionCourse) -> JSONObject {
        let definition = course.graph.states[state]
        var members: JSONObject = [
            "name": .string(definition.name), "type": .string(definition.kind),
            "outcome": .string(course.outcome(of: state).rawValue),
            "visits": .integer(Int64(course.visits(of: state).count)),
        ]
        members.set("resource", definition.resource)
        if course.isElsewhere(state) {
            members["inChildExecutions"] = .bool(true)
            let counts = course.children.counts(of: state).map { outcome, count in
                (outcome.rawValue, JSONValue.integer(Int64(count)))
            }
            members["executions"] = .object(JSONObject(uniqueKeysWithValues: counts))
        }
        if let share = course.share(of: state) {
            let counts: JSONObject = [
                "read": .integer(Int64(share.read)), "total": .integer(Int64(share.total)),
            ]
            members["childExecutions"] = .object(counts)
        }
        let owner = course.graph.scopes[definition.scope].owner
        members.set("inside", owner.map { course.graph.states[$0].name })
        return members
    }

    private static func visit(
        _ visit: ExecutionCourse.Visit,
        _ course: ExecutionCourse,
        _ mapRuns: [String: JSONValue],
        _ now: Int64
    ) -> JSONObject {
        var members: JSONObject = [
            "state": .string(course.graph.states[visit.state].name),
            "outcome": .string(visit.outcome.rawValue), "entered": .integer(visit.entered),
            "milliseconds": .integer(visit.milliseconds(at: now)),
        ]
        members.set("exited", visit.exited)
        members.set("input", visit.input)
        members.set("output", visit.output)
        members.set("error", visit.error)
        members.set("cause", visit.cause)
        if let container = visit.container {
            members["insideVisit"] = .integer(Int64(container.visit))
            members["index"] = .integer(Int64(container.index))
        }
        if !visit.attempts.isEmpty {
            members["attempts"] = .array(visit.attempts.map { .object(attempt($0, now)) })
        }
        if let arn = visit.mapRunARN {
            members["mapRunArn"] = .string(arn)
            members["mapRun"] = mapRuns[arn]
        }
        return members
    }

    private static func attempt(_ attempt: ExecutionCourse.Attempt, _ now: Int64) -> JSONObject {
        var members: JSONObject = [
            "outcome": .string(attempt.outcome.rawValue), "started": .integer(attempt.started),
            "milliseconds": .integer(max(0, (attempt.ended ?? now) - attempt.started)),
        ]
        members.set("error", attempt.error)
        members.set("cause", attempt.cause)
        return members
    }
}

extension JSONObject {
    fileprivate mutating func set(_ name: String, _ text: String?) {
        if let text { self[name] = .string(text) }
    }

    fileprivate mutating func set(_ name: String, _ number: Int64?) {
        if let number { self[name] = .integer(number) }
    }
}
