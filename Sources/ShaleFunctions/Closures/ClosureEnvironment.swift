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
        return await withCheckedContinuation { continuation in
            first.hold(continuation)
            let task = Task(executorPreference: world.scheduler.taskExecutor) {
                do {
                    first.tell(.answered(try await body(call)))
                } catch {
                    first.tell(.failed(type: "\(type(of: error))", message: "\(error)"))
                }
            }
            let seconds = Int64(function.timeoutSeconds)
            world.scheduler.schedule(.housekeeping, after: .seconds(seconds)) {
                if first.tell(.timedOut) { task.cancel() }
            }
        }
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
        private let texts = Mutex<[String]>([])

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

        var written: [String] { texts.withLock { $0 } }

        func write(_ text: String) {
            for piece in text.split(separator: "\n", omittingEmptySubsequences: false) {
                let line = String(piece)
                texts.withLock { $0.append(line) }
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
