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

/// One state of a program.
struct StateDefinition: Sendable {
    enum Kind: Sendable {
        case pass(result: JSONValue?)
        case task(TaskDefinition)
        case choice(ChoiceDefinition)
        case wait(WaitDefinition)
        case succeed
        case fail(error: Template?, cause: Template?)
        /// The scopes of the branches.
        case parallel([Int])
        case map(MapDefinition)
    }

    /// What comes after a state.
    enum Next: Sendable, Equatable {
        case state(Int)
        case end
    }

    /// Where a part of the data is taken from; null in a definition is an empty object.
    enum Selection: Sendable {
        case path(JSONPath)
        case call(Template)
        case nothing
    }

    let name: String
    let language: QueryLanguage
    var kind: Kind
    var next: Next?

    /// The fields of JSONPath.
    var inputPath = Selection.path(.whole)
    var outputPath = Selection.path(.whole)
    var parameters: Template?
    var resultSelector: Template?
    /// Where the result goes in the input; nil drops it.
    var resultPath: JSONPath? = .whole

    /// The fields of JSONata.
    var arguments: Template?
    var output: Template?

    var assign: [(name: String, value: Template)] = []
    var retriers: [Retrier] = []
    var catchers: [Catcher] = []

    /// The kind as types of history events begin: `PassStateEntered`.
    var typeName: String {
        switch kind {
        case .pass: "Pass"
        case .task: "Task"
        case .choice: "Choice"
        case .wait: "Wait"
        case .succeed: "Succeed"
        case .fail: "Fail"
        case .parallel: "Parallel"
        case .map: "Map"
        }
    }
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

    /// How long to wait before a retry, in milliseconds; retries count from 1.
    func delay(attempt: Int, random: RandomStream) -> Int64 {
        var seconds = intervalSeconds
        // In a loop and bounded, so that no rate and no count overflows.
        for _ in 1..<max(attempt, 1) where seconds < 1e9 { seconds *= backoffRate }
        if let maxDelaySeconds { seconds = min(seconds, maxDelaySeconds) }
        if hasFullJitter { seconds *= random.unit() }
        return Int64(min(seconds, 1e9) * 1_000)
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
