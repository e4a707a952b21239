import ArgumentParser
import Foundation
import ShaleServer

/// `shale logs`: lines of a log group, from a server that runs.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the lines of a log group, and follow it.",
        discussion: """
            Asks a server for the lines of a group in the order of their times: those of a function
            are in /aws/lambda/NAME. Where the server wants signatures, the key comes from the
            environment, SHALE_ACCESS_KEY_ID and SHALE_SECRET_ACCESS_KEY.

            A filter has terms that must stand in a line, "phrases in quotes", -unwanted and ?either
            ones, or a condition on lines that are JSON: { $.level = "error" }.
            """
    )

    @Argument(help: "The log group.")
    var group: String

    @Flag(help: "Go on with lines as they come, until Ctrl-C.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Lines of the last 30s, 10m, 2h or 7d, or since a time as 2030-01-02T03:04:05Z.",
            valueName: "time"
        ),
        transform: LogStart.init
    )
    var since: LogStart?

    @Option(help: "Lines of this log stream only.")
    var stream: String?

    @Option(help: "Lines that this pattern matches only.")
    var filter: String?

    @Option(help: ArgumentHelp("Where the server is.", valueName: "url"))
    var server = "http://127.0.0.1:8000"

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        let client = LogClient(try ServerClient(server, try credential()), service: "logs")
        var query = LogQuery(group: group, stream: stream, filter: filter)
        query.from = since?.milliseconds(before: LogStart.now)
        var tail = LogTail(query)
        while true {
            for line in try await tail.next(from: client) { try show(line) }
            guard follow else { return }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func credential() throws -> ServerClient.Key? {
        do throws(ServerError) {
            return try CredentialSource.fromEnvironment(ProcessInfo.processInfo.environment).first
        } catch {
            throw Complaint(.couldNotStart, error.message)
        }
    }

    /// Writes a line at once: who follows through a pipe does not wait for others.
    private func show(_ line: LogEvent) throws {
        let text = json ? try JSONOutput.line(line) : line.text
        try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }
}
