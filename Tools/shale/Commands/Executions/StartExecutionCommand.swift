import ArgumentParser
import Foundation
import OrderedCollections
import ShaleJSON

/// `shale executions start`: starts an execution, and perhaps waits for its end.
struct StartExecutionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start an execution; its ARN is printed when the start is durable.",
        discussion: """
            With --wait the output is printed instead, and the exit code is 1 if it did not succeed.
            An EXPRESS machine is then run as StartSyncExecution runs it.
            """
    )

    private static let pauses = [50, 100, 200, 400, 1_000]

    @Argument(help: "A machine, a version or an alias: NAME, NAME:ALIAS or the ARN.")
    var machine: String

    @Option(help: ArgumentHelp("JSON, @FILE, or - for standard input.", valueName: "json"))
    var input = "{}"

    @Option(help: "The name of the execution; without it the server makes one.")
    var name: String?

    @Flag(help: "Wait for the end.")
    var wait = false

    @OptionGroup var place: StatesServerOptions

    func run() async throws {
        let input = try inputText()
        try await place.asking(machine) { client in
            let arn = try await ExecutionNames(client: client).machine(machine)
            var members: JSONObject = ["stateMachineArn": .string(arn), "input": .string(input)]
            if let name { members["name"] = .string(name) }
            guard wait else {
                let started = try await client.call("StartExecution", members)
                print(started["executionArn"]?.text ?? "")
                return
            }
            let plain = arn.split(separator: ":").prefix(7).joined(separator: ":")
            let described = try await client.call(
                "DescribeStateMachine",
                ["stateMachineArn": .string(plain)]
            )
            if described["type"]?.text == "EXPRESS" {
                try finish(try await client.call("StartSyncExecution", members))
            } else {
                let started = try await client.call("StartExecution", members)
                try finish(try await end(of: started["executionArn"] ?? .null, client))
            }
        }
    }

    private func inputText() throws -> String {
        let data: Data
        if input == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else if input.hasPrefix("@") {
            let path = String(input.dropFirst())
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: path))
            } catch {
                throw Complaint(.couldNotStart, "\(path): \(error.localizedDescription)")
            }
        } else {
            data = Data(input.utf8)
        }
        let text = String(decoding: data, as: UTF8.self)
        do throws(JSONError) {
            _ = try JSONParser.value(of: text)
        } catch {
            throw Complaint(.usage, "the input is no JSON, at byte \(error.offset)")
        }
        return text
    }

    private func end(of arn: JSONValue, _ client: StatesClient) async throws -> JSONValue {
        Terminal.complain(arn.text ?? "")
        var asked = 0
        while true {
            let execution = try await client.call("DescribeExecution", ["executionArn": arn])
            guard execution["status"]?.text == "RUNNING" else { return execution }
            try await Task.sleep(for: .milliseconds(Self.pauses[min(asked, Self.pauses.count - 1)]))
            asked += 1
        }
    }

    /// Prints the output, or complains with the failure.
    private func finish(_ execution: JSONValue) throws {
        let status = execution["status"]?.text ?? ""
        guard status == "SUCCEEDED" else {
            let reasons = [execution["error"]?.text, execution["cause"]?.text].compactMap { $0 }
            let why = reasons.isEmpty ? "" : ": " + reasons.joined(separator: ": ")
            let arn = execution["executionArn"]?.text ?? ""
            let isKept = arn.contains(":execution:")
            let advice = isKept ? "\nLook with: shale executions show \(arn)" : ""
            throw Complaint(.problemFound, "\(machine) ended as \(status)\(why)\(advice)")
        }
        print(execution["output"]?.text ?? "")
    }
}
