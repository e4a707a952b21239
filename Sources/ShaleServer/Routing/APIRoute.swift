internal import Logging
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleWire

/// The API: finds the operation, checks the signature, runs it, wraps the answer.
final class APIRoute: Sendable {
    private static let targetPrefix = "DynamoDB"

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
        return request.bytes[range].starts(with: Self.targetPrefix.utf8)
    }

    /// Answers a request.
    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        let start = time.monotonicNanoseconds
        let id = identities.next()
        var operation: Int?
        var status = 200
        var failure: WireError?
        var body: [UInt8]
        do throws(WireError) {
            let found = try find(request)
            operation = found
            let caller = try verify(request, OperationRegistry.isOfScaling(found))
            body = try await OperationRegistry.run(
                found,
                plainBody(of: request),
                on: service(for: request, found, caller)
            )
        } catch {
            body = Envelope.body(of: error)
            status = error.code.status
            failure = error
        }
        let isOfScaling = operation.map(OperationRegistry.isOfScaling) ?? false
        let elapsed = time.monotonicNanoseconds - start
        metrics.answered(operation, status: status, nanoseconds: elapsed, in: request.shard)
        log(operation, id, status, failure, elapsed)
        return HTTPResponse(
            status: status,
            contentType: isOfScaling ? Envelope.scalingContentType : Envelope.contentType,
            identity: id,
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
