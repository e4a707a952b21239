/// Names an execution within its account: the part of its ARN behind the kind.
///
///     arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME       of a STANDARD state machine
///     arn:aws:states:REGION:ACCOUNT:execution:MACHINE/LABEL:NAME a child of a distributed Map
///     arn:aws:states:REGION:ACCOUNT:express:MACHINE:NAME:UUID    of an EXPRESS one
struct ExecutionKey: Hashable, Sendable {
    /// The state machine, perhaps with the label of a Map state.
    let machine: String
    let name: String
    let isExpress: Bool
    /// `MACHINE:NAME`: what its items and timers are found by.
    let text: String

    init(machine: String, name: String, isExpress: Bool) {
        self.machine = machine
        self.name = name
        self.isExpress = isExpress
        text = machine + ":" + name
    }

    /// The name that users know: behind that of an EXPRESS one stands something that nobody chose.
    var givenName: String {
        guard isExpress, let end = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return name }
        return String(name[..<end])
    }

    /// The ARN.
    func arn(region: String, account: String) -> String {
        "arn:aws:states:\(region):\(account):\(isExpress ? "express" : "execution"):\(text)"
    }
}

extension ExecutionKey {
    /// Reads the part behind the kind; nil where it is none.
    init?(text: String, isExpress: Bool = false) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(machine: String(parts[0]), name: String(parts[1]), isExpress: isExpress)
    }

    /// Reads an ARN of an account; nil where it is none.
    init?(arn: String, region: String, account: String) {
        let parts = arn.split(separator: ":", maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "arn", parts[2] == "states", parts[3] == region,
            parts[4] == account, ["execution", "express"].contains(parts[5])
        else { return nil }
        self.init(text: String(parts[6]), isExpress: parts[5] == "express")
    }
}
