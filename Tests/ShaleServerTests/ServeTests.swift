import Foundation
import Logging
import ShalePlatform
import Testing

@testable import ShaleServer

/// `serve` from its start to its end, over a database on disk.
@Suite(.timeLimit(.minutes(20)))
struct ServeTests {
    /// Runs `body` with a directory name that does not exist yet and is gone afterwards.
    static func withDirectory<Answer>(
        _ body: (String) async throws -> Answer
    ) async throws -> Answer {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("shale-serve-\(UUID().uuidString)").path
        defer {
            // A server that was refused made no directory, and then there is nothing to remove.
            try? FileManager.default.removeItem(atPath: directory)
        }
        return try await body(directory)
    }

    @Test func `what is served is closed, and the last line says that nothing is left`()
        async throws
    {
        try await Self.withDirectory { directory in
            let lines = PureTests.Lines()
            let logger = Logger(label: "shale") { label in
                JSONLogHandler(label: label, level: .info, time: PosixTimeSource()) {
                    lines.append($0)
                }
            }
            let (addresses, listening) = AsyncStream.makeStream(of: Server.Address.self)
            let configuration = ServerConfiguration(port: 0, dataDirectory: directory)
            let serving = Task {
                defer { listening.finish() }
                try await serve(configuration, logger: logger) { listening.yield($0) }
            }
            for await address in addresses {
                let client = LoopbackClient(address: address)
                let responses = try await client.send(apiRequest("ListTables", "{}"))
                #expect(responses.map(\.body) == [#"{"TableNames":[]}"#])
                serving.cancel()
            }
            try await serving.value
            let text = lines.text.split(separator: "\n")
            #expect(text.contains { $0.contains(#""message":"listening""#) })
            #expect(text.last?.contains("nothing is left to replay") == true)
        }
    }

    @Test(arguments: [
        ("0.0.0.0", 0, ServerError.Code.openWithoutCredentials),
        ("127.0.0.1", 65_536, .cannotListen), ("127.0.0.1", -1, .cannotListen),
        ("256.1.1.1", 0, .cannotListen),
    ])
    func `an address that cannot be leaves no directory behind`(
        host: String,
        port: Int,
        code: ServerError.Code
    ) async throws {
        try await Self.withDirectory { directory in
            let configuration = ServerConfiguration(
                host: host,
                port: port,
                dataDirectory: directory
            )
            let error = await #expect(throws: ServerError.self) {
                try await serve(configuration, logger: ServerTests.quiet)
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("\(host):\(port)") == true)
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }
}
