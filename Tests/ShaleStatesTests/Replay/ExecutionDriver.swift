import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

/// Runs an execution in virtual time: timers fire in their order, child executions run at once.
///
/// Between any two steps the state is written to bytes and read back, so that whatever is replayed also shows
/// that nothing gets lost on the way.
struct ExecutionDriver {
    /// What tasks answer.
    typealias Answer = (TaskRequest) -> ExecutionEvent?

    private(set) var state: ExecutionState
    private(set) var history: [HistoryEvent] = []
    private(set) var commands: [ExecutionCommand] = []
    private(set) var end: ExecutionEnd?
    private(set) var now: Int64
    private var timers: [TimerID: Int64] = [:]
    private var pending: [ExecutionEvent] = []
    private var entropy: UInt64
    var answer: Answer = { _ in nil }

    init(
        _ program: StateMachineProgram,
        _ context: ExecutionContext,
        scope: Int = 0,
        seed: UInt64 = 1
    ) {
        state = ExecutionState(program: program, context: context, scope: scope)
        now = context.startTime
        entropy = seed
    }

    /// Gives the execution an event, and what follows from its commands at once.
    mutating func give(_ event: ExecutionEvent) {
        pending.append(event)
        while !pending.isEmpty {
            let event = pending.removeFirst()
            entropy = entropy &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let step = state.handle(event, at: now, entropy: entropy)
            history += step.history
            for command in step.commands { obey(command) }
            reopen()
        }
    }

    /// Starts the execution and fires timers until it has ended or nothing is due any more.
    mutating func run(steps: Int = 10_000) {
        give(.start)
        runTimers(steps: steps)
    }

    mutating func runTimers(steps: Int = 10_000) {
        for _ in 0..<steps {
            guard end == nil,
                let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
            else { return }
            timers[next.key] = nil
            now = max(now, next.value)
            give(.timerFired(next.key))
        }
    }

    private mutating func obey(_ command: ExecutionCommand) {
        commands.append(command)
        switch command {
        case .proceed: pending.append(.proceed)
        case .setTimer(let timer, let due): timers[timer] = due
        case .cancelTimer(let timer): timers[timer] = nil
        case .finish(let end): self.end = end
        case .schedule(let request):
            if let event = answer(request) { pending.append(event) }
        case .startChildren(let request):
            for child in request.children { pending.append(run(child, request)) }
        default: break
        }
    }

    /// Runs a child execution to its end.
    private func run(_ child: ChildRequest.Child, _ request: ChildRequest) -> ExecutionEvent {
        guard
            let context = try? ExecutionContext(
                id: state.context.id + "/\(child.index)",
                name: "\(child.index)",
                machineID: state.context.machineID,
                machineName: state.context.machineName,
                roleARN: state.context.roleARN,
                input: child.input.json,
                startTime: now
            )
        else { return .childFailed(request.id, index: child.index, error: nil, cause: nil) }
        var driver = ExecutionDriver(state.program, context, scope: request.scope)
        driver.answer = answer
        driver.run()
        guard let end = driver.end, end.status == .succeeded, let output = end.output else {
            return .childFailed(
                request.id,
                index: child.index,
                error: driver.end?.error,
                cause: driver.end?.cause
            )
        }
        return .childSucceeded(request.id, index: child.index, output: output)
    }

    /// Writes the state and reads it back.
    private mutating func reopen() {
        do {
            let bytes = state.encoded()
            state = try ExecutionState(bytes, program: state.program, context: state.context)
            #expect(state.encoded() == bytes, "what is read is written as it was")
        } catch {
            Issue.record("a state does not read back: \(error)")
        }
    }
}
