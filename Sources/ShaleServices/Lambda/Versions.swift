internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Publishes a version.
enum PublishVersion: LambdaOperation {
    static let name = "PublishVersion"
    static let route = Route("POST", "/2015-03-31/functions/{FunctionName}/versions")

    private static let shape = [
        Member("CodeSha256", .text()), Member("Description", .text(0...256)),
        Member("RevisionId", .text()), Member("PublishTo", .word(["LATEST_PUBLISHED"])),
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try call.members(shape)
        if members["PublishTo"] != nil { throw .absent("PublishTo") }
        // What is no Base64 is no digest of any code.
        let digest = members["CodeSha256"]?.stringValue.map { (try? Base64.decode($0)) ?? [] }
        let version = try await service.checked { () async throws(FunctionError) in
            try await service.functions.publish(
                reference.name,
                description: members["Description"]?.stringValue,
                digest: digest,
                revision: members["RevisionId"]?.stringValue
            )
        }
        return RestReply(version.told, status: 201)
    }
}
