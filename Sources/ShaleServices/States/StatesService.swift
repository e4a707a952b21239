internal import ShaleItems
package import ShaleLogs
package import ShaleStateMachines

/// What operations of Step Functions work on.
package struct StatesService: Sendable {
    /// The state machines of the database.
    package var machines: StateMachines
    /// Their executions.
    package var executions: Executions
    /// Where state machines may log.
    package var logs: Logs

    /// Puts a service together.
    package init(machines: StateMachines, executions: Executions, logs: Logs) {
        self.machines = machines
        self.executions = executions
        self.logs = logs
    }
}

/// An operation of the JSON protocol: its name, what it takes, and what it answers.
protocol StatesOperation: SendableMetatype {
    /// Its name.
    static var name: String { get }
    /// What a request may say.
    static var shape: [Member] { get }
    /// Answers a request.
    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply
    /// Answers a request of a client that may go away meanwhile; what nobody waits for long need not ask.
    static func run(
        _ members: Item,
        _ service: StatesService,
        for client: (any ClientPresence)?
    ) async throws(RestError) -> RestReply
}

extension StatesOperation {
    static func run(
        _ members: Item,
        _ service: StatesService,
        for client: (any ClientPresence)?
    ) async throws(RestError) -> RestReply {
        try await run(members, service)
    }
}

extension StatesService {
    /// Runs what fails in the words of state machines.
    func checked<Answer: Sendable>(
        _ body: () async throws(StatesError) -> Answer
    ) async throws(RestError) -> Answer {
        do throws(StatesError) { return try await body() } catch { throw RestError(error) }
    }
}

extension RestError {
    /// An error of state machines and executions.
    package init(_ error: StatesError) {
        self.init(error.code.rawValue, error.code == .failed ? 500 : 400, error.message)
    }

    static func states(_ code: StatesError.Code, _ message: String) -> RestError {
        RestError(StatesError(code, message))
    }
}
