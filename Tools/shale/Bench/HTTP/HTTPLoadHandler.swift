import Histogram
import NIOCore

/// What all connections of one event loop have seen.
final class HTTPTally {
    typealias Latencies = Histogram<UInt64>

    var latencies = Latencies(numberOfSignificantValueDigits: .three)
    var failures = 0
    var firstFailure: String?
    /// Requests that may still be sent from this loop.
    var remaining: Int
    var deadline: NIODeadline
    /// The number of the next write; loops count in ranges of their own.
    var counter: Int

    init(remaining: Int, deadline: NIODeadline, firstCounter: Int) {
        self.remaining = remaining
        self.deadline = deadline
        counter = firstCounter
    }

    /// Whether another request may be sent.
    var mayGoOn: Bool { remaining > 0 && NIODeadline.now() < deadline }
}

/// One connection that sends a request, waits for its response, and sends the next.
///
/// Runs on its event loop only, and shares the tally with the other connections of that loop.
final class HTTPLoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is sent next; nil ends the connection.
    typealias Source = () -> (bytes: ByteBuffer, counters: [Int])?

    private let tally: HTTPTally
    private let next: Source
    private var held: ByteBuffer?
    private var sentAt = NIODeadline.distantPast
    private var isDone = false
    /// Whether the server ended the connection in good order, and there is more to send.
    private(set) var mustReconnect = false
    /// When connecting began, where the connection replaces one that the server has ended: then
    /// that time belongs to the first request.
    private let connectedSince: NIODeadline?

    init(_ tally: HTTPTally, since: NIODeadline?, _ next: @escaping Source) {
        self.tally = tally
        connectedSince = since
        self.next = next
    }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
        if let connectedSince { sentAt = connectedSince }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { fail("the connection was closed") }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isDone { fail("\(error)") }
        isDone = true
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if held != nil {
            held?.writeBuffer(&bytes)
        } else {
            held = bytes
        }
        guard let response = held, let head = ResponseHead(response.readableBytesUInt8Span),
            response.readableBytes >= head.sizeBytes
        else { return }
        if head.status == 200 {
            let latency = NIODeadline.now() - sentAt
            tally.latencies.record(UInt64(max(0, latency.nanoseconds)))
        } else {
            fail(String(buffer: response))
        }
        held = nil
        guard head.closes else { return send(context) }
        isDone = true
        mustReconnect = tally.mayGoOn
        context.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard tally.mayGoOn, let (source, counters) = next() else {
            isDone = true
            return context.close(promise: nil)
        }
        tally.remaining -= 1
        var bytes = source
        for place in counters {
            tally.counter += 1
            bytes.setDigits(tally.counter, HTTPBodies.counterDigits, at: place)
        }
        sentAt = .now()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func fail(_ reason: String) {
        tally.failures += 1
        if tally.firstFailure == nil { tally.firstFailure = String(reason.prefix(1_000)) }
    }
}

/// What the head of a response says about where the response ends.
private struct ResponseHead {
    let status: Int
    let sizeBytes: Int
    let closes: Bool

    /// Nil as long as the head is not whole.
    init?(_ bytes: Span<UInt8>) {
        // HTTP/1.1 200
        guard bytes.count > 12 else { return nil }
        status =
            Int(bytes[9] & 15) * 100 + Int(bytes[10] & 15) * 10 + Int(bytes[11] & 15)
        var length = 0
        var closes = false
        var lineStart = 0
        var index = 12
        while index < bytes.count {
            guard bytes[index] == 0x0A else {
                index += 1
                continue
            }
            if index - lineStart <= 1 {
                sizeBytes = index + 1 + length
                self.closes = closes
                return
            }
            lineStart = index + 1
            // Content-Length: of all names with 14 letters and a colon only this one has its C and L.
            if lineStart + 16 < bytes.count, bytes[lineStart + 14] == UInt8(ascii: ":"),
                bytes[lineStart] | 0x20 == UInt8(ascii: "c"),
                bytes[lineStart + 8] | 0x20 == UInt8(ascii: "l")
            {
                length = 0
                var place = lineStart + 15
                while place < bytes.count, bytes[place] != 0x0D {
                    if bytes[place] >= 0x30 { length = length * 10 + Int(bytes[place] & 15) }
                    place += 1
                }
            }
            // Connection: close
            if lineStart + 13 < bytes.count, bytes[lineStart + 10] == UInt8(ascii: ":"),
                bytes[lineStart] | 0x20 == UInt8(ascii: "c"),
                bytes[lineStart + 12] | 0x20 == UInt8(ascii: "c")
            {
                closes = true
            }
            index += 1
        }
        return nil
    }
}

extension ByteBuffer {
    /// Overwrites `count` bytes with the digits of a number; the first stays a one.
    fileprivate mutating func setDigits(_ number: Int, _ count: Int, at place: Int) {
        var rest = number
        for index in (1..<count).reversed() {
            setInteger(UInt8(ascii: "0") + UInt8(rest % 10), at: place + index)
            rest /= 10
        }
    }
}
