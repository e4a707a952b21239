internal import Logging
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleWire

/// The API: finds the operation, checks the signature, runs it, wraps the answer.
struct APIRoute: Sendable {
    let service: Service
    /// Nil when requests need no signature.
    let verifier: SignatureVerifier?
    let metrics: ServerMetrics
    let time: any TimeSource
    let identities: RequestIDSource
    let logger: Logger

    /// The label of operations that do not exist.
    private static let unknown = "unknown"
    private static let known = Set(OperationRegistry.names)

    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        let start = time.monotonicNanoseconds
        let id = identities.next()
        var operation = Self.unknown
        var status = 200
        var failure: WireError?
        var body: [UInt8]
        do throws(WireError) {
            let name = try Envelope.operation(target: request.header(Envelope.targetHeader))
            if Self.known.contains(name) { operation = name }
            try verify(request)
            body = try await OperationRegistry.run(name, request.body, on: service(for: request))
        } catch {
            body = Envelope.body(of: error)
            status = error.code.status
            failure = error
        }
        let elapsed = time.monotonicNanoseconds - start
        metrics.answered(operation, status: status, nanoseconds: elapsed)
        log(operation, id, status, failure, elapsed)
        return HTTPResponse(
            status: status,
            contentType: Envelope.contentType,
            headers: [
                (Envelope.requestIDHeader, id.description),
                (Envelope.checksumHeader, String(CRC32.checksum(body))),
            ],
            body: body
        )
    }

    /// The service under the name by which this client reached it.
    private func service(for request: HTTPRequest) -> Service {
        var named = service
        if let host = request.header("host") { named.endpoint = host }
        return named
    }

    private func verify(_ request: HTTPRequest) throws(WireError) {
        guard let verifier else { return }
        let signed = SignableRequest(
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body
        )
        try verifier.verify(signed, nowSeconds: time.wallMilliseconds / 1_000)
    }

    private func log(
        _ operation: String,
        _ id: RequestID,
        _ status: Int,
        _ failure: WireError?,
        _ nanoseconds: UInt64
    ) {
        let level: Logger.Level = status >= 500 ? .error : .debug
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "operation": "\(operation)",
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
