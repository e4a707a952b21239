import ArgumentParser
import OrderedCollections
import ShaleJSON

/// `shale executions stop`: ends an execution, with all that it waits for.
struct StopExecutionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop an execution; it ends as ABORTED and can be redriven."
    )

    @Argument(help: "MACHINE/NAME, or the ARN.")
    var execution: String

    @Option(help: "A name for the reason.")
    var error: String?

    @Option(help: "The reason in words.")
    var cause: String?

    @OptionGroup var place: StatesServerOptions

    func run() async throws {
        try await place.asking(execution) { client in
            let arn = try await ExecutionNames(client: client).execution(execution)
            var members: JSONObject = ["executionArn": .string(arn)]
            if let error { members["error"] = .string(error) }
            if let cause { members["cause"] = .string(cause) }
            _ = try await client.call("StopExecution", members)
            let status = try await client.call(
                "DescribeExecution",
                ["executionArn": .string(arn)]
            )["status"]?.text
            // What has ended before stays as it is, and the service says nothing.
            if status != "ABORTED" {
                throw Complaint(
                    .problemFound,
                    "\(execution) has ended already, as \(status ?? "?")"
                )
            }
        }
    }
}
