internal import ShalePlatform
internal import ShaleWire
internal import Synchronization

/// Runs a closure as an environment runs code: one call at a time.
///
/// A closure cannot be killed: one that takes too long is cancelled, its caller is told, and the environment is used no more.
final class ClosureEnvironment: FunctionEnvironment {
    private enum End: Sendable {
        case answered([UInt8])
        case failed(type: String, message: String)
        case timedOut
    }

    let stream: String
    private let function: FunctionConfiguration
    private let body: FunctionClosure.Body
    private let log: any FunctionLog
    private let world: World
    private let hasEnded = Atomic(false)
    private let watched = Mutex(Watch())

    init(
        _ function: FunctionConfiguration,
        _ body: @escaping FunctionClosure.Body,
        stream: String,
        _ log: any FunctionLog,
        _ world: World
    ) {
        self.function = function
        self.body = body
        self.stream = stream
        self.log = log
        self.world = world
    }

    var isAlive: Bool { !hasEnded.load(ordering: .relaxed) }

    func stop() { hasEnded.store(true, ordering: .relaxed) }

    func invoke(_ invocation: Invocation, into _: AnswerStream?) async -> InvocationOutcome {
        let began = world.time.monotonicNanoseconds
        let lines = Lines(function, stream, log, world)
        let call = ClosureCall(
            payload: invocation.payload,
            requestID: invocation.requestID,
            resourceName: invocation.resourceName,
            clientContext: invocation.clientContext
        ) { lines.write($0) }
        var outcome = outcome(await end(call), invocation.requestID)
        outcome.duration = world.time.monotonicNanoseconds - began
        outcome.lines = lines.written
        return outcome
    }

    /// What comes first: the closure's end, or the end of its time.
    private func end(_ call: ClosureCall) async -> End {
        let body = body
        let first = First()
        let end = await withCheckedContinuation { continuation in
            first.hold(continuation)
            let task = Task(executorPreference: world.scheduler.taskExecutor) {
                do {
                    first.tell(.answered(try await body(call)))
                } catch {
                    first.tell(.failed(type: "\(type(of: error))", message: "\(error)"))
                }
            }
            watch(Watched(due: world.time.monotonicNanoseconds + timeout, first: first, task: task))
        }
        watched.withLock { $0.call = nil }
        return end
    }

    // MARK: Time

    /// The call that is under way, and whether somebody will look after it.
    private struct Watch {
        var call: Watched?
        var isScheduled = false
    }

    private struct Watched {
        let due: UInt64
        let first: First
        let task: Task<Void, Never>
    }

    private var timeout: UInt64 { UInt64(function.timeoutSeconds) * 1_000_000_000 }

    /// Ends a call at its time.
    ///
    /// An environment has one timer, however many calls it takes: a timer cannot be taken back, and of a timer for each call as many
    /// would wait as calls come in a timeout.
    private func watch(_ call: Watched) {
        let isScheduled = watched.withLock { watch in
            defer { watch = Watch(call: call, isScheduled: true) }
            return watch.isScheduled
        }
        if !isScheduled { look(after: timeout) }
    }

    private func look(after nanoseconds: UInt64) {
        world.scheduler.schedule(.housekeeping, after: .nanoseconds(nanoseconds)) { [weak self] in
            self?.look()
        }
    }

    private func look() {
        let now = world.time.monotonicNanoseconds
        let (late, rest) = watched.withLock { watch -> (Watched?, UInt64?) in
            watch.isScheduled = false
            guard let call = watch.call else { return (nil, nil) }
            guard call.due > now else { return (call, nil) }
            watch.isScheduled = true
            return (nil, call.due - now)
        }
        if let rest { look(after: rest) }
        if let late, late.first.tell(.timedOut) { late.task.cancel() }
    }

    private func outcome(_ end: End, _ requestID: String) -> InvocationOutcome {
        switch end {
        case .answered(let payload) where payload.count <= FunctionLimits.responseBytes:
            return InvocationOutcome(payload: payload)
        case .answered:
            return failure(
                "Function.ResponseSizeTooLarge",
                "Response payload size exceeded maximum allowed payload size "
                    + "(\(FunctionLimits.responseBytes) bytes).",
                "error\tError Type: Function.ResponseSizeTooLarge"
            )
        case .failed(let type, let message): return failure(type, message, "error")
        case .timedOut:
            stop()
            return failure(
                "Sandbox.Timedout",
                "RequestId: \(requestID) Error: Task timed out after "
                    + "\(function.timeoutSeconds).00 seconds",
                "timeout"
            )
        }
    }

    private func failure(_ type: String, _ message: String, _ status: String) -> InvocationOutcome {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("errorType", type)
        writer.member("errorMessage", message)
        writer.endObject()
        return InvocationOutcome(
            payload: writer.bytes,
            functionError: "Unhandled",
            status: status
        )
    }

    /// Of two who tell an end, the first is heard.
    private final class First: Sendable {
        private let waiting = Mutex<CheckedContinuation<End, Never>?>(nil)

        func hold(_ continuation: CheckedContinuation<End, Never>) {
            waiting.withLock { $0 = continuation }
        }

        /// Answers whether it was the first.
        @discardableResult
        func tell(_ end: End) -> Bool {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(returning: end)
            return continuation != nil
        }
    }

    /// What a call writes.
    private final class Lines: Sendable {
        private let function: FunctionConfiguration
        private let stream: String
        private let log: any FunctionLog
        private let world: World
        private let output = Mutex(
            (
                lines: OutputLines(limit: FunctionLimits.lineBytes),
                tail: LineTail(limit: FunctionLimits.logTailBytes)
            )
        )

        init(
            _ function: FunctionConfiguration,
            _ stream: String,
            _ log: any FunctionLog,
            _ world: World
        ) {
            self.function = function
            self.stream = stream
            self.log = log
            self.world = world
        }

        /// The last of them.
        var written: [String] { output.withLock { $0.tail.lines } }

        func write(_ text: String) {
            var whole: [String] = []
            output.withLock { output in
                output.lines.append(Array(text.utf8)) { whole.append($0) }
                output.lines.finish { whole.append($0) }
                for line in whole { output.tail.append(line) }
            }
            for line in whole {
                log.write(
                    FunctionLine(
                        group: function.logGroup,
                        stream: stream,
                        text: line,
                        milliseconds: world.time.wallMilliseconds
                    )
                )
            }
        }
    }
}
