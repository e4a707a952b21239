internal import Logging
internal import ShaleIdentity
internal import ShalePlatform
internal import ShaleServices
internal import ShaleWire

/// The operations of IAM, the Query protocol: a form in, XML out.
///
///     Action=GetRole&Version=2010-05-08&RoleName=r
struct IdentityRoute: Sendable {
    /// What requests are signed for.
    private static let signedFor = "iam"

    let service: IdentityService
    let access: AccessControl
    let metrics: ServerMetrics
    let time: any TimeSource
    let identities: RequestIDSource
    let logger: Logger

    /// Answers a form; nil where it is of another version, which is another service's.
    func respond(_ request: HTTPRequest) async -> HTTPResponse? {
        guard let form = QueryForm(request.body), form["Version"] == IdentityRegistry.version else {
            return nil
        }
        let start = time.monotonicNanoseconds
        let id = identities.next()
        let envelope = QueryEnvelope(space: IdentityRegistry.space, identity: "\(id)")
        var operation: String?
        var status = 200
        var body: String
        do throws(RestError) {
            let permit = try access.unrestricted(
                request,
                service: Self.signedFor,
                account: service.identity.account,
                nowSeconds: time.wallMilliseconds / 1_000
            )
            let match = try IdentityRegistry.find(form["Action"] ?? "")
            operation = match.name
            try permit.check(match.name)
            body = envelope.answer(match.name, try await match.run(form, service))
        } catch {
            let error = named(error)
            status = error.status
            body = envelope.failure(error.name, error.message, isSender: status < 500)
            log(operation, id, error)
        }
        metrics.answered(
            operation.flatMap { ServerMetrics.place(of: "\(Self.signedFor):\($0)") },
            status: status,
            nanoseconds: time.monotonicNanoseconds - start,
            in: request.shard
        )
        return HTTPResponse(
            status: status,
            contentType: QueryEnvelope.contentType,
            identity: id,
            body: Array(body.utf8)
        )
    }

    /// An error as this protocol names it: those of signatures have names of their own.
    private func named(_ error: RestError) -> RestError {
        guard let code = WireError.Code(rawValue: error.name) else { return error }
        return RestError(code.queryName, code.queryStatus, error.message)
    }

    private func log(_ operation: String?, _ id: RequestID, _ error: RestError) {
        logger.log(
            level: error.status >= 500 ? .error : .debug,
            "request failed",
            metadata: [
                "operation": "iam:\(operation ?? ServerMetrics.unknown)", "requestID": "\(id)",
                "status": "\(error.status)", "error": "\(error.name)", "reason": "\(error.message)",
            ]
        )
    }
}
