import Foundation
import NIOCore
import NIOPosix
import ShaleWire

/// Sends requests to a server that runs, one connection each.
struct ServerClient {
    typealias Key = Credential

    /// What the server answers.
    struct Answer {
        var status: Int
        var body: [UInt8]
    }

    private static let region = "us-east-1"
    private static let connectTimeout = TimeAmount.seconds(10)

    private let target: HTTPTarget
    private let key: Key?

    init(_ url: String, _ key: Key?) throws {
        guard let target = HTTPTarget(url) else {
            throw Complaint(.couldNotStart, "\(url) is no address like http://127.0.0.1:8000")
        }
        self.target = target
        self.key = key
    }

    /// Sends a request of a JSON protocol, signed where there is a key.
    func post(target name: String, service: String, body: [UInt8]) async throws -> Answer {
        var request = SignableRequest(
            method: "POST",
            path: "/",
            query: "",
            headers: [
                .init("host", "\(target.host):\(target.port)"),
                .init("x-amz-target", name),
                .init("content-type", "application/x-amz-json-1.1"),
            ],
            body: body
        )
        if let key {
            let now = Int64(Date().timeIntervalSince1970)
            let signer = RequestSigner(key, region: Self.region, service: service)
            request.headers += try signer.headers(for: request, nowSeconds: now)
        }
        let answer = try await exchange(bytes(of: request))
        return try Self.answer(answer)
    }

    private func bytes(of request: SignableRequest) -> ByteBuffer {
        var text = "POST / HTTP/1.1\r\n"
        for header in request.headers { text += "\(header.name): \(header.value)\r\n" }
        text += "content-length: \(request.body.count)\r\nconnection: close\r\n\r\n"
        var buffer = ByteBuffer(string: text)
        buffer.writeBytes(request.body)
        return buffer
    }

    /// Sends bytes, and gives all that comes until the server ends the connection.
    private func exchange(_ request: ByteBuffer) async throws -> ByteBuffer {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(Self.connectTimeout)
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel
                        )
                    }
                }
            return try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(request)
                var answer = ByteBuffer()
                for try await part in inbound { answer.writeImmutableBuffer(part) }
                return answer
            }
        } catch {
            throw Complaint(
                .couldNotStart,
                "no server answers at \(target.host):\(target.port) (\(error)); name one with --server"
            )
        }
    }

    private static func answer(_ buffer: ByteBuffer) throws -> Answer {
        let bytes = Array(buffer.readableBytesView)
        let gap = Array("\r\n\r\n".utf8)
        guard let head = bytes.firstRange(of: gap), let space = bytes.firstIndex(of: 0x20),
            let status = Int(String(decoding: bytes[space...].dropFirst().prefix(3), as: UTF8.self))
        else { throw Complaint(.failed, "the server's answer is no HTTP") }
        return Answer(status: status, body: Array(bytes[head.upperBound...]))
    }
}
