internal import OrderedCollections
internal import ShaleJSON

/// What one state made of its data: what a test of it tells; texts are JSON.
package struct StateInspection: Sendable, Equatable {
    package var input: String?
    package var afterArguments: String?
    package var afterInputPath: String?
    package var afterParameters: String?
    package var result: String?
    package var afterResultSelector: String?
    package var afterResultPath: String?
    package var afterItemsPath: String?
    package var afterItemsPointer: String?
    package var afterItemSelector: String?
    package var afterItemBatcher: String?
    package var toleratedFailureCount: Int?
    package var toleratedFailurePercentage: Double?
    package var maxConcurrency: Int?
    /// The variables of the state when it was left; nil where there are none.
    package var variables: String?
    /// Which catcher has taken a failure, counted from 0.
    package var catchIndex: Int?
    /// Which retrier is about a failure, counted from 0; whether it has an attempt left, the status tells.
    package var retryIndex: Int?
    /// How long the state waits before it is tried again, in seconds; nil where it is not.
    package var backoffSeconds: Int?
}

/// How the test of a state has ended.
package struct StateTestResult: Sendable, Equatable {
    /// With the service's names.
    package enum Status: String, Sendable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case retriable = "RETRIABLE"
        case caught = "CAUGHT_ERROR"
    }

    package var status: Status
    /// JSON; nil where the state was not left.
    package var output: String?
    package var nextState: String?
    package var error: String?
    package var cause: String?
    package var inspection: StateInspection
}

/// Looks on while a state is tested, and keeps what it sees.
///
/// The interpreter tells it of each step that the data of the state takes, and then neither enters a state behind it nor waits before another
/// attempt. Executions have none.
final class StateInspector {
    /// What `$$` and `$states.context` are.
    let context: JSONObject
    /// Whether whoever tests has given the context, so that nothing is added to it.
    let hasGivenContext: Bool
    let setup: StateTest.Setup
    private(set) var inspection = StateInspection()
    private(set) var result: StateTestResult?

    init(_ setup: StateTest.Setup, context: JSONObject, input: String) {
        self.setup = setup
        self.context = context
        hasGivenContext = setup.context != nil
        inspection.input = input
    }

    func note<Value>(_ member: WritableKeyPath<StateInspection, Value>, _ value: Value) {
        inspection[keyPath: member] = value
    }

    // MARK: Data

    /// The input after InputPath.
    func selected(_ input: JSONValue, by state: StateDefinition) {
        guard state.language == .jsonPath, !state.hasConstantResult else { return }
        inspection.afterInputPath = input.json
    }

    /// The input after Parameters, of states that have such.
    func parameters(_ input: JSONValue, of state: StateDefinition) {
        guard state.language == .jsonPath, !state.hasConstantResult else { return }
        switch state.kind {
        case .pass, .task, .parallel: inspection.afterParameters = input.json
        default: break
        }
    }

    func arguments(_ arguments: JSONValue, of state: StateDefinition) {
        guard state.language == .jsonata else { return }
        inspection.afterArguments = arguments.json
    }

    func result(_ result: JSONValue, of state: StateDefinition) {
        if case .task = state.kind { inspection.result = result.json }
        if state.hasConstantResult { inspection.result = result.json }
    }

    /// The result after ResultSelector, and what ResultPath made of it, where it is known.
    func selectedResult(_ selected: JSONValue, merged: JSONValue?, by state: StateDefinition) {
        guard state.language == .jsonPath else { return }
        inspection.afterResultSelector = selected.json
        inspection.afterResultPath = merged?.json
    }

    // MARK: Ends

    /// The state is left; a failure that was told before has been caught.
    func left(output: String, variables: JSONObject, next: String?) {
        inspection.variables = variables.isEmpty ? nil : JSONValue.object(variables).json
        let failure = result
        result = StateTestResult(
            status: failure == nil ? .succeeded : .caught,
            output: output,
            nextState: next,
            error: failure?.error,
            cause: failure?.cause,
            inspection: inspection
        )
    }

    /// The state has failed; it may be caught.
    func failed(_ status: StateTestResult.Status, _ failure: StateFailure) {
        result = StateTestResult(
            status: status,
            error: failure.error,
            cause: failure.cause,
            inspection: inspection
        )
    }
}

extension StateDefinition {
    /// Whether it is a Pass state with `Result`, which looks at no input.
    fileprivate var hasConstantResult: Bool {
        if case .pass(.some) = kind { true } else { false }
    }
}
