internal import ShaleFunctions
internal import ShaleItems

/// Gives a function other code.
enum UpdateFunctionCode: LambdaOperation {
    static let name = "UpdateFunctionCode"
    static let route = Route("PUT", "/2015-03-31/functions/{FunctionName}/code")

    private static let shape: [Member] =
        FunctionMembers.code + [
            Member("Publish", .flag), Member("DryRun", .flag), Member("RevisionId", .text()),
            Member("PublishTo", .word(["LATEST_PUBLISHED"])), FunctionMembers.architectures,
        ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let name = try service.reference(call).name
        let members = try call.members(shape)
        if members["PublishTo"] != nil { throw .absent("PublishTo") }
        let archive = try service.archive(members)
        let functions = service.functions
        let changed = try await service.checked { () async throws(FunctionError) in
            if members["DryRun"] == true {
                return try await functions.tryCode(name, archive: archive)
            }
            let changed = try await functions.updateCode(
                name,
                archive: archive,
                architectures: members["Architectures"],
                revision: members["RevisionId"]?.stringValue
            )
            guard members["Publish"] == true else { return changed }
            await functions.settled(name)
            return try await functions.publish(name)
        }
        return RestReply(changed.told)
    }
}

/// Changes settings of a function.
enum UpdateFunctionConfiguration: LambdaOperation {
    static let name = "UpdateFunctionConfiguration"
    static let route = Route("PUT", "/2015-03-31/functions/{FunctionName}/configuration")

    private static let shape: [Member] =
        FunctionMembers.settings + [
            Member("Role", .text(nil, Patterns.role)), Member("RevisionId", .text()),
        ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let name = try service.reference(call).name
        var members = try call.members(shape)
        let revision = members.remove("RevisionId")?.stringValue
        try FunctionMembers.check(&members)
        let functions = service.functions
        let changes = members
        let changed = try await service.checked { () async throws(FunctionError) in
            var changes = changes
            if let given = changes["LoggingConfig"]?.mapValue {
                let present = try await functions.function(name).fields["LoggingConfig"]
                var logging = present?.mapValue ?? [:]
                for (member, value) in given { logging[member] = value }
                changes["LoggingConfig"] = .map(logging)
            }
            return try await functions.updateConfiguration(name, changes, revision: revision)
        }
        return RestReply(changed.told)
    }
}
