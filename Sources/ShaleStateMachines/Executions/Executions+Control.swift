internal import ShaleItems
internal import ShaleJSON
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

// What users and workers tell executions: stop, redrive, how a task ended.

extension Executions {
    /// For how long an execution that did not succeed can be taken up again: 14 days.
    package static let redriveMilliseconds: Int64 = 14 * 86_400_000

    func key(_ arn: String) throws(StatesError) -> ExecutionKey {
        guard let key = ExecutionKey(arn: arn, region: region, account: account) else {
            throw StatesError(.invalidArn, "Invalid Arn: '\(arn.prefix(512))'")
        }
        return key
    }

    /// Stops an execution.
    ///
    /// - Returns: When it ended, in milliseconds; that of before where it had.
    /// - Throws: `.executionDoesNotExist`, `.invalidArn`, `.failed`.
    package func stop(
        _ arn: String,
        error: String? = nil,
        cause: String? = nil
    ) async throws(StatesError) -> Int64 {
        let key = try key(arn)
        try await told(arn) { () async throws(StatesError) in
            try await self.post(to: key.text) { live, _ in .stop(error: error, cause: cause) }
        }
        return try await record(key.text)?.stop ?? now
    }

    /// Takes an execution up again that failed, was stopped or ran out of time.
    ///
    /// - Parameters:
    ///   - arn: The execution.
    ///   - token: What the client calls this redrive: once more within 15 minutes it is the same one, and nothing happens.
    /// - Returns: When, in milliseconds.
    /// - Throws: `.executionNotRedrivable`, `.executionDoesNotExist`, `.invalidArn`, `.failed`.
    package func redrive(_ arn: String, token: String? = nil) async throws(StatesError) -> Int64 {
        let key = try key(arn)
        let now = now
        if let token, let known = try await record(key.text), known.redriveToken == token,
            let redriven = known.redriven, now - redriven < Self.tokenMilliseconds
        {
            return redriven
        }
        try await told(arn) { () async throws(StatesError) in
            try await self.post(to: key.text) { (live, turn) throws(StatesError) in
                guard live.record.mapRunARN == nil else {
                    throw StatesError(
                        .executionNotRedrivable,
                        "A child of a Map run is redriven with the execution that runs the Map."
                    )
                }
                if let reason = Self.obstacle(to: live.record, at: now) {
                    throw StatesError(.executionNotRedrivable, reason)
                }
                live.takeUpAgain(at: now, &turn)
                live.record.redriveToken = token
                return .redrive
            }
        }
        return now
    }

    /// For how long a client's word for a redrive is kept.
    private static let tokenMilliseconds: Int64 = 15 * 60_000

    /// Takes a child of a Map run up again for a redrive of the run's execution, once.
    ///
    /// - Returns: whether it can be, or has been; where not, another child is to do what it should have done.
    /// - Throws: `.failed`.
    func redriveChild(_ key: ExecutionKey, round: Int) async throws(StatesError) -> Bool {
        let now = now
        do throws(StatesError) {
            try await post(to: key.text) { (live, turn) throws(StatesError) in
                guard live.record.round < round else { return nil }
                if live.record.status == .running {
                    live.record.round = round
                    return .proceed
                }
                if let reason = Self.obstacle(to: live.record, at: now) {
                    throw StatesError(.executionNotRedrivable, reason)
                }
                live.record.round = round
                live.takeUpAgain(at: now, &turn)
                return .redrive
            }
            return true
        } catch {
            guard error.code == .executionNotRedrivable else { throw error }
            return false
        }
    }

    /// Why an execution cannot be taken up again; nil where it can.
    static func obstacle(to record: ExecutionRecord, at now: Int64) -> String? {
        switch record.status {
        case .running: return "Execution is RUNNING and cannot be redriven"
        case .succeeded: return "Execution is SUCCEEDED and cannot be redriven"
        default: break
        }
        guard now - (record.stop ?? record.start) <= redriveMilliseconds else {
            return "Execution is past its redrivable period of 14 days"
        }
        guard record.cause != ExecutionState.historyFullCause else {
            return "Execution history event limit exceeded"
        }
        return record.key.isExpress
            ? "Executions of EXPRESS state machines cannot be redriven" : nil
    }

    // MARK: Tokens

    /// Tells that the task of a token is done.
    ///
    /// - Throws: `.invalidToken`, `.invalidOutput`, `.taskTimedOut`, `.failed`.
    package func succeed(_ token: String, output: String) async throws(StatesError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.value(of: output) } catch {
            throw StatesError(
                .invalidOutput,
                "Invalid Output: 'The output is no JSON: \(error.reason) at byte \(error.offset)'"
            )
        }
        guard output.utf8.count <= ExecutionState.dataLimit else {
            throw StatesError(
                .invalidOutput,
                "The output has \(output.utf8.count) bytes; at most \(ExecutionState.dataLimit) are allowed."
            )
        }
        try await tell(token) { .taskSucceeded($0, output: value) }
    }

    /// Tells that the task of a token has failed.
    ///
    /// - Throws: `.invalidToken`, `.taskTimedOut`, `.failed`.
    package func fail(_ token: String, error: String?, cause: String?) async throws(StatesError) {
        try await tell(token) { .taskFailed($0, error: error, cause: cause) }
    }

    /// Tells that the task of a token is still worked on.
    ///
    /// - Throws: `.invalidToken`, `.taskTimedOut`, `.failed`.
    package func heartbeat(_ token: String) async throws(StatesError) {
        try await tell(token) { .taskHeartbeat($0) }
    }

    private func tell(
        _ text: String,
        _ event: @escaping @Sendable (TaskID) -> ExecutionEvent
    ) async throws(StatesError) {
        guard let token = TaskToken(text),
            let key = ExecutionKey(arn: token.executionID, region: region, account: account)
        else { throw StatesError(.invalidToken, "Invalid Token: 'Invalid token'") }
        do throws(StatesError) {
            try await post(to: key.text) { (live, turn) throws(StatesError) in
                guard live.state.waits(for: token) else { throw Self.timedOut }
                let event = event(token.task)
                if case .taskHeartbeat = event { return event }
                live.close(token.task.number, &turn)
                return event
            }
        } catch {
            throw error.code == .executionDoesNotExist ? Self.timedOut : error
        }
    }

    private static let timedOut = StatesError(
        .taskTimedOut,
        "Task Timed Out: 'Provided task does not exist anymore'"
    )

    private func told(
        _ arn: String,
        _ body: () async throws(StatesError) -> Void
    ) async throws(StatesError) {
        do throws(StatesError) { try await body() } catch {
            guard error.code == .executionDoesNotExist else { throw error }
            throw StatesError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
        }
    }
}
