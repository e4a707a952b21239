internal import NIOCore
internal import NIOHTTP1
internal import ShaleFunctions

/// One connection of a process: requests of the Runtime API in, replies out, one after the other.
///
/// A request is taken whole, but for an answer that comes piece by piece (`Lambda-Runtime-Function-Response-Mode: streaming`) to
/// a caller that takes pieces: that is passed on, and not read while the caller is behind.
///
/// Runs on the loop of its environment. A process that sends a second request before the first is answered breaks the
/// protocol, and loses the connection.
final class RuntimeConnection: ChannelDuplexHandler {
    typealias OutboundIn = HTTPServerResponsePart
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
        /// The error itself, JSON, behind a streamed body.
        var errorBody: [UInt8]?
        /// Where the body goes instead.
        var stream: AnswerStream?
    }

    private let environment: EnvironmentCore
    private var context: ChannelHandlerContext?
    private var request: Request?
    private var keepsAlive = true
    /// Whether a request waits for its reply.
    private var isOwed = false
    /// Whether the caller is behind, so that nothing is read; and whether something would have been.
    private var isPaused = false
    private var holdsRead = false

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
        if case .response(let identity) = call,
            head.headers.first(name: Self.modeName)?.lowercased() == "streaming"
        {
            request.stream = environment.stream(of: identity)
        }
        self.request = request
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    private static let errorTypeName = "Lambda-Runtime-Function-Error-Type"
    private static let errorBodyName = "Lambda-Runtime-Function-Error-Body"
    private static let modeName = "Lambda-Runtime-Function-Response-Mode"

    private func take(_ bytes: ByteBuffer) {
        guard var request = request.take() else { return }
        if let stream = request.stream {
            self.request = request
            return pass(Array(bytes.readableBytesView), to: stream)
        }
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
        if let text = trailers?.first(name: Self.errorBodyName) {
            request.errorBody = RuntimeReply.decodedBase64(text)
        }
        environment.take(request, from: self)
    }

    // MARK: Answers in pieces

    private func pass(_ bytes: [UInt8], to stream: AnswerStream) {
        guard let context else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        switch stream.write(bytes, whenRoom: { loop.execute { bound.value.goOn() } }) {
        case .goOn: break
        case .pause: isPaused = true
        case .tooLarge: environment.overran()
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { holdsRead = true } else { context.read() }
    }

    private func goOn() {
        isPaused = false
        guard holdsRead else { return }
        holdsRead = false
        context?.read()
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
