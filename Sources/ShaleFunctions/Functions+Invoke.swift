internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

// One invocation, from the request to the report.

extension Functions {
    /// What a caller gets of an invocation.
    package struct Answer: Sendable {
        /// How it ended.
        package var outcome: InvocationOutcome
        /// The version that ran.
        package var version: String
        /// The end of the log.
        package var logTail: [UInt8]
    }

    /// Runs a function and waits for its end.
    ///
    /// - Parameters:
    ///   - name: The function.
    ///   - qualifier: A version or an alias; nil is what was published last or not at all.
    ///   - payload: What it is called with.
    ///   - clientContext: What the caller said of itself.
    ///   - requestID: What the call is known by; nil draws one.
    /// - Returns: What it answered; an error of the function is an answer.
    /// - Throws: `.resourceNotFound`, `.tooManyRequests`, `.resourceConflict` while the function is being made,
    ///   `.resourceNotReady` for a closure that is not registered, `.service`.
    package func invoke(
        _ name: String,
        _ qualifier: String? = nil,
        payload: [UInt8],
        clientContext: String? = nil,
        requestID: String? = nil
    ) async throws(FunctionError) -> Answer {
        let start = try await begin(name, qualifier, payload, clientContext, requestID)
        return await run(start, into: nil)
    }

    /// Runs a function that may answer piece by piece.
    ///
    /// As `invoke`, but it does not wait for the end: that is the last part of the stream. What was answered all at once is
    /// one piece.
    ///
    /// - Returns: The version that runs, and its answer.
    /// - Throws: as `invoke`.
    package func invokeStreaming(
        _ name: String,
        _ qualifier: String? = nil,
        payload: [UInt8],
        clientContext: String? = nil,
        requestID: String? = nil
    ) async throws(FunctionError) -> (version: String, stream: AnswerStream) {
        let start = try await begin(name, qualifier, payload, clientContext, requestID)
        let stream = AnswerStream()
        Task(executorPreference: world.scheduler.taskExecutor) {
            let answer = await self.run(start, into: stream)
            if answer.outcome.functionError == nil {
                // Empty where it came in pieces.
                _ = stream.write(answer.outcome.payload) {}
            }
            stream.finish(answer)
        }
        return (start.function.version, stream)
    }

    /// An invocation that is counted in and has its environment.
    private struct Started: Sendable {
        var function: FunctionConfiguration
        var key: String
        var isProvisioned: Bool
        var environment: any FunctionEnvironment
        var invocation: Invocation
    }

    /// Finds the function, counts an invocation in, and has an environment for it.
    private func begin(
        _ name: String,
        _ qualifier: String?,
        _ payload: [UInt8],
        _ clientContext: String?,
        _ requestID: String?
    ) async throws(FunctionError) -> Started {
        let invocation = Invocation(
            requestID: requestID ?? database.makeUUID(),
            resourceName: resourceName(name, qualifier),
            payload: payload,
            clientContext: clientContext
        )
        let function = try await function(name, qualifier)
        try requireActive(function)
        let key = Self.key(function)
        let isProvisioned = try pool.withLock { pool throws(FunctionError) in
            try pool.enter(name, key: key)
        }
        let environment: any FunctionEnvironment
        do throws(FunctionError) {
            environment = try await self.environment(of: function, key)
        } catch {
            pool.withLock { $0.leave(name, key: key, isProvisioned: isProvisioned) }
            throw error
        }
        return Started(
            function: function,
            key: key,
            isProvisioned: isProvisioned,
            environment: environment,
            invocation: invocation
        )
    }

    /// Runs an invocation to its end, and counts it out.
    private func run(_ started: Started, into stream: AnswerStream?) async -> Answer {
        let (function, environment) = (started.function, started.environment)
        let invocation = started.invocation
        let start = "START RequestId: \(invocation.requestID) Version: \(function.version)"
        write(start, function, environment.stream)
        var outcome = await environment.invoke(invocation, into: stream)
        // What was started ahead did so before anybody called.
        if started.isProvisioned { outcome.initialisation = nil }
        used.withLock { used in
            used[function.name, default: FunctionUsage()]
                .add(outcome, megabytes: function.memoryMegabytes)
        }
        let end = "END RequestId: \(invocation.requestID)"
        let report = Self.report(invocation.requestID, outcome, function)
        write(end, function, environment.stream)
        write(report, function, environment.stream)
        giveBack(environment, started.key)
        pool.withLock {
            $0.leave(function.name, key: started.key, isProvisioned: started.isProvisioned)
        }
        if !environment.isAlive { replenish(started.key) }
        let lines = [start] + outcome.lines + [end, report]
        var text: [UInt8] = []
        for line in lines {
            text += line.utf8
            text.append(0x0A)
        }
        let tail = Array(text.suffix(FunctionLimits.logTailBytes))
        return Answer(outcome: outcome, version: function.version, logTail: tail)
    }

    /// Starts an environment; what the machine has lost of a function since it was made is made ready again.
    func start(
        _ function: FunctionConfiguration
    ) async throws(FunctionError) -> any FunctionEnvironment {
        if function.isClosure { return try startClosure(function) }
        if !host.isPrepared(function) {
            _ = try await host.prepare(function, code: try await code(of: function))
        }
        return try await host.start(function, stream: makeStream(function.version))
    }

    private func requireActive(_ function: FunctionConfiguration) throws(FunctionError) {
        switch function.state {
        case "Pending":
            throw FunctionError(
                .resourceConflict,
                "The operation cannot be performed at this time. The function is currently in the "
                    + "following state: Pending"
            )
        case "Failed":
            let reason = function.fields["StateReason"]?.stringValue ?? ""
            throw FunctionError(
                .resourceConflict,
                "The function \(function.name) is in the state Failed: \(reason)"
            )
        default: return
        }
    }

    func write(_ text: String, _ function: FunctionConfiguration, _ stream: String) {
        log.write(
            FunctionLine(
                group: function.logGroup,
                stream: stream,
                text: text,
                milliseconds: world.time.wallMilliseconds
            )
        )
    }

    /// A stream of the log: the day, the version, 32 random digits.
    func makeStream(_ version: String) -> String {
        let date = CivilDate(seconds: world.time.wallMilliseconds / 1_000)
        let digits = database.makeUUID().filter { $0 != "-" }
        return "\(date.year)/\(date.two(date.month))/\(date.two(date.day))/[\(version)]\(digits)"
    }

    /// The line about an invocation.
    static func report(
        _ requestID: String,
        _ outcome: InvocationOutcome,
        _ function: FunctionConfiguration
    ) -> String {
        let initialisation = outcome.initialisation
        var line = "REPORT RequestId: \(requestID)"
        line += "\tDuration: \(milliseconds(outcome.duration)) ms"
        line += "\tBilled Duration: \(outcome.billedMilliseconds) ms"
        line += "\tMemory Size: \(function.memoryMegabytes) MB"
        let most = (outcome.residentBytes + 1_048_575) / 1_048_576
        line += "\tMax Memory Used: \(most) MB"
        if let initialisation { line += "\tInit Duration: \(milliseconds(initialisation)) ms" }
        if let status = outcome.status { line += "\tStatus: \(status)" }
        return line
    }

    /// With two digits behind the point.
    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let hundredths = nanoseconds / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }
}
