internal import Logging
internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleServices
internal import ShaleWire

/// The operations of functions, a REST protocol: finds the operation, checks the signature, runs it.
///
///     /2015-03-31/functions/…     and the other paths that begin with a date
///     /shale/code/SHA-256?…       code, at an address that GetFunction has given
final class LambdaRoute: Sendable {
    /// What requests are signed for.
    private static let signedFor = "lambda"

    let service: LambdaService
    let access: AccessControl
    let metrics: ServerMetrics
    let time: any TimeSource
    let logger: Logger

    init(
        service: LambdaService,
        access: AccessControl,
        metrics: ServerMetrics,
        time: any TimeSource,
        logger: Logger
    ) {
        self.service = service
        self.access = access
        self.metrics = metrics
        self.time = time
        self.logger = logger
    }

    /// Answers a request; nil where its path is none of this protocol.
    func respond(_ request: HTTPRequest) async -> HTTPResponse? {
        let path = request.path
        guard LambdaRegistry.isMeant(path: path) else { return await code(request, path) }
        let start = time.monotonicNanoseconds
        let id = service.functions.makeIdentity()
        var operation: String?
        var reply: RestReply
        do throws(RestError) {
            let permit = try access.unrestricted(
                request,
                service: Self.signedFor,
                account: service.functions.account,
                nowSeconds: time.wallMilliseconds / 1_000
            )
            let match = try LambdaRegistry.find(request.method, path, query: request.query)
            operation = match.name
            try permit.check(match.name)
            reply = try await match.run(try RestCall(request, identity: id), service)
        } catch {
            reply = error.reply
            log(operation, id, error)
        }
        metrics.answered(
            operation.flatMap { ServerMetrics.place(of: "lambda:\($0)") },
            status: reply.status,
            nanoseconds: time.monotonicNanoseconds - start,
            in: request.shard
        )
        reply.headers.append(("x-amzn-RequestId", id))
        return HTTPResponse(reply)
    }

    private func code(_ request: HTTPRequest, _ path: String) async -> HTTPResponse? {
        do throws(RestError) {
            guard request.isMethod("GET"),
                let identity = try service.codeLinks.identity(path: path, query: request.query)
            else { return nil }
            return HTTPResponse(try await service.code(identity))
        } catch {
            return HTTPResponse(error.reply)
        }
    }

    private func log(_ operation: String?, _ id: String, _ error: RestError) {
        logger.log(
            level: error.status >= 500 ? .error : .debug,
            "request failed",
            metadata: [
                "operation": "lambda:\(operation ?? ServerMetrics.unknown)", "requestID": "\(id)",
                "status": "\(error.status)", "error": "\(error.name)", "reason": "\(error.message)",
            ]
        )
    }
}
