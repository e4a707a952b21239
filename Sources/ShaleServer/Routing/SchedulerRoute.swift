internal import Logging
internal import ShalePlatform
internal import ShaleServices
internal import ShaleWire

/// The operations of schedules, a REST protocol: finds the operation, checks the signature, runs it.
///
///     /schedules/…   /schedule-groups/…   /tags/arn:aws:scheduler:…
struct SchedulerRoute: Sendable {
    /// What requests are signed for.
    private static let signedFor = "scheduler"

    let service: SchedulerService
    let access: AccessControl
    let metrics: ServerMetrics
    let time: any TimeSource
    let identities: RequestIDSource
    let logger: Logger

    /// Answers a request; nil where its path is none of this service.
    func respond(_ request: HTTPRequest) async -> HTTPResponse? {
        guard SchedulerRegistry.isMeant(path: request.path) else { return nil }
        let start = time.monotonicNanoseconds
        let id = "\(identities.next())"
        var operation: String?
        var reply: RestReply
        do throws(RestError) {
            let permit = try access.unrestricted(
                request,
                service: Self.signedFor,
                account: service.account,
                nowSeconds: time.wallMilliseconds / 1_000
            )
            let match = try SchedulerRegistry.find(request.method, request.path)
            operation = match.name
            try permit.check(match.name)
            reply = try await match.run(try RestCall(request, identity: id), service)
        } catch {
            reply = error.schedulerReply
            log(operation, id, error)
        }
        metrics.answered(
            operation.flatMap { ServerMetrics.place(of: "\(Self.signedFor):\($0)") },
            status: reply.status,
            nanoseconds: time.monotonicNanoseconds - start,
            in: request.shard
        )
        reply.headers.append(("x-amzn-RequestId", id))
        return HTTPResponse(reply)
    }

    private func log(_ operation: String?, _ id: String, _ error: RestError) {
        logger.log(
            level: error.status >= 500 ? .error : .debug,
            "request failed",
            metadata: [
                "operation": "scheduler:\(operation ?? ServerMetrics.unknown)",
                "requestID": "\(id)", "status": "\(error.status)", "error": "\(error.name)",
                "reason": "\(error.message)",
            ]
        )
    }
}
