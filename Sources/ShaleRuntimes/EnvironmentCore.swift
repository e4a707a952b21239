internal import NIOCore
internal import ShaleFunctions
internal import ShalePlatform

/// The inside of an environment: its process, its connections, the invocation that it has.
///
/// Runs on one event loop and nowhere else. What is to be done at each turn is `EnvironmentLifecycle`'s to decide;
/// here it is done.
final class EnvironmentCore {
    /// What does not change.
    struct Fixed {
        var timeoutSeconds: Int
        var memoryBytes: Int
        var loop: any EventLoop
        var time: any TimeSource
        var randomness: any Randomness
        var residents: SessionMemory
        /// Whether it can run another invocation is told here.
        var becameGone: @Sendable () -> Void
    }

    private let fixed: Fixed
    let output: EnvironmentOutput
    private var life: EnvironmentLifecycle
    /// 0 before it is started and after it is reaped.
    private var process: Int32 = 0
    private var exit = "signal: killed"
    private var channels: [any Channel] = []
    private var connections: [ObjectIdentifier: RuntimeConnection] = [:]
    /// The connection that has asked for an invocation.
    private var asking: RuntimeConnection?
    private var invocation: Invocation?
    private var caller: CheckedContinuation<InvocationOutcome, Never>?
    /// Where the invocation's answer goes piece by piece, if the process answers so.
    private var stream: AnswerStream?
    private var result: (payload: [UInt8], status: String?, type: String?) = ([], nil, nil)
    private var timer: Scheduled<Void>?
    private var sampling: Scheduled<Void>?
    private var residentBytes = 0
    private var nextLook: UInt64 = 0
    private var hasTold = false
    /// Those who wait until it has initialised, or could not.
    private var waiting: [(Bool) -> Void] = []

    init(_ fixed: Fixed, _ output: EnvironmentOutput) {
        self.fixed = fixed
        self.output = output
        life = EnvironmentLifecycle(
            now: Self.now,
            initialisationLimit: UInt64(FunctionLimits.initialisation.components.seconds)
                * 1_000_000_000,
            freezesAfter: 10_000_000
        )
    }

    private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    // MARK: What happens

    /// The process is there.
    func started(_ process: Int32, _ channels: [any Channel]) {
        self.process = process
        self.channels = channels
        life.processStarted(now: Self.now)
        setTimer(life.initialisationDeadline)
        sample(after: Self.interval)
    }

    /// An invocation is to run.
    func invoke(
        _ invocation: Invocation,
        _ stream: AnswerStream?,
        _ caller: CheckedContinuation<InvocationOutcome, Never>
    ) {
        precondition(self.caller == nil, "an environment runs one invocation at a time")
        self.invocation = invocation
        self.stream = stream
        self.caller = caller
        // It may have ended since it was chosen.
        guard life.phase != .gone else { return answer(life.fate) }
        handle(.invoke(limit: UInt64(fixed.timeoutSeconds) * 1_000_000_000))
    }

    /// The process has made a call.
    func take(_ request: RuntimeConnection.Request, from connection: RuntimeConnection) {
        switch request.call {
        case .next:
            guard asking == nil else { return connection.reply(.wrongTime) }
            asking = connection
            handle(.asked)
        case .response(let identity):
            guard accepts(identity, connection) else { return }
            respond(request, connection)
        case .error(let identity):
            guard accepts(identity, connection) else { return }
            result = (request.body, OutcomeText.reported(request.errorType), nil)
            handle(.failed)
            accept(connection)
        case .initialisationError:
            guard life.phase == .initialising else { return connection.reply(.wrongTime) }
            connection.reply(.accepted)
            result = (request.body, OutcomeText.reported(request.errorType), nil)
            handle(.initialisationFailed)
        case .unknown: connection.reply(.unknown)
        }
    }

    private func accepts(_ identity: String, _ connection: RuntimeConnection) -> Bool {
        guard identity == invocation?.requestID else {
            connection.reply(.wrongIdentity)
            return false
        }
        guard life.phase == .busy else {
            connection.reply(.wrongTime)
            return false
        }
        return true
    }

