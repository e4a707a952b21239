internal import ShaleItems
internal import ShaleStateMachines

// Versions: published, listed, deleted.

/// Publishes a state machine as it is now.
enum PublishStateMachineVersion: StatesOperation {
    static let name = "PublishStateMachineVersion"
    static let shape: [Member] = [
        .required("stateMachineArn", StatesShapes.arn), Member("revisionId", .text()),
        Member("description", StatesShapes.description),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("stateMachineArn")
        let version = try await service.checked { () async throws(StatesError) in
            try await service.machines.publish(
                arn,
                revision: members.optionalText("revisionId"),
                description: members.optionalText("description")
            )
        }
        return RestReply([
            "stateMachineVersionArn": .string("\(arn):\(version.number)"),
            "creationDate": .time(version.createdMilliseconds),
        ])
    }
}

/// Lists the versions of a state machine, the last one first.
enum ListStateMachineVersions: StatesOperation {
    static let name = "ListStateMachineVersions"
    static let shape = [.required("stateMachineArn", StatesShapes.arn)] + StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("stateMachineArn")
        let page = try StatesPage("stateMachineVersions", of: arn, members)
        let found = try await service.checked { () async throws(StatesError) in
            try await service.machines.versions(
                of: arn,
                before: page.last.flatMap { Int($0) },
                limit: page.limit + 1
            )
        }
        return page.reply(found, \.number.description) { version in
            [
                "stateMachineVersionArn": .string("\(arn):\(version.number)"),
                "creationDate": .time(version.createdMilliseconds),
            ]
        }
    }
}

/// Deletes a version that no alias stands for.
enum DeleteStateMachineVersion: StatesOperation {
    static let name = "DeleteStateMachineVersion"
    static let shape: [Member] = [.required("stateMachineVersionArn", StatesShapes.longARN)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.machines.deleteVersion(members.text("stateMachineVersionArn"))
        }
        return RestReply([:])
    }
}
