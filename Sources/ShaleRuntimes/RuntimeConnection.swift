internal import NIOCore
internal import NIOHTTP1
internal import ShaleFunctions

/// One connection of a process: requests of the Runtime API in, replies out, one after the other.
///
/// Runs on the loop of its environment. A process that sends a second request before the first is answered breaks the
/// protocol, and loses the connection.
final class RuntimeConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that is whole.
    struct Request {
        var call: RuntimeCall
        /// At most as many bytes as a function may answer.
        var body: [UInt8] = []
        /// Whether there were more.
        var isTooLarge = false
        /// The type of error that the process tells, in a header or behind a streamed body.
        var errorType: String?
    }

    private let environment: EnvironmentCore
    private var context: ChannelHandlerContext?
    private var request: Request?
    private var keepsAlive = true
    /// Whether a request waits for its reply.
    private var isOwed = false

    init(_ environment: EnvironmentCore) { self.environment = environment }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        environment.lost(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, or no HTTP: there is nobody to tell. The invocation ends by its time.
        close()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes): take(bytes)
        case .end(let trailers): end(trailers)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard !isOwed else { return close() }
        keepsAlive = head.isKeepAlive
        isOwed = true
        let call = RuntimeCall(method: head.method.rawValue, path: head.uri)
        var request = Request(call: call)
        request.errorType = head.headers.first(name: Self.errorTypeName)
        self.request = request
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    private static let errorTypeName = "Lambda-Runtime-Function-Error-Type"

    private func take(_ bytes: ByteBuffer) {
        guard var request = request.take() else { return }
        let room = FunctionLimits.responseBytes - request.body.count
        if bytes.readableBytes > room {
            request.isTooLarge = true
            request.body = []
        } else if !request.isTooLarge {
            request.body.append(contentsOf: bytes.readableBytesView)
        }
        self.request = request
    }

    private func end(_ trailers: HTTPHeaders?) {
        guard var request = request.take() else { return }
        if let type = trailers?.first(name: Self.errorTypeName) { request.errorType = type }
        environment.take(request, from: self)
    }

    /// Answers the request that waits.
    func reply(_ reply: RuntimeReply) {
        guard let context, isOwed else { return }
        isOwed = false
        var headers = HTTPHeaders()
        headers.reserveCapacity(reply.headers.count + 3)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: "\(reply.body.count)")
        for header in reply.headers { headers.add(name: header.name, value: header.value) }
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = context.channel.allocator.buffer(bytes: reply.body)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let channel = context.channel
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive { written.whenComplete { _ in channel.close(promise: nil) } }
    }

    /// Ends the connection.
    func close() {
        context?.close(promise: nil)
    }
}
