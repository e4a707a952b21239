internal import ShaleItems
internal import ShalePlatform
internal import ShaleStates
internal import Synchronization

// Executions whose caller waits for the end.

extension Executions {
    /// Runs an execution of an EXPRESS state machine, and answers its end.
    ///
    /// - Parameters:
    ///   - arn: A state machine, a version or an alias.
    ///   - name: Of 1 to 80 characters; nil draws one.
    ///   - input: JSON of at most 256 KiB.
    ///   - traceHeader: Kept, and has no effect.
    /// - Returns: How it ended, and how long it took.
    /// - Throws: `.stateMachineTypeNotSupported`, `.stateMachineDoesNotExist`, `.invalidExecutionInput`, `.failed`.
    package func run(
        _ arn: String,
        name: String? = nil,
        input: String = "{}",
        traceHeader: String? = nil
    ) async throws(StatesError) -> SynchronousEnd {
        let machine = try await machines.resolve(arn)
        guard machine.kind == .express else {
            throw StatesError(
                .stateMachineTypeNotSupported,
                "This operation is not supported by this type of state machine"
            )
        }
        var start = Start(machine, name: name, input: input)
        start.traceHeader = traceHeader
        start.isSynchronous = true
        let begun = try await begin(start)
        let record = try await ended(begun)
        return SynchronousEnd(
            description: try await description(of: record),
            durationMilliseconds: max(0, (record.stop ?? now) - record.start)
        )
    }

    /// Waits for the end of an execution.
    private func ended(_ begun: ExecutionRecord) async throws(StatesError) -> ExecutionRecord {
        let key = begun.key.text
        while true {
            guard let record = try await record(key) else { throw missing(key) }
            if record.status != .running { return record }
            guard !calls.withLock({ $0.isStopped }) else {
                throw StatesError(
                    .failed,
                    "The server ends; the execution goes on at its next start."
                )
            }
            await wait(for: key)
        }
    }

    /// Waits until an execution ends, or some time has passed.
    private func wait(for key: String) async {
        await withCheckedContinuation { continuation in
            watchers.withLock { $0[key, default: []].append(continuation) }
            // An end between the look and the wait is seen a little later.
            world.scheduler.schedule(.timer, after: .milliseconds(100)) { [weak self] in
                let waiting = self?.watchers.withLock { $0.removeValue(forKey: key) ?? [] } ?? []
                for continuation in waiting { continuation.resume() }
            }
        }
    }
}
