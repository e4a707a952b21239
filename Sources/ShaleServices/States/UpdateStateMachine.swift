internal import ShaleItems
internal import ShaleStateMachines

/// Changes a state machine: a new revision, unless everything is as it was.
enum UpdateStateMachine: StatesOperation {
    static let name = "UpdateStateMachine"

    static let shape: [Member] =
        [
            .required("stateMachineArn", StatesShapes.arn),
            Member("definition", StatesShapes.definition), Member("roleArn", StatesShapes.arn),
            Member("publish", .flag), Member("versionDescription", StatesShapes.description),
        ] + StatesShapes.settings

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try service.requireOwnedKey(members)
        var change = StateMachines.Change()
        change.definition = members.optionalText("definition")
        change.roleARN = members.optionalText("roleArn")
        change.logging = service.logging(members)
        change.isTraced = service.isTraced(members)
        change.isPublished = members.isSet("publish")
        change.description = members.optionalText("versionDescription")
        guard says(members) else {
            throw .states(
                .missingRequiredParameter,
                "Either the definition, the role ARN, the LoggingConfiguration, or the "
                    + "TracingConfiguration must be specified"
            )
        }
        try await service.requireLogGroups(change.logging)
        let arn = members.text("stateMachineArn")
        let asked = change
        let (revision, milliseconds, version) = try await service.checked {
            () async throws(StatesError) in try await service.machines.update(arn, asked)
        }
        var answer: Item = ["updateDate": .time(milliseconds)]
        answer.set("revisionId", revision.toldID)
        answer.set("stateMachineVersionArn", version.map { "\(arn):\($0.number)" })
        return RestReply(answer)
    }

    /// Whether a request asks for anything.
    private static func says(_ members: Item) -> Bool {
        let settings = StatesShapes.settings.map(\.name) + ["definition", "roleArn"]
        return members.isSet("publish") || settings.contains { members[$0] != nil }
    }
}

/// Deletes a state machine with its versions and aliases, once none of its executions runs.
enum DeleteStateMachine: StatesOperation {
    static let name = "DeleteStateMachine"
    static let shape: [Member] = [.required("stateMachineArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.executions.delete(
                members.text("stateMachineArn"),
                from: service.machines
            )
        }
        return RestReply([:])
    }
}