    private func respond(_ request: RuntimeConnection.Request, _ connection: RuntimeConnection) {
        if request.isTooLarge {
            fail(.tooLarge(FunctionLimits.responseBytes))
            return connection.reply(.tooLarge)
        }
        if let type = request.errorType {
            // An answer that ends in an error: what came before it is not an answer.
            let payload = request.errorBody ?? OutcomeText.streamFailed.payload
            result = (payload, OutcomeText.reported(type), type)
            handle(.failed)
        } else {
            result = (request.body, nil, nil)
            handle(.responded)
        }
        accept(connection)
    }

    private func fail(_ text: OutcomeText) {
        result = (text.payload, text.status, text.type)
        output.write(text.message)
        handle(.failed)
    }

    /// Where the pieces of an answer go, if it is one to this invocation and its caller takes pieces.
    func stream(of identity: String) -> AnswerStream? {
        guard identity == invocation?.requestID, life.phase == .busy else { return nil }
        return stream
    }

    /// The process has answered more than it may piece by piece, and might go on: it ends.
    func overran() {
        guard life.phase == .busy else { return }
        fail(.tooLarge(FunctionLimits.streamedBytes))
        handle(.stop)
    }

    /// Lets the process go on, after the caller of its invocation has been told.
    ///
    /// The other way round the process asks for its next invocation while the caller waits for a processor.
    private func accept(_ connection: RuntimeConnection) {
        let bound = NIOLoopBound(connection, eventLoop: fixed.loop)
        fixed.loop.execute { bound.value.reply(.accepted) }
    }

    /// Connections that a process may have: a client needs one, or one for each call.
    private static let mostConnections = 32

    /// Whether one more connection is taken.
    var takesConnections: Bool {
        life.phase != .gone && connections.count < Self.mostConnections
    }

    /// A connection has been made.
    func connected(_ connection: RuntimeConnection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    /// A connection is gone.
    func lost(_ connection: RuntimeConnection) {
        connections[ObjectIdentifier(connection)] = nil
        // A process that asks anew is answered there.
        if asking === connection { asking = nil }
    }

    /// The process has ended, and waits to be reaped.
    func ended() {
        // Its children, while the number of the group cannot be anyone else's.
        ChildProcess.signal(process, .kill)
        if let status = ChildProcess.reap(process) { exit = OutcomeText.exit(status) }
        process = 0
        handle(.exited)
        output.finish()
    }

    /// Nobody needs it any more.
    func stop() { handle(.stop) }

    /// Tells whether it has initialised, when that is known.
    func whenInitialised(_ tell: @escaping (Bool) -> Void) {
        waiting.append(tell)
        tellWaiting()
    }

    private func tellWaiting() {
        guard life.phase != .initialising, !waiting.isEmpty else { return }
        for tell in waiting { tell(life.phase != .gone) }
        waiting = []
    }

    // MARK: What is done

    private func handle(_ event: EnvironmentLifecycle.Event) {
        let wasGone = life.phase == .gone
        let commands = life.handle(event, now: Self.now)
        if !wasGone, life.phase == .gone { fixed.becameGone() }
        for command in commands { carryOut(command) }
        tellWaiting()
    }

    private func carryOut(_ command: EnvironmentLifecycle.Command) {
        switch command {
        case .freeze: ChildProcess.signal(process, .suspend)
        case .thaw: ChildProcess.signal(process, .resume)
        case .kill: kill()
        case .deliver: deliver()
        case .answer(let ending): answer(ending)
        case .setTimer(let due): setTimer(due)
        case .clearTimer:
            timer?.cancel()
            timer = nil
        }
    }

    private func setTimer(_ due: UInt64) {
        timer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: fixed.loop)
        timer = fixed.loop.scheduleTask(deadline: .uptimeNanoseconds(due)) {
            bound.value.handle(.timer)
        }
    }

