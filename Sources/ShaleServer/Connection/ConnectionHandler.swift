internal import NIOCore
internal import ShaleServices

/// One connection: bytes to requests, one request at a time to the router, responses in order.
///
/// Runs on its event loop only. A request runs as one task whose executor is the loop, so that one
/// that needs no wait is answered without a thread switch. While a request runs, a little of what
/// the client sends after it is held; beyond that the socket is not read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How a request is answered.
    typealias Respond = @Sendable (HTTPRequest) async -> HTTPResponse

    /// What of a next request is held while one runs.
    private static let heldBytes = 64 * 1024

    private let respond: Respond
    private let connections: Connections
    private let limits: HTTPLimits
    private var executor: EventLoopExecutor?
    private var parser: HTTPRequestParser
    private var lifecycle: ConnectionLifecycle
    private var timer: (due: UInt64, scheduled: Scheduled<Void>)?
    private var holdsRead = false
    private var isAdvancing = false
    private var mustAdvance = false
    private var isClosed = false
    /// Whether responses were written that are still to be sent.
    private var mustFlush = false
    /// Whether the socket takes no more, and the next request waits for it.
    private var awaitsRoom = false
    /// The head of a response, made in the same memory each time.
    private var head: [UInt8] = []
    /// What is written of a response; the memory is used again once NIO has let go of it.
    private var outbound = ByteBuffer()
    private let shard: Int
    private let presence = ConnectionPresence()
    /// The response that is sent piece by piece.
    private var streamed: Streamed?

    private struct Streamed {
        var body: any BodyStream
        var isChunked: Bool
        var keepsAlive: Bool
    }

    init(_ limits: HTTPLimits, _ connections: Connections, _ respond: @escaping Respond) {
        self.limits = limits
        self.connections = connections
        self.respond = respond
        shard = connections.metrics.shard()
        parser = HTTPRequestParser(limits)
        lifecycle = ConnectionLifecycle(limits, now: Self.now)
    }

    private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    // MARK: What comes in

    func channelActive(context: ChannelHandlerContext) {
        executor = connections.executor(of: context.eventLoop)
        lifecycle.enter(.idle, now: Self.now)
        armTimer(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connections.metrics.received(bytes.readableBytes, in: shard)
        guard lifecycle.phase != .lingering else { return }
        parser.append(bytes.readableBytesView)
        advance(context)
    }

    func read(context: ChannelHandlerContext) {
        if lifecycle.isAnswering, parser.bufferedCount > Self.heldBytes {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        presence.leave()
        streamed.take()?.body.abandon()
        timer?.scheduled.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or broken connection: there is nobody to tell.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is DrainRequested else { return context.fireUserInboundEventTriggered(event) }
        lifecycle.isDraining = true
        if lifecycle.phase == .idle { context.close(promise: nil) }
    }

    // MARK: Requests

    /// Parses and starts requests until one runs or bytes are missing.
    ///
    /// Not recursive: a client that sends a thousand requests at once must not deepen the stack a
    /// thousand times.
    private func advance(_ context: ChannelHandlerContext) {
        mustAdvance = true
        guard !isAdvancing else { return }
        isAdvancing = true
        while mustAdvance, lifecycle.mayParse, !isClosed {
            mustAdvance = false
            step(context)
        }
        isAdvancing = false
        flush(context)
    }

    /// Sends what was written: one call for all the requests that came together.
    private func flush(_ context: ChannelHandlerContext) {
        guard mustFlush, !isClosed else { return }
        mustFlush = false
        context.flush()
    }

    private func step(_ context: ChannelHandlerContext) {
        do throws(HTTPError) {
            switch try parser.next() {
            case .request(let request):
                start(request, context)
            case .continueExpected:
                connections.metrics.sent(HTTPResponse.continueBytes.count, in: shard)
                let buffer = context.channel.allocator.buffer(bytes: HTTPResponse.continueBytes)
                context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
                mustAdvance = true
            case nil:
                wait(context)
            }
        } catch {
            finish(.refusal(error), to: nil, context)
        }
    }

    private func wait(_ context: ChannelHandlerContext) {
        let now = Self.now
        if parser.isBetweenRequests {
            if lifecycle.isDraining { return context.close(promise: nil) }
            lifecycle.enter(.idle, now: now)
        } else {
            lifecycle.enter(parser.isInsideHead ? .head : .body, now: now)
        }
        armTimer(context)
    }

    private func start(_ request: consuming HTTPRequest, _ context: ChannelHandlerContext) {
        lifecycle.enter(.responding, now: 0)
        request.shard = shard
        request.client = presence
        let request = request
        let loop = context.eventLoop
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: loop)
        let respond = respond
        // Runs here and now as far as it needs not wait.
        Task.immediate(executorPreference: executor) {
            let response = await respond(request)
            if loop.inEventLoop {
                bound.value.handler.finish(response, to: request, bound.value.context)
            } else {
                loop.execute {
                    bound.value.handler.finish(response, to: request, bound.value.context)
                }
            }
        }
    }

    private func finish(
        _ response: HTTPResponse,
        to request: HTTPRequest?,
        _ context: ChannelHandlerContext
    ) {
        guard !isClosed else {
            response.stream?.abandon()
            return
        }
        let asked = request?.keepsAlive ?? false
        var keepsAlive = asked && !response.closes && !lifecycle.isDraining
        if let body = response.stream {
            let isChunked = request?.isVersion10 != true
            keepsAlive = keepsAlive && isChunked
            write(response, keepsAlive: keepsAlive, to: request)
            streamed = Streamed(body: body, isChunked: isChunked, keepsAlive: keepsAlive)
            return sendPiece(context)
        }
        write(response, keepsAlive: keepsAlive, to: request)
        guard keepsAlive, outbound.readableBytes <= Self.sentAtOnceBytes else {
            return send(keepsAlive: keepsAlive, context)
        }
        context.write(wrapOutboundOut(outbound), promise: nil)
        mustFlush = true
        if !isAdvancing || !context.channel.isWritable { flush(context) }
        guard !isClosed else { return }
        guard context.channel.isWritable else {
            lifecycle.enter(.flushing, now: Self.now)
            awaitsRoom = true
            return armTimer(context)
        }
        goOn(context)
    }

    /// A response of at most this size need not be sent before the next request is looked at, as long
    /// as the socket takes it.
    private static let sentAtOnceBytes = 32 * 1024

    private func write(_ response: HTTPResponse, keepsAlive: Bool, to request: HTTPRequest?) {
        head.removeAll(keepingCapacity: true)
        response.appendHead(
            keepsAlive: keepsAlive,
            toVersion10: request?.isVersion10 ?? false,
            to: &head
        )
        outbound.clear(minimumCapacity: head.count + response.body.count)
        outbound.writeBytes(head)
        if !(request?.isMethod("HEAD") ?? false) { outbound.writeBytes(response.body) }
        connections.metrics.sent(outbound.readableBytes, in: shard)
    }

    /// Sends a large or last response, and goes on when all of it is sent.
    private func send(keepsAlive: Bool, _ context: ChannelHandlerContext) {
        lifecycle.enter(.flushing, now: Self.now)
        let flushed = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        flushed.futureResult.whenComplete { result in
            let (handler, context) = bound.value
            handler.flushed(result, keepsAlive: keepsAlive, context)
        }
        let buffer = outbound
        outbound = ByteBuffer()
        mustFlush = false
        context.writeAndFlush(wrapOutboundOut(buffer), promise: flushed)
        if lifecycle.phase == .flushing { armTimer(context) }
    }

    // MARK: Bodies that are made while they are sent

    /// Sends a piece, and asks for the next when the socket has taken it.
    private func sendPiece(_ context: ChannelHandlerContext) {
        lifecycle.enter(.flushing, now: Self.now)
        let flushed = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        flushed.futureResult.whenSuccess { bound.value.handler.askForPiece(bound.value.context) }
        // Where it cannot be sent the connection is closed, and that is noticed there.
        mustFlush = false
        context.writeAndFlush(wrapOutboundOut(outbound), promise: flushed)
        if lifecycle.phase == .flushing { armTimer(context) }
    }

    private func askForPiece(_ context: ChannelHandlerContext) {
        guard !isClosed, let body = streamed?.body else { return }
        lifecycle.enter(.responding, now: 0)
        let loop = context.eventLoop
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: loop)
        Task(executorPreference: executor) {
            let piece = await body.next()
            loop.execute { bound.value.handler.take(piece, bound.value.context) }
        }
    }

    private func take(_ piece: [UInt8]?, _ context: ChannelHandlerContext) {
        guard !isClosed, let streamed else { return }
        outbound.clear()
        if let piece {
            outbound.writeBytes(streamed.isChunked ? HTTPResponse.chunk(piece) : piece)
        } else {
            if streamed.isChunked { outbound.writeBytes(HTTPResponse.lastChunk) }
            self.streamed = nil
        }
        connections.metrics.sent(outbound.readableBytes, in: shard)
        if piece == nil {
            send(keepsAlive: streamed.keepsAlive, context)
        } else {
            sendPiece(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if awaitsRoom, context.channel.isWritable, !isClosed {
            awaitsRoom = false
            goOn(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Looks at the next request.
    private func goOn(_ context: ChannelHandlerContext) {
        lifecycle.enter(.idle, now: Self.now)
        advance(context)
        if holdsRead {
            holdsRead = false
            read(context: context)
        }
    }

    private func flushed(
        _ result: Result<Void, any Error>,
        keepsAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        guard case .success = result, !isClosed else { return context.close(promise: nil) }
        guard keepsAlive else { return linger(context) }
        goOn(context)
    }

    /// Ends the sending half and drops what still comes: closing at once would reset the connection
    /// under a client that is still sending, and destroy the response it has not read.
    private func linger(_ context: ChannelHandlerContext) {
        guard !parser.isBetweenRequests else { return context.close(promise: nil) }
        lifecycle.enter(.lingering, now: Self.now)
        armTimer(context)
        context.close(mode: .output, promise: nil)
        if holdsRead {
            holdsRead = false
            context.read()
        }
    }

    // MARK: Time

    /// One timer per connection, due at the deadline or before it.
    ///
    /// When it fires too early, because the deadline has moved on, it is set again. So a request
    /// costs no timer.
    private func armTimer(_ context: ChannelHandlerContext) {
        guard !isClosed, let deadline = lifecycle.deadline else { return }
        if let timer {
            guard deadline < timer.due else { return }
            timer.scheduled.cancel()
        }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let due = NIODeadline.uptimeNanoseconds(deadline)
        let scheduled = context.eventLoop.scheduleTask(deadline: due) {
            let (handler, context) = bound.value
            handler.timer = nil
            handler.timerFired(context)
        }
        timer = (deadline, scheduled)
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        guard !isClosed else { return }
        guard lifecycle.hasExpired(now: Self.now) else { return armTimer(context) }
        switch lifecycle.phase {
        case .head, .body:
            let response = HTTPResponse.text(408, "The request came too slowly.", closes: true)
            finish(response, to: nil, context)
        case .idle, .flushing, .lingering: context.close(promise: nil)
        case .responding: break
        }
    }
}

/// Tells a connection to end once it has answered what it is answering.
struct DrainRequested: Sendable {}
