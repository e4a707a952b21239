internal import Logging
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleWire

/// The API: finds the operation, checks the signature, runs it, wraps the answer.
final class APIRoute: Sendable {
    private static let targetPrefix = Array("DynamoDB".utf8)

    let service: Service
    let access: AccessControl
    let metrics: ServerMetrics
    let time: any TimeSource
    let identities: RequestIDSource
    let logger: Logger
    /// The most bytes of a body, compressed or not.
    let bodyLimit: Int

    init(
        service: Service,
        access: AccessControl,
        metrics: ServerMetrics,
        time: any TimeSource,
        identities: RequestIDSource,
        logger: Logger,
        bodyLimit: Int
    ) {
        self.service = service
        self.access = access
        self.metrics = metrics
        self.time = time
        self.identities = identities
        self.logger = logger
        self.bodyLimit = bodyLimit
    }

    /// Whether a request's target begins as those of tables and streams do.
    func isMeant(_ request: HTTPRequest) -> Bool {
        guard let range = request.targetRange else { return false }
        let prefix = Self.targetPrefix
        guard range.count >= prefix.count else { return false }
        for index in prefix.indices where prefix[index] != request.bytes[range.lowerBound + index] {
            return false
        }
        return true
    }

    /// A request that may be run.
    private struct Call {
        let operation: Int
        let body: RequestBody
        let service: Service
    }

    /// What is told of a request when it is answered.
    private struct Trace {
        let id: RequestID
        let start: UInt64
        let shard: Int
        var operation: Int?
    }

    /// Answers a request.
    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        var trace = Trace(
            id: identities.next(),
            start: time.monotonicNanoseconds,
            shard: request.shard
        )
        // What lies in memory while the operation waits is little: what comes before and behind it has functions of its own.
        do throws(WireError) {
            let call = try call(request, &trace)
            return answer(
                try await OperationRegistry.run(call.operation, call.body, on: call.service),
                trace
            )
        } catch {
            return answer(error, trace)
        }
    }

    /// What a request asks for.
    @inline(never)
    private func call(_ request: HTTPRequest, _ trace: inout Trace) throws(WireError) -> Call {
        let found = try find(request)
        trace.operation = found
        let caller = try verify(request, OperationRegistry.isOfScaling(found))
        return Call(
            operation: found,
            body: try plainBody(of: request),
            service: service(for: request, found, caller)
        )
    }

    @inline(never)
    private func answer(_ body: [UInt8], _ trace: Trace) -> HTTPResponse {
        answer(body, status: 200, nil, trace)
    }

    @inline(never)
    private func answer(_ error: WireError, _ trace: Trace) -> HTTPResponse {
        answer(Envelope.body(of: error), status: error.code.status, error, trace)
    }

    private func answer(
        _ body: [UInt8],
        status: Int,
        _ failure: WireError?,
        _ trace: Trace
    ) -> HTTPResponse {
        let isOfScaling = trace.operation.map(OperationRegistry.isOfScaling) ?? false
        let elapsed = time.monotonicNanoseconds - trace.start
        metrics.answered(trace.operation, status: status, nanoseconds: elapsed, in: trace.shard)
        log(trace.operation, trace.id, status, failure, elapsed)
        return HTTPResponse(
            status: status,
            contentType: isOfScaling ? Envelope.scalingContentType : Envelope.contentType,
            identity: trace.id,
            body: body
        )
    }

    /// The place of the operation that a request names.
    ///
    /// One that does not exist is refused only behind the signature.
    private func find(_ request: HTTPRequest) throws(WireError) -> Int {
        if let range = request.targetRange,
            let found = OperationRegistry.find(target: request.bytes.span.extracting(range))
        {
            return found
        }
        let target = request.targetRange.map { request.text($0) }
        let name = try Envelope.operation(target: target)
        let prefix = Envelope.scalingTargetPrefix
        _ = try verify(request, target?.utf8.starts(with: prefix.utf8) ?? false)
        throw OperationRegistry.unknown(name)
    }

    /// The body as it was before the client compressed it; signatures are of what was sent.
    private func plainBody(of request: HTTPRequest) throws(WireError) -> RequestBody {
        guard let range = request.codingRange,
            let coding = try ContentCoding.named(request.text(range))
        else { return RequestBody(request.bytes, in: request.bodyRange) }
        return RequestBody(try ContentCoding.decoded(request.body, coding, limit: bodyLimit))
    }

    /// The service for this caller, and under the name by which it was reached, where the operation tells it.
    private func service(
        for request: HTTPRequest,
        _ operation: Int,
        _ caller: Caller?
    ) -> Service {
        let host = OperationRegistry.tellsEndpoint(operation) ? request.hostRange : nil
        guard caller != nil || host != nil else { return service }
        var named = service
        named.caller = caller
        if let host { named.endpoint = request.text(host) }
        return named
    }

    private func verify(
        _ request: HTTPRequest,
        _ isOfScaling: Bool
    ) throws(WireError) -> Caller? {
        try access.caller(
            of: request,
            service: isOfScaling ? Envelope.scalingService : SignatureVerifier.service,
            nowSeconds: time.wallMilliseconds / 1_000
        )
    }

    private func log(
        _ operation: Int?,
        _ id: RequestID,
        _ status: Int,
        _ failure: WireError?,
        _ nanoseconds: UInt64
    ) {
        let level: Logger.Level = status >= 500 ? .error : .debug
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "operation":
                "\(operation.map { OperationRegistry.names[$0] } ?? ServerMetrics.unknown)",
            "requestID": "\(id)",
            "status": "\(status)",
            "microseconds": "\(nanoseconds / 1_000)",
        ]
        if let failure {
            metadata["error"] = "\(failure.code.rawValue)"
            metadata["reason"] = "\(failure.message)"
        }
        logger.log(level: level, status >= 500 ? "request failed" : "request", metadata: metadata)
    }
}
