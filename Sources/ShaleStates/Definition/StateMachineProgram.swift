package import ShaleJSON

/// A state machine, read from its definition and checked: what executions run.
///
/// States and the scopes that hold them are numbered, paths, templates and expressions compiled. A program
/// never changes and is shared by all executions of it.
package final class StateMachineProgram: Sendable {
    /// The machine itself is scope 0; every branch of a Parallel and every processor of a Map is one more.
    struct Scope: Sendable {
        var start: Int
        /// The states by name.
        var names: [String: Int]
    }

    let scopes: [Scope]
    let states: [StateDefinition]
    /// How long an execution may take, in seconds; nil for no limit.
    package let timeoutSeconds: Int?
    package let comment: String?

    init(scopes: [Scope], states: [StateDefinition], timeoutSeconds: Int?, comment: String?) {
        self.scopes = scopes
        self.states = states
        self.timeoutSeconds = timeoutSeconds
        self.comment = comment
    }

    /// Reads a definition.
    ///
    /// Judges what executions rely on: names, targets, kinds of values, paths, functions and expressions.
    package static func parse(_ text: String) throws(DefinitionError) -> StateMachineProgram {
        let value: JSONValue
        do {
            value = try JSONParser.value(of: text)
        } catch {
            throw DefinitionError("", "no JSON: \(error.reason) at byte \(error.offset)")
        }
        return try parse(value)
    }

    package static func parse(_ value: JSONValue) throws(DefinitionError) -> StateMachineProgram {
        var reader = DefinitionReader()
        return try reader.readMachine(value)
    }

    /// Whether a distributed Map of the machine has a label, at any depth.
    package func hasMap(label: String) -> Bool {
        states.contains { state in
            guard case .map(let map) = state.kind else { return false }
            return map.isDistributed && map.label == label
        }
    }

    /// The resources that tasks of the machine name, each once, in the order of the definition.
    package var resources: [String] {
        var seen = Set<String>()
        return states.compactMap { state in
            guard case .task(let task) = state.kind, seen.insert(task.resource.arn).inserted else {
                return nil
            }
            return task.resource.arn
        }
    }
}

/// The language in which a state says how its data is found.
enum QueryLanguage: String, Sendable {
    case jsonPath = "JSONPath"
    case jsonata = "JSONata"
}

/// A number of a definition: written out, found by a path, or computed.
enum NumberSource: Sendable {
    case constant(Double)
    case path(JSONPath, field: String)
    case expression(Expression)
}

struct TaskDefinition: Sendable {
    let resource: TaskResource
    /// How long it may take and how long it may be silent, in seconds.
    let timeout: NumberSource?
    let heartbeat: NumberSource?
    /// The role of another account; the executions of this service have one account and hand it on only.
    let credentials: Template?
}

struct WaitDefinition: Sendable {
    enum Until: Sendable {
        /// Seconds from the start of the state.
        case seconds(NumberSource)
        /// A time, in milliseconds since 1970.
        case time(Int64)
        case timestampPath(JSONPath)
        case timestampExpression(Expression)
    }

    let until: Until
}

/// How failures of some names are tried again.
struct Retrier: Sendable {
    let errors: [String]
    let intervalSeconds: Double
    let backoffRate: Double
    let maxAttempts: Int
    let maxDelaySeconds: Double?
    let hasFullJitter: Bool

    /// No retry waits longer: the service has years in mind at most.
    private static let longestSeconds = 1e9

    /// How long to wait before a retry, in milliseconds; retries count from 1.
    func delay(attempt: Int, random: RandomStream) -> Int64 {
        var seconds = intervalSeconds
        var left = attempt - 1
        // Bounded, so that no rate and no count overflows or takes long.
        while left > 0, seconds < Self.longestSeconds, backoffRate != 1 {
            seconds *= backoffRate
            left -= 1
        }
        if let maxDelaySeconds { seconds = min(seconds, maxDelaySeconds) }
        if hasFullJitter { seconds *= random.unit() }
        return Int64(max(0, min(seconds, Self.longestSeconds)) * 1_000)
    }
}

/// Where an execution goes on after failures of some names.
struct Catcher: Sendable {
    let errors: [String]
    let next: Int
    let resultPath: JSONPath?
    let output: Template?
    let assign: [(name: String, value: Template)]
}
