import NIOCore
import NIOPosix

@testable import ShaleServer

/// A client that sends bytes over a real connection and takes responses apart.
struct LoopbackClient {
    struct Response: Equatable {
        var status = 0
        var headers: [String: String] = [:]
        var body = ""
    }

    let address: Server.Address

    /// Sends `text` and reads until `count` responses came or the server closed.
    func send(_ text: String, expecting count: Int = 1) async throws -> [Response] {
        try await exchange([text], expecting: count).responses
    }

    /// Sends each piece after the response to the one before, and says whether the server closed.
    func exchange(
        _ pieces: [String],
        expecting count: Int
    ) async throws -> (responses: [Response], isClosed: Bool) {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var responses: [Response] = []
            var received: [UInt8] = []
            var iterator = inbound.makeAsyncIterator()
            var unsent = pieces[...]
            while true {
                if let piece = unsent.popFirst() {
                    try await outbound.write(ByteBuffer(string: piece))
                }
                let wanted = unsent.isEmpty ? count : responses.count + 1
                while responses.count < wanted {
                    if let response = Self.take(&received) {
                        responses.append(response)
                        continue
                    }
                    guard let bytes = try await iterator.next() else { return (responses, true) }
                    received.append(contentsOf: bytes.readableBytesView)
                }
                if unsent.isEmpty { return (responses, false) }
            }
        }
    }

    /// Takes one whole response from the front of `bytes`.
    private static func take(_ bytes: inout [UInt8]) -> Response? {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count,
            let headEnd = (0...(bytes.count - end.count)).first(where: {
                bytes[$0..<($0 + end.count)].elementsEqual(end)
            })
        else { return nil }
        var response = Response()
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        response.status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            response.headers[line[..<colon].lowercased()] = String(value)
        }
        let length = response.headers["content-length"].flatMap(Int.init) ?? 0
        let bodyStart = headEnd + end.count
        guard bytes.count >= bodyStart + length else { return nil }
        response.body = String(decoding: bytes[bodyStart..<(bodyStart + length)], as: UTF8.self)
        bytes.removeFirst(bodyStart + length)
        return response
    }
}

/// A request to the API as text.
func apiRequest(_ operation: String, _ body: String, headers: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.\(operation)\r\n"
        + "Content-Type: application/x-amz-json-1.0\r\n\(headers)"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
