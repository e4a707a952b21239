internal import OrderedCollections
package import ShaleJSON

/// The test of one state: it is entered with an input, does its work, and ends where it would be left.
///
/// A pure value but for its inspector, which nobody else sees. What it asks for (a task's answer, a time) is told with `resume`.
package struct StateTest {
    /// What is said instead of the work that others would do.
    package enum Mock: Sendable {
        case result(JSONValue)
        case failure(error: String, cause: String?)
    }

    /// What the test is to take for given.
    package struct Setup: Sendable {
        /// By name.
        package var variables: JSONObject = [:]
        /// The context object; nil makes one.
        package var context: JSONObject?
        package var mock: Mock?
        /// How often the retrier was used that is about the failure.
        package var retryCount = 0
        /// How many iterations of a Map have failed.
        package var failedIterations = 0
        /// What the reader of a distributed Map has found.
        package var items: [JSONValue]?

        /// Takes nothing for given.
        package init() {}
    }

    /// What is to be done before the test goes on.
    package enum Step: Sendable {
        /// Call, and resume with `taskSucceeded`, `taskFailed` or `taskNotStarted`; with `timer` where the time passes before.
        case call(TaskRequest, timer: TimerID?, due: Int64?)
        /// Resume with `timerFired` at this time: milliseconds since 1970.
        case wait(TimerID, due: Int64)
        case done(StateTestResult)
    }

    private var state: ExecutionState
    private let inspector: StateInspector
    private let isInMap: Bool

    /// Prepares a test.
    ///
    /// - Parameters:
    ///   - tested: The state.
    ///   - execution: What the context object tells of its execution.
    ///   - hasRole: Whether the context object tells the role.
    ///   - setup: What is taken for given.
    package init(
        _ tested: TestedState,
        _ execution: ExecutionContext,
        hasRole: Bool,
        _ setup: Setup
    ) {
        state = ExecutionState(program: tested.program, context: execution)
        isInMap = tested.isInMap
        inspector = StateInspector(
            setup,
            context: setup.context
                ?? Self.context(of: tested, execution, hasRole: hasRole, setup),
            input: execution.inputText
        )
    }

    private static func context(
        of tested: TestedState,
        _ execution: ExecutionContext,
        hasRole: Bool,
        _ setup: Setup
    ) -> JSONObject {
        let time = JSONValue.string(Timestamp.text(of: execution.startTime))
        var state: JSONObject = ["Name": .string(TestedState.name), "EnteredTime": time]
        if ["Task", "Map", "Parallel"].contains(tested.type) {
            state["RetryCount"] = .integer(Int64(setup.retryCount))
        }
        return [
            "Execution": .object([
                "Id": .string(execution.id), "Input": execution.input, "StartTime": time,
                "Name": .string(execution.name),
                "RoleArn": hasRole ? .string(execution.roleARN) : .null,
            ]),
            "StateMachine": .object([
                "Id": .string(execution.machineID), "Name": .string(execution.machineName),
            ]),
            "State": .object(state),
        ]
    }

    /// Enters the state.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - entropy: Random bits.
    /// - Returns: What is to be done.
    package mutating func begin(at now: Int64, entropy: UInt64) -> Step {
        _ = handle(.start, now, entropy, stopsBeforeState: true)
        let setup = inspector.setup
        state[.root].variables = Variables(setup.variables)
        if isInMap { state.setItem(MapItem(index: 0, value: state.context.input)) }
        if setup.retryCount > 0, case .failure(let error, let cause) = setup.mock {
            let failure = StateFailure(error: error, cause: cause)
            state.noteAttempts(setup.retryCount, of: failure)
        }
        return step(of: handle(.proceed, now, entropy), now, entropy)
    }

    /// Goes on with what was asked for.
    package mutating func resume(
        _ event: ExecutionEvent,
        at now: Int64,
        entropy: UInt64
    ) -> Step {
        step(of: handle(event, now, entropy), now, entropy)
    }

    /// The end of a test that takes longer than tests may.
    package func expired() -> StateTestResult {
        inspector.failed(.failed, .timedOut())
        return end
    }

    private var end: StateTestResult {
        guard let result = inspector.result else {
            preconditionFailure("a state that asks for nothing has ended")
        }
        return result
    }

    private mutating func handle(
        _ event: ExecutionEvent,
        _ now: Int64,
        _ entropy: UInt64,
        stopsBeforeState: Bool = false
    ) -> ExecutionStep {
        var turn = ExecutionState.Turn(now: now, random: RandomStream(seed: entropy))
        turn.inspector = inspector
        if stopsBeforeState {
            state.start(&turn)
            return turn.step
        }
        return state.handle(event, turn)
    }

    private mutating func step(
        of step: ExecutionStep,
        _ now: Int64,
        _ entropy: UInt64
    ) -> Step {
        if inspector.result != nil { return .done(end) }
        var request: TaskRequest?
        var timer: (id: TimerID, due: Int64)?
        for command in step.commands {
            switch command {
            case .schedule(let scheduled): request = scheduled
            case .setTimer(let id, let due) where timer.map({ due < $0.due }) ?? true:
                timer = (id, due)
            default: break
            }
        }
        guard let request else {
            guard let timer else { return .done(end) }
            return .wait(timer.id, due: timer.due)
        }
        switch inspector.setup.mock {
        case .result(let result):
            return resume(.taskSucceeded(request.id, output: result), at: now, entropy: entropy)
        case .failure(let error, let cause):
            let event = ExecutionEvent.taskFailed(request.id, error: error, cause: cause)
            return resume(event, at: now, entropy: entropy)
        case nil: return .call(request, timer: timer?.id, due: timer?.due)
        }
    }
}

extension ExecutionState {
    /// Makes the state that is tested one of an iteration.
    fileprivate mutating func setItem(_ item: MapItem) {
        let branch = self[.root]
        branches[.root] = Branch(
            parent: nil,
            index: 0,
            item: item,
            state: branch.state,
            input: branch.input,
            inputSource: .execution,
            variables: branch.variables,
            lastEvent: branch.lastEvent
        )
    }

    /// Enters the state, and says how often the retrier was used that is about a failure.
    fileprivate mutating func noteAttempts(_ count: Int, of failure: StateFailure) {
        var turn = Turn(now: context.startTime, random: RandomStream(seed: 0))
        enter(.root, &turn)
        let retriers = definition(of: .root).retriers
        guard let index = retriers.firstIndex(where: { failure.matches($0.errors) }) else { return }
        self[.root].attempts[index] = count
    }
}
