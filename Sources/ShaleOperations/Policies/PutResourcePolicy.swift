internal import ShaleTables
internal import ShaleWire

/// Puts a policy at a table.
enum PutResourcePolicy: Operation {
    static let name = "PutResourcePolicy"
    static let revisionLengths = 1...255

    struct Request: Sendable {
        var resource: TableResource
        var policy: String
        var expectedRevision: String?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var policy: String?
        var expected: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            case "Policy": policy = try reader.readString()
            case "ExpectedRevisionId":
                expected = try reader.readString(
                    revisionLengths,
                    at: "expectedRevisionId",
                    &constraints
                )
            // Who may do everything is never locked out, so there is nothing to confirm.
            case "ConfirmRemoveSelfResourceAccess": _ = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        constraints.require(policy != nil, "policy")
        let text = try constraints.required(policy, "Policy")
        _ = try PolicyDocument(Array(text.utf8), .resource)
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            policy: text,
            expectedRevision: expected
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> String {
        try await service.database.putResourcePolicy(
            request.policy,
            on: try request.resource.table(service),
            expecting: request.expectedRevision
        )
    }

    static func encode(
        _ revision: String,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.member("RevisionId", revision)
    }
}
