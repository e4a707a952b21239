import ArgumentParser
import OrderedCollections
import ShaleJSON

/// `shale executions redrive`: takes up an execution where it failed.
struct RedriveExecutionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Go on with an execution that failed, timed out or was stopped.",
        discussion: "What succeeded is not done again. It keeps its name, ARN and history."
    )

    @Argument(help: "MACHINE/NAME, or the ARN.")
    var execution: String

    @OptionGroup var place: StatesServerOptions

    func run() async throws {
        try await place.asking(execution) { client in
            let arn = try await ExecutionNames(client: client).execution(execution)
            _ = try await client.call("RedriveExecution", ["executionArn": .string(arn)])
        }
    }
}
