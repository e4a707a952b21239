internal import Logging
internal import ShalePlatform
internal import ShaleServices
internal import ShaleStateMachines
internal import ShaleWire

/// The operations of Step Functions, JSON 1.0: finds the operation, checks the signature, runs it.
///
///     X-Amz-Target: AWSStepFunctions.NAME
final class StatesRoute: Sendable {
    /// What requests are signed for.
    private static let signedFor = "states"

    let service: StatesService
    let access: AccessControl
    let metrics: ServerMetrics
    let time: any TimeSource
    let identities: RequestIDSource
    let logger: Logger

    init(
        service: StatesService,
        access: AccessControl,
        metrics: ServerMetrics,
        time: any TimeSource,
        identities: RequestIDSource,
        logger: Logger
    ) {
        self.service = service
        self.access = access
        self.metrics = metrics
        self.time = time
        self.identities = identities
        self.logger = logger
    }

    /// Answers a request; nil where its target is none of this protocol.
    func respond(_ request: HTTPRequest) async -> HTTPResponse? {
        guard let range = request.targetRange,
            request.bytes[range].starts(with: StatesRegistry.targetPrefix.utf8)
        else { return nil }
        let start = time.monotonicNanoseconds
        let id = identities.next()
        var operation: String?
        var reply: RestReply
        do throws(RestError) {
            let permit = try access.unrestricted(
                request,
                service: Self.signedFor,
                account: service.machines.account,
                nowSeconds: time.wallMilliseconds / 1_000
            )
            let match = try StatesRegistry.find(target: request.text(range))
            operation = match.name
            try permit.check(match.name)
            let call = RestCall(body: request.body, client: request.client)
            reply = try await match.run(call, service)
        } catch {
            reply = error.jsonReply(RestReply.json10)
            log(operation, id, error)
        }
        metrics.answered(
            operation.flatMap { ServerMetrics.place(of: "\(Self.signedFor):\($0)") },
            status: reply.status,
            nanoseconds: time.monotonicNanoseconds - start,
            in: request.shard
        )
        return HTTPResponse(
            status: reply.status,
            contentType: reply.contentType,
            identity: id,
            body: reply.body
        )
    }

    private func log(_ operation: String?, _ id: RequestID, _ error: RestError) {
        logger.log(
            level: error.status >= 500 ? .error : .debug,
            "request failed",
            metadata: [
                "operation": "states:\(operation ?? ServerMetrics.unknown)", "requestID": "\(id)",
                "status": "\(error.status)", "error": "\(error.name)", "reason": "\(error.message)",
            ]
        )
    }
}
