internal import OrderedCollections
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates
internal import Synchronization

// Tasks: handed over behind the record that says so, and taken up again after a crash.

extension Executions {
    /// Hands a task over, and gives its execution what came of it.
    ///
    /// One that is handed over again had its place before the crash, and after it all come at once: those that are too
    /// many wait.
    func begin(_ task: OpenTask, of key: String, again isAgain: Bool = false) {
        let patience = isAgain ? now + Self.patience : now
        calls.withLock { calls in
            calls.add { identity in
                Task(executorPreference: self.world.scheduler.taskExecutor) {
                    await self.run(task, of: key, waitingUntil: patience)
                    self.calls.withLock { $0.remove(identity) }
                }
            }
        }
    }

    /// How long a call that is made again waits where there are too many, in milliseconds.
    private static let patience: Int64 = 300_000

    private func run(_ task: OpenTask, of key: String, waitingUntil patience: Int64) async {
        var wait: Int64 = 50
        while !Task.isCancelled {
            let outcome: TaskOutcome
            if task.resource.resourceType == "states" {
                outcome = await startNested(task, of: key)
            } else {
                outcome = await caller.call(task)
            }
            switch outcome {
            case .later: break
            case .busy where now < patience: break
            default: return await tell(outcome, task, key)
            }
            await pause(milliseconds: wait)
            wait = min(wait * 2, 5_000)
        }
    }

    private func tell(_ outcome: TaskOutcome, _ task: OpenTask, _ key: String) async {
        await insist(key) { live, turn in
            // It was cancelled, or somebody has told already.
            guard live.open[task.task.number] != nil else { return nil }
            guard case .submitted = outcome, task.resource.pattern == .job else {
                live.close(task.task.number, &turn)
                return Self.event(outcome, task.task)
            }
            // Its end can have been told before.
            guard live.open[task.task.number]?.child == nil else { return nil }
            live.note(child: Self.nestedKey(task).text, of: task.task.number, &turn)
            return Self.event(outcome, task.task)
        }
    }

    /// Nobody waits for a task any more: what can be ended is ended.
    func cancel(_ task: OpenTask) {
        if let child = task.child { carryOut(.nested(child)) }
    }

    /// What a task's call is known by to what it calls: the same each time, of the form of a UUID.
    package static func identity(of task: OpenTask) -> String { name(from: task.identity) }

    /// Whether a task is one write of tables, which leaves a mark and happens once.
    package static func writesOnce(_ task: OpenTask) -> Bool {
        guard !task.isTest, task.resource.resourceType.hasSuffix("dynamodb") else { return false }
        let writes = ["putItem", "updateItem", "deleteItem", "transactWriteItems"]
        return writes.contains(String(task.resource.resource.split(separator: ".").first ?? ""))
    }

    // MARK: After a crash

    /// Takes up the work of an execution.
    func resume(_ key: String) async {
        do throws(StatesError) {
            let live = try await load(key)
            for task in live.open.values.sorted(by: { $0.task < $1.task }) {
                if let child = task.child {
                    try await resume(task, child, of: key)
                } else {
                    begin(task, of: key, again: true)
                }
            }
            let entropy = world.randomness.next()
            for command in live.state.outstandingMapCommands(at: now, entropy: entropy) {
                begin(command, of: live.record)
            }
        } catch {
            report("the execution \(key) cannot be taken up: \(error.message)")
        }
        // One that had much to do at once, and one whose work is over but still listed.
        later(key) { live, _ in
            live.isListed = nil
            return .proceed
        }
    }

    private func resume(
        _ task: OpenTask,
        _ child: String,
        of key: String
    ) async throws(StatesError) {
        guard let record = try await record(child), record.status != .running else { return }
        tell(Self.parent(task, of: key), record, output: try await output(of: record))
    }
}
