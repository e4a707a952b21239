internal import ShaleFunctions
internal import ShaleItems

// Aliases: five operations on names for versions.

private let routing = Member(
    "RoutingConfig",
    .structure([Member("AdditionalVersionWeights", .map(.decimal(0...1)))])
)

/// Makes an alias for a version.
enum CreateAlias: LambdaOperation {
    static let name = "CreateAlias"
    static let route = Route("POST", "/2015-03-31/functions/{FunctionName}/aliases")

    private static let shape: [Member] = [
        .required("Name", .text(1...128, Patterns.alias)),
        .required("FunctionVersion", .text(1...1_024, Patterns.version)),
        Member("Description", .text(0...256)), routing,
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try call.members(shape)
        let alias = try await service.checked { () async throws(FunctionError) in
            try await service.functions.createAlias(members, of: reference.name)
        }
        return RestReply(alias, status: 201)
    }
}

/// Points an alias elsewhere.
enum UpdateAlias: LambdaOperation {
    static let name = "UpdateAlias"
    static let route = Route("PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}")

    private static let shape: [Member] = [
        Member("FunctionVersion", .text(1...1_024, Patterns.version)),
        Member("Description", .text(0...256)), routing, Member("RevisionId", .text()),
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        var members = try call.members(shape)
        let revision = members.remove("RevisionId")?.stringValue
        let changes = members
        let alias = try await service.checked { () async throws(FunctionError) in
            try await service.functions.updateAlias(
                call.parameters["Name"] ?? "",
                of: reference.name,
                changes,
                revision: revision
            )
        }
        return RestReply(alias)
    }
}

/// Describes an alias.
enum GetAlias: LambdaOperation {
    static let name = "GetAlias"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let alias = try await service.checked { () async throws(FunctionError) in
            try await service.functions.alias(call.parameters["Name"] ?? "", of: reference.name)
        }
        return RestReply(alias)
    }
}

/// Deletes an alias.
enum DeleteAlias: LambdaOperation {
    static let name = "DeleteAlias"
    static let route = Route("DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.deleteAlias(
                call.parameters["Name"] ?? "",
                of: reference.name
            )
        }
        return .nothing
    }
}

/// Lists the aliases of a function, or those of one version.
enum ListAliases: LambdaOperation {
    static let name = "ListAliases"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}/aliases")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let limit = min(50, try call.limit("MaxItems", 1...10_000, else: 50))
        let version = call.value("FunctionVersion")
        let aliases = try await service.checked { () async throws(FunctionError) in
            _ = try await service.functions.function(reference.name)
            return try await service.functions.aliases(of: reference.name)
        }
        let wanted = aliases.filter { alias in
            version == nil || alias["FunctionVersion"]?.stringValue == version
        }
        return .page(wanted.map(AttributeValue.map), "Aliases", call, limit)
    }
}
