import ArgumentParser
import Foundation
import OrderedCollections
import ShaleGraphs
import ShaleJSON

/// `shale executions list`: the executions of a machine, of a Map run or of all machines.
struct ListExecutionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List executions, the latest first.",
        discussion: "Without a machine those of all machines. EXPRESS executions are not kept."
    )

    /// As the service has them, in lower case.
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case running, succeeded, failed, aborted
        case timedOut = "timed-out"

        var name: String { rawValue.uppercased().replacingOccurrences(of: "-", with: "_") }
    }

    @Argument(help: "A machine by its name or ARN, or a Map run by its ARN.")
    var machine: String?

    @Option(help: "Executions with this status only.")
    var status: Status?

    @Option(help: "At most so many.")
    var limit = 20

    @OptionGroup var place: StatesServerOptions

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "Use no colours; NO_COLOR in the environment says the same.")
    var noColor = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more.") }
    }

    func run() async throws {
        let found = try await place.asking(machine ?? "executions") { client in
            try await executions(client)
        }
        if json {
            for execution in found { print(execution.json) }
            return
        }
        guard !found.isEmpty else { return Terminal.complain("no executions") }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let hasColours = !noColor && Terminal.showsColours
        ExecutionTable(executions: found, now: now, hasColours: hasColours).lines.forEach {
            print($0)
        }
    }

    private func executions(_ client: StatesClient) async throws -> [JSONValue] {
        let names = ExecutionNames(client: client)
        var groups: [JSONObject] = []
        if let machine {
            let isRun = machine.contains(":mapRun:")
            let arn = isRun ? machine : try await names.machine(machine)
            groups = [[isRun ? "mapRunArn" : "stateMachineArn": .string(arn)]]
        } else {
            let standard = try await names.machines().filter { $0["type"]?.text == "STANDARD" }
            groups = standard.compactMap { $0["stateMachineArn"].map { ["stateMachineArn": $0] } }
        }
        var found: [JSONValue] = []
        for var members in groups {
            if let status { members["statusFilter"] = .string(status.name) }
            found += try await client.all("ListExecutions", "executions", members, limit: limit)
        }
        func began(_ execution: JSONValue) -> Double { execution["startDate"]?.number ?? 0 }
        return Array(found.sorted { began($0) > began($1) }.prefix(limit))
    }
}
