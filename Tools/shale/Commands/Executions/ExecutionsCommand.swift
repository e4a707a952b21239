import ArgumentParser
import Foundation
import ShaleServer

/// `shale executions`: what runs on a server, by hand.
struct ExecutionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "executions",
        abstract: "List, show, start, stop and redrive executions of state machines.",
        discussion: """
            Asks a server that runs. A machine is its name or its ARN, also NAME:ALIAS or NAME:VERSION;
            an execution is MACHINE/NAME or its ARN. Where the server wants signatures, the key comes
            from the environment, SHALE_ACCESS_KEY_ID and SHALE_SECRET_ACCESS_KEY.
            """,
        subcommands: [
            ListExecutionsCommand.self, ShowExecution.self, StartExecutionCommand.self,
            StopExecutionCommand.self, RedriveExecutionCommand.self,
        ]
    )
}

/// Where the server is: what all of these commands take.
struct StatesServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the server is.", valueName: "url"))
    var server = "http://127.0.0.1:8000"

    func client() throws -> StatesClient {
        let key: ServerClient.Key?
        do throws(ServerError) {
            key = try CredentialSource.fromEnvironment(ProcessInfo.processInfo.environment).first
        } catch {
            throw Complaint(.couldNotStart, error.message)
        }
        return StatesClient(try ServerClient(server, key))
    }

    /// Runs what asks the server; a refusal becomes a sentence about `what`.
    func asking<Answer>(
        _ what: String,
        _ body: (StatesClient) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body(try client())
        } catch let failure as StatesFailure {
            throw failure.complaint(what)
        }
    }
}
