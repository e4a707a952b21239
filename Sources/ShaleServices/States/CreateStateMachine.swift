internal import ShaleItems
internal import ShaleLogs
internal import ShaleStateMachines

/// Makes a state machine.
enum CreateStateMachine: StatesOperation {
    static let name = "CreateStateMachine"

    static let shape: [Member] =
        [
            .required("name", StatesShapes.name),
            .required("definition", StatesShapes.definition),
            .required("roleArn", StatesShapes.arn), Member("type", StatesShapes.kind),
            Member("tags", StatesShapes.tags), Member("publish", .flag),
            Member("versionDescription", StatesShapes.description),
        ] + StatesShapes.settings

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try service.requireOwnedKey(members)
        let settings = MachineSettings(
            definition: members.text("definition"),
            roleARN: members.text("roleArn"),
            logging: service.logging(members) ?? MachineSettings.noLogging,
            isTraced: service.isTraced(members) ?? false
        )
        try await service.requireLogGroups(settings.logging)
        var new = StateMachines.New(
            name: members.text("name"),
            kind: members.text("type") == "EXPRESS" ? .express : .standard,
            settings: settings
        )
        new.tags = service.tags(members)
        new.isPublished = members.isSet("publish")
        new.description = members.optionalText("versionDescription")
        let made = new
        let (machine, version) = try await service.checked { () async throws(StatesError) in
            try await service.machines.create(made)
        }
        var answer: Item = [
            "stateMachineArn": .string(service.machines.resourceName(machine.name)),
            "creationDate": .time(machine.createdMilliseconds),
        ]
        answer.set("stateMachineVersionArn", service.arn(version, of: machine.name))
        return RestReply(answer)
    }
}

extension StatesService {
    /// What a machine is to log, whole; nil where the request does not say.
    func logging(_ members: Item) -> Item? {
        members["loggingConfiguration"]?.mapValue.map(LoggingRules.whole)
    }

    /// Whether traces are asked for; nil where the request does not say.
    func isTraced(_ members: Item) -> Bool? {
        members["tracingConfiguration"]?.mapValue.map { $0.isSet("enabled") }
    }

    /// The resource name of a version, where there is one.
    func arn(_ version: MachineVersion?, of machine: String) -> String? {
        version.map { machines.resourceName(machine, String($0.number)) }
    }

    /// Refuses groups of logs that are not there; whether there are as many as there may be is looked at later.
    ///
    /// - Throws: `InvalidLoggingConfiguration`.
    func requireLogGroups(_ logging: Item?) async throws(RestError) {
        for place in logging?["destinations"]?.listValue ?? [] {
            guard let arn = LoggingRules.group(place) else { continue }
            guard let group = group(arn), try await isThere(group) else {
                throw .states(
                    .invalidLoggingConfiguration,
                    "Invalid Logging Configuration: Log Destination not found."
                )
            }
        }
    }

    /// The group of a resource name, `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`; nil for one of elsewhere.
    private func group(_ arn: String) -> String? {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7 || (parts.count == 8 && parts[7] == "*"), parts[2] == "logs",
            parts[3] == machines.region, parts[4] == machines.account, parts[5] == "log-group"
        else { return nil }
        return parts[6]
    }

    private func isThere(_ group: String) async throws(RestError) -> Bool {
        do throws(LogsError) {
            _ = try await logs.group(group)
            return true
        } catch {
            guard error.code != .notFound else { return false }
            throw RestError(error)
        }
    }
}
