import ArgumentParser
import Foundation

/// The one executable: reads arguments, calls the library below, chooses an exit code.
///
/// Nothing is decided here that a program embedding the library could not decide as well. What can be
/// parsed goes to standard output, everything for people (progress, complaints) to standard error.
@main
struct ShaleTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shale",
        abstract: "A durable store with DynamoDB's data model.",
        discussion: """
            EXIT CODES
              0  done, and nothing wrong was found
              1  a problem was found: damage, a line that is no item, a refused item
              2  the arguments make no sense
              3  could not start: the directory, file or address cannot be opened
              4  failed midway: the disk is full, a file call failed
            """,
        version: Version.current,
        subcommands: [
            Serve.self, Dump.self, Load.self, Verify.self, Inspect.self,
            SalvageCommand.self, Stats.self, Cost.self,
            LogsCommand.self, ExecutionsCommand.self, Backup.self, Restore.self, Export.self,
            Import.self, Bench.self,
        ]
    )

    /// Parses, runs, and ends the process with the code that belongs to the outcome.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        if let complaint = error as? Complaint {
            Terminal.complain("shale: \(complaint.message)")
            Terminal.end(complaint.status.rawValue)
        }
        if let code = error as? ExitCode { Terminal.end(code.rawValue) }
        let text = fullMessage(for: error)
        if exitCode(for: error) == .success {
            print(text)
            Terminal.end(ExitStatus.done.rawValue)
        }
        Terminal.complain(text)
        Terminal.end(ExitStatus.usage.rawValue)
    }
}

/// The release that this executable belongs to.
enum Version {
    static let current = "0.1.0"
}
