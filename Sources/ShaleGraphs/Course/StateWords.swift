/// What is said of a state in its box or on its line.
struct StateWords {
    let name: String
    /// What it is: `Task · λ charge`.
    let subtitle: String
    /// How often and how long: `3 attempts · 1.24 s`.
    let figures: String

    init(_ state: Int, _ course: ExecutionCourse, at now: Int64) {
        let definition = course.graph.states[state]
        name = definition.name
        var parts = [definition.kind]
        if definition.isDistributed { parts.append("distributed") }
        if let resource = definition.resource, !resource.isEmpty { parts.append(resource) }
        subtitle = parts.joined(separator: " · ")
        figures = Self.figures(course, state, now)
    }

    private static func figures(
        _ course: ExecutionCourse,
        _ state: Int,
        _ now: Int64
    ) -> String {
        let (visits, definition) = (course.visits(of: state), course.graph.states[state])
        guard let last = visits.last else {
            return course.children.words(of: state).joined(separator: " · ")
        }
        var parts: [String] = []
        if visits.count > 1 { parts.append("× \(visits.count)") }
        let attempts = visits.map(\.attempts.count).max() ?? 0
        if attempts > 1 { parts.append("\(attempts) attempts") }
        if visits.count == 1, !last.iterations.isEmpty {
            parts.append("\(last.iterations.count) items")
        }
        if visits.count == 1, let run = course.mapRun(of: last) {
            parts += run.counts.map { "\($0.count) \($0.name)" }
        }
        if visits.count == 1, last.outcome == .running, definition.awaitsToken {
            parts.append("waits for token")
        }
        let total = visits.reduce(0) { $0 + $1.milliseconds(at: now) }
        parts.append(DurationWords.words(total))
        return parts.joined(separator: " · ")
    }
}
