internal import ShaleItems
internal import ShaleStateMachines

// Aliases: made, changed, described, listed, deleted.

/// Makes an alias of the machine whose versions it leads to.
enum CreateStateMachineAlias: StatesOperation {
    static let name = "CreateStateMachineAlias"
    static let shape: [Member] = [
        .required("name", StatesShapes.aliasName),
        .required("routingConfiguration", StatesShapes.routes),
        Member("description", StatesShapes.description),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let (alias, machine) = try await service.checked { () async throws(StatesError) in
            try await service.machines.createAlias(
                members.text("name"),
                description: members.optionalText("description"),
                service.routes(members) ?? []
            )
        }
        return RestReply([
            "stateMachineAliasArn": .string(service.machines.resourceName(machine, alias.name)),
            "creationDate": .time(alias.createdMilliseconds),
        ])
    }
}

/// Changes where an alias leads, or what it is told to be.
enum UpdateStateMachineAlias: StatesOperation {
    static let name = "UpdateStateMachineAlias"
    static let shape: [Member] = [
        .required("stateMachineAliasArn", StatesShapes.arn),
        Member("description", StatesShapes.description),
        Member("routingConfiguration", StatesShapes.routes),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let description = members.optionalText("description")
        let routes = service.routes(members)
        guard description != nil || routes != nil else {
            throw .states(
                .validation,
                "Either the description or the routing configuration must be specified"
            )
        }
        let alias = try await service.checked { () async throws(StatesError) in
            try await service.machines.updateAlias(
                members.text("stateMachineAliasArn"),
                description: description,
                routes
            )
        }
        return RestReply(["updateDate": .time(alias.updatedMilliseconds)])
    }
}

/// Tells where an alias leads.
enum DescribeStateMachineAlias: StatesOperation {
    static let name = "DescribeStateMachineAlias"
    static let shape: [Member] = [.required("stateMachineAliasArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("stateMachineAliasArn")
        let (alias, machine) = try await service.checked { () async throws(StatesError) in
            try await service.machines.describeAlias(arn)
        }
        let routes = alias.routes.map { route -> AttributeValue in
            let version = service.machines.resourceName(machine, String(route.version))
            return .map([
                "stateMachineVersionArn": .string(version),
                "weight": .number(Number(route.weight)),
            ])
        }
        var answer: Item = [
            "stateMachineAliasArn": .string(arn), "name": .string(alias.name),
            "routingConfiguration": .list(routes),
            "creationDate": .time(alias.createdMilliseconds),
            "updateDate": .time(alias.updatedMilliseconds),
        ]
        answer.set("description", alias.description)
        return RestReply(answer)
    }
}

/// Lists the aliases of a state machine, or of one version of it, in the order of their names.
enum ListStateMachineAliases: StatesOperation {
    static let name = "ListStateMachineAliases"
    static let shape = [.required("stateMachineArn", StatesShapes.arn)] + StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("stateMachineArn")
        let page = try StatesPage("stateMachineAliases", of: arn, members)
        let (machine, found) = try await service.checked { () async throws(StatesError) in
            let found = try await service.machines.aliases(of: arn, after: page.last)
            return (try StatesARN(arn).name, found)
        }
        return page.reply(found, \.name) { alias in
            let arn = service.machines.resourceName(machine, alias.name)
            return [
                "stateMachineAliasArn": .string(arn),
                "creationDate": .time(alias.createdMilliseconds),
            ]
        }
    }
}

/// Deletes an alias.
enum DeleteStateMachineAlias: StatesOperation {
    static let name = "DeleteStateMachineAlias"
    static let shape: [Member] = [.required("stateMachineAliasArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.machines.deleteAlias(members.text("stateMachineAliasArn"))
        }
        return RestReply([:])
    }
}

extension StatesService {
    /// Where a request lets an alias lead; nil where it does not say.
    fileprivate func routes(_ members: Item) -> [StateMachines.GivenRoute]? {
        members["routingConfiguration"]?.listValue?.compactMap(\.mapValue).map { route in
            StateMachines.GivenRoute(
                arn: route.text("stateMachineVersionArn"),
                weight: route["weight"]?.numberValue?.intValue ?? 0
            )
        }
    }
}
