internal import NIOCore

/// Brings what comes out of a pipe to the output of an environment, no faster than that takes it.
///
/// The channel does not read by itself.
final class OutputHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let output: EnvironmentOutput
    private var pause: NIODeadline?
    private var isClosed = false

    init(_ output: EnvironmentOutput) { self.output = output }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        pause = output.take(Array(bytes.readableBytesView)) ?? pause
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        guard let until = pause.take() else { return context.read() }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: until) {
            let (handler, context) = bound.value
            if !handler.isClosed { context.read() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
