internal import OrderedCollections
internal import ShaleJSON
internal import ShalePlatform
package import ShaleStates
internal import ShaleTables
internal import Synchronization

// States that are tested alone: nothing of them is kept.

extension Executions {
    /// For how long a test may take, in milliseconds.
    private static let testMilliseconds: Int64 = 300_000

    /// Tests a state: enters it with an input, calls what it calls unless the request says what comes of it, and tells how it would be left.
    ///
    /// - Returns: How the test has ended; after five minutes with `States.Timeout`.
    /// - Throws: `.invalidDefinition`, `.invalidExecutionInput`, `.validation`, `.failed` where the server ends.
    package func test(_ request: StateTestRequest) async throws(StatesError) -> StateTestResult {
        let checked = try StateTestRules.check(request, actions: caller.tableActions)
        let context = try testContext(request)
        var test = StateTest(
            checked.state,
            context,
            hasRole: request.roleARN != nil,
            checked.setup
        )
        let end = context.startTime + Self.testMilliseconds
        var step = test.begin(at: context.startTime, entropy: world.randomness.next())
        while true {
            switch step {
            case .done(let result): return result
            case .wait(let timer, let due):
                try await wait(until: min(due, end))
                guard due <= end else { return test.expired() }
                step = test.resume(.timerFired(timer), at: now, entropy: world.randomness.next())
            case .call(let task, let timer, let due):
                let limit = min(due ?? end, end)
                let event = try await outcome(of: task, context, until: limit)
                if event == nil, limit == end { return test.expired() }
                guard let event = event ?? timer.map({ .timerFired($0) }) else {
                    return test.expired()
                }
                step = test.resume(event, at: now, entropy: world.randomness.next())
            }
        }
    }

    private func testContext(
        _ request: StateTestRequest
    ) throws(StatesError) -> ExecutionContext {
        guard request.input.utf8.count <= ExecutionState.dataLimit else {
            throw StatesError(
                .invalidExecutionInput,
                "The input has \(request.input.utf8.count) bytes; at most "
                    + "\(ExecutionState.dataLimit) are allowed."
            )
        }
        let machine = database.makeUUID()
        let name = database.makeUUID()
        do throws(JSONError) {
            return try ExecutionContext(
                id: "arn:aws:states:\(region):\(account):express:\(machine):\(name)",
                name: name,
                machineID: "arn:aws:states:\(region):\(account):stateMachine:\(machine)",
                machineName: machine,
                roleARN: request.roleARN ?? "",
                input: request.input,
                startTime: now,
                limitsHistory: false
            )
        } catch {
            throw StatesError(
                .invalidExecutionInput,
                "Invalid State Machine Execution Input: 'The input is no JSON: \(error.reason) at byte "
                    + "\(error.offset)'"
            )
        }
    }

    // MARK: Time

    /// Waits in steps, so that the server can end.
    private func wait(until due: Int64) async throws(StatesError) {
        testWaits.withLock { $0.append(due) }
        defer {
            testWaits.withLock { waits in
                if let place = waits.firstIndex(of: due) { waits.remove(at: place) }
            }
        }
        while now < due {
            guard !calls.withLock({ $0.isStopped }) else { throw Self.ending }
            await pause(milliseconds: min(due - now, 100))
        }
    }

    /// What comes of a task; nil where the time has passed before, and the task goes on without anybody who waits.
    private func outcome(
        of request: TaskRequest,
        _ context: ExecutionContext,
        until due: Int64
    ) async throws(StatesError) -> ExecutionEvent? {
        guard !calls.withLock({ $0.isStopped }) else { throw Self.ending }
        var task = OpenTask(request, of: context.id)
        task.isTest = true
        let called = task
        let outcome = await withCheckedContinuation { continuation in
            let first = FirstOutcome(continuation)
            calls.withLock { calls in
                calls.add { identity in
                    Task(executorPreference: self.world.scheduler.taskExecutor) {
                        first.resume(await self.testOutcome(of: called))
                        self.calls.withLock { $0.remove(identity) }
                    }
                }
            }
            world.scheduler.schedule(.timer, after: .milliseconds(max(0, due - now))) {
                first.resume(nil)
            }
        }
        return outcome.flatMap { Self.event($0, request.id) }
    }

    private static let ending = StatesError(
        .failed,
        "The server ends; the state is not tested."
    )

    private func testOutcome(of task: OpenTask) async -> TaskOutcome {
        var wait: Int64 = 50
        while !Task.isCancelled {
            let outcome =
                task.resource.resourceType == "states"
                ? await startNested(task, of: "") : await caller.call(task)
            guard case .later = outcome else { return outcome }
            await pause(milliseconds: wait)
            wait = min(wait * 2, 5_000)
        }
        return .later
    }
}

/// Whoever waits for a task or for a time, whichever comes first.
private final class FirstOutcome: Sendable {
    private let waiting: Mutex<CheckedContinuation<TaskOutcome?, Never>?>

    init(_ continuation: CheckedContinuation<TaskOutcome?, Never>) {
        waiting = Mutex(continuation)
    }

    /// Ends the wait, unless it has ended.
    func resume(_ outcome: TaskOutcome?) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: outcome)
    }
}
