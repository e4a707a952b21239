internal import NIOCore

/// Answers a connection that is one too many, and closes it.
final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let response = HTTPResponse.text(503, "There are too many connections.", closes: true)
        let bytes = response.bytes(keepsAlive: false, toVersion10: false, withoutBody: false)
        let channel = context.channel
        let buffer = channel.allocator.buffer(bytes: bytes)
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