    private func kill() {
        sampling?.cancel()
        if process != 0 { ChildProcess.signal(process, .kill) }
        for channel in channels { channel.close(promise: nil) }
        channels = []
        for connection in connections.values { connection.close() }
    }

    private func deliver() {
        guard let invocation else { preconditionFailure("what is delivered was given") }
        if sampling == nil { sample(after: Self.interval) }
        let deadline = fixed.time.wallMilliseconds + Int64(fixed.timeoutSeconds) * 1_000
        let reply = RuntimeReply.next(invocation, deadline: deadline, trace: makeTrace())
        // An environment that waits does not keep what it was called with.
        self.invocation?.payload = []
        // Without a connection the process has gone away from its question, and asks again or is out of time.
        asking.take()?.reply(reply)
    }

    /// An identity for tracing, which nothing samples: when, and 96 and 64 random bits.
    private func makeTrace() -> String {
        let seconds = UInt64(fixed.time.wallMilliseconds / 1_000)
        let random = (0..<3).map { _ in Self.hex(fixed.randomness.next(), 16) }
        let root = "1-\(Self.hex(seconds, 8))-\(random[0])\(random[1].prefix(8))"
        return "Root=\(root);Parent=\(random[2]);Sampled=0"
    }

    private static func hex(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Tells the caller how the invocation ended.
    ///
    /// A little later: what the process wrote before its answer came out of the system together with that, and is
    /// read in this turn of the loop.
    private func answer(_ ending: EnvironmentLifecycle.Ending) {
        guard let caller = caller.take() else { return }
        let outcome = outcome(ending)
        let bound = NIOLoopBound(self, eventLoop: fixed.loop)
        fixed.loop.execute { bound.value.tell(outcome, caller) }
    }

    private func tell(
        _ outcome: (InvocationOutcome, message: String?),
        _ caller: CheckedContinuation<InvocationOutcome, Never>
    ) {
        var (outcome, message) = outcome
        outcome.lines = output.takeTail()
        if let message {
            output.write(message)
            outcome.lines += output.takeTail()
        }
        caller.resume(returning: outcome)
    }

    private func outcome(
        _ ending: EnvironmentLifecycle.Ending
    ) -> (InvocationOutcome, message: String?) {
        let now = Self.now
        look(now)
        let told = OutcomeText.of(
            ending,
            invocation?.requestID ?? "",
            timeoutSeconds: fixed.timeoutSeconds,
            exit: exit
        )
        var outcome = InvocationOutcome(payload: told?.payload ?? result.payload)
        outcome.functionError = ending == .responded ? nil : "Unhandled"
        outcome.status = told?.status ?? result.status
        outcome.errorType = result.type
        outcome.initialisation = hasTold ? nil : life.initialisation
        outcome.duration = now - min(now, life.began)
        outcome.residentBytes = residentBytes
        hasTold = true
        stream = nil
        result = ([], nil, nil)
        return (outcome, told?.message)
    }

    // MARK: Memory

    /// Looks at the memory of the process that has answered, if nobody has for a while.
    private func look(_ now: UInt64) {
        guard process != 0, now >= nextLook else { return }
        nextLook = now + UInt64(Self.interval.nanoseconds)
        residentBytes = max(residentBytes, ChildProcess.residentBytes(process))
    }

    /// How often memory is looked at while a process runs.
    private static let interval = TimeAmount.milliseconds(100)

    private func sample(after delay: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: fixed.loop)
        sampling = fixed.loop.scheduleTask(in: delay) { bound.value.sampleNow() }
    }

    private func sampleNow() {
        sampling = nil
        // One that is frozen neither grows nor shrinks.
        guard process != 0, life.phase != .gone, life.phase != .idle else { return }
        let bytes = fixed.residents.bytes(ofSession: process)
        residentBytes = max(residentBytes, bytes)
        if bytes > fixed.memoryBytes { return handle(.outgrew) }
        sample(after: Self.interval)
    }
}
