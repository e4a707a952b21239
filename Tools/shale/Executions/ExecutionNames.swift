import OrderedCollections
import ShaleJSON

/// Finds resource names for what people write: `MACHINE`, `MACHINE:ALIAS`, `MACHINE/NAME`.
struct ExecutionNames {
    /// Where resources are on a server that says nothing else.
    private static let usualPrefix = "arn:aws:states:us-east-1:000000000000"

    let client: StatesClient

    /// The resource name of a machine, a version or an alias.
    func machine(_ text: String) async throws -> String {
        if text.hasPrefix("arn:") { return text }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let machines = try await machines()
        guard let found = machines.first(where: { $0["name"]?.text == parts.first }),
            let arn = found["stateMachineArn"]?.text
        else {
            let names = machines.compactMap { $0["name"]?.text }
            let some = names.prefix(10).joined(separator: ", ")
            let known = names.isEmpty ? "there are none" : "there are \(some)"
            throw Complaint(
                .problemFound,
                "no state machine \(text) on this server; \(known)\(names.count > 10 ? ", …" : "")"
            )
        }
        return parts.count == 2 ? "\(arn):\(parts[1])" : arn
    }

    /// The resource name of an execution.
    func execution(_ text: String) async throws -> String {
        if text.hasPrefix("arn:") {
            guard text.split(separator: ":").dropFirst(5).first == "execution" else {
                throw Complaint(
                    .usage,
                    "\(text) names no execution of a STANDARD machine; those of EXPRESS machines"
                        + " keep no history"
                )
            }
            return text
        }
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw Complaint(.usage, "\(text) is no execution: write MACHINE/NAME or its ARN")
        }
        // A machine that is deleted leaves its executions, so its name need not be known.
        let arn = try await machines().first?["stateMachineArn"]?.text ?? ""
        let prefix = arn.split(separator: ":").prefix(5).joined(separator: ":")
        return "\(prefix.isEmpty ? Self.usualPrefix : prefix):execution:\(parts[0]):\(parts[1])"
    }

    /// All machines, in the order of their names.
    func machines() async throws -> [JSONValue] {
        try await client.all("ListStateMachines", "stateMachines", [:])
    }
}
