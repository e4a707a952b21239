/// A resource name of this service, taken apart.
///
///     arn:aws:states:REGION:ACCOUNT:stateMachine:NAME
///     arn:aws:states:REGION:ACCOUNT:stateMachine:NAME:QUALIFIER
///     arn:aws:states:REGION:ACCOUNT:stateMachine:NAME/LABEL     a distributed Map of the machine
///     arn:aws:states:REGION:ACCOUNT:activity:NAME
package struct StatesARN: Sendable, Equatable {
    /// The kinds that this layer makes.
    package enum Kind: String, Sendable {
        case machine = "stateMachine"
        case activity
    }

    package let region: String
    package let account: String
    package let kind: Kind
    /// The name, with the label of a Map where there is one: then no machine has it.
    package let name: String
    /// The number of a version or the name of an alias.
    package let qualifier: String?

    /// Takes a resource name apart.
    ///
    /// - Parameters:
    ///   - text: What a client wrote.
    ///   - kinds: What may be meant where the client wrote it.
    /// - Throws: `.invalidArn`.
    package init(_ text: String, _ kinds: Set<Kind> = [.machine]) throws(StatesError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "arn" else { throw Self.invalid("Invalid ARN prefix", text) }
        guard parts.count >= 7, parts[2] == "states" else {
            throw Self.invalid("Resource name not valid in this context", text)
        }
        guard let kind = Kind(rawValue: parts[5]), kinds.contains(kind) else {
            throw Self.invalid("Resource type not valid in this context", parts[5])
        }
        let most = kind == .machine ? 8 : 7
        guard parts.count <= most, !parts[6].isEmpty, parts.last != "" else {
            throw Self.invalid("Resource name not valid in this context", text)
        }
        region = parts[3]
        account = parts[4]
        self.kind = kind
        name = parts[6]
        qualifier = parts.count == 8 ? parts[7] : nil
    }

    /// Refuses what is no resource name of one of some kinds, as `execution`.
    ///
    /// - Throws: `.invalidArn`.
    package static func require(_ text: String, _ kinds: Set<String>) throws(StatesError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "arn" else { throw invalid("Invalid ARN prefix", text) }
        guard parts.count > 6, parts[2] == "states" else {
            throw invalid("Resource name not valid in this context", text)
        }
        guard kinds.contains(parts[5]) else {
            throw invalid("Resource type not valid in this context", parts[5])
        }
    }

    /// The label of a distributed Map, where the resource name is of one.
    package var label: String? {
        guard let mark = name.firstIndex(of: "/") else { return nil }
        return String(name[name.index(after: mark)...])
    }

    /// The same for the machine itself.
    var machineName: String { String(name.prefix { $0 != "/" }) }

    /// Refuses the resource name of a distributed Map.
    ///
    /// - Throws: `.validation`.
    func requireMachine() throws(StatesError) {
        guard label != nil else { return }
        throw StatesError(
            .validation,
            "This is the ARN of a Map state, and not of a state machine: \(name.prefix(256)). Give that of "
                + "the machine \(machineName.prefix(256)), one of its versions or one of its aliases."
        )
    }

    /// The number, where the qualifier is that of a version.
    package var version: Int? { qualifier.flatMap(Self.number) }

    /// A version's number: digits without a zero before them.
    static func number(_ text: String) -> Int? {
        guard let number = Int(text), number > 0, String(number) == text else { return nil }
        return number
    }

    private static func invalid(_ reason: String, _ text: String) -> StatesError {
        StatesError(.invalidArn, "Invalid Arn: '\(reason): \(text.prefix(256))'")
    }
}
