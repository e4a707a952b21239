internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleStates

/// Tells what a state machine is now, what a version of it is, or of which machine a distributed Map is.
enum DescribeStateMachine: StatesOperation {
    static let name = "DescribeStateMachine"
    static let shape: [Member] = [
        .required("stateMachineArn", StatesShapes.arn), StatesShapes.included,
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("stateMachineArn")
        let (machine, revision, version) = try await service.checked {
            () async throws(StatesError) in try await service.machines.describe(arn)
        }
        var answer = service.told(machine.name, revision, members)
        answer["stateMachineArn"] = .string(arn)
        answer["status"] = machine.isDeleting ? "DELETING" : "ACTIVE"
        answer["type"] = .string(machine.kind.rawValue)
        answer["creationDate"] = .time(version?.createdMilliseconds ?? machine.createdMilliseconds)
        answer.set("description", version?.description)
        answer.set("label", mapLabel(arn))
        let references = VariableReferences.all(of: revision.settings.definition)
        if !references.isEmpty, members.text("includedData") != "METADATA_ONLY" {
            answer["variableReferences"] = .map(
                Item(
                    references.map { state, variables in
                        (state, .list(variables.map { .string($0) }))
                    }
                )
            )
        }
        return RestReply(answer)
    }

    /// The label of the distributed Map that a resource name is of.
    private static func mapLabel(_ arn: String) -> String? {
        do throws(StatesError) { return try StatesARN(arn).label } catch { return nil }
    }
}

extension StatesService {
    /// What descriptions tell of a revision.
    func told(_ machine: String, _ revision: MachineRevision, _ members: Item) -> Item {
        let settings = revision.settings
        let isWhole = members.text("includedData") != "METADATA_ONLY"
        var told: Item = [
            "name": .string(machine), "roleArn": .string(settings.roleARN),
            "definition": isWhole ? .string(settings.definition) : "{}",
            "loggingConfiguration": .map(settings.logging),
            "tracingConfiguration": .map(["enabled": .bool(settings.isTraced)]),
            "encryptionConfiguration": Self.encryption,
        ]
        told.set("revisionId", revision.toldID)
        return told
    }
}

/// Lists state machines in the order of their names.
enum ListStateMachines: StatesOperation {
    static let name = "ListStateMachines"
    static let shape = StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let page = try StatesPage("stateMachines", members)
        let found = try await service.checked { () async throws(StatesError) in
            try await service.machines.machines(after: page.last, limit: page.limit + 1)
        }
        return page.reply(found, \.name) { machine in
            [
                "stateMachineArn": .string(service.machines.resourceName(machine.name)),
                "name": .string(machine.name), "type": .string(machine.kind.rawValue),
                "creationDate": .time(machine.createdMilliseconds),
            ]
        }
    }
}
