internal import ShaleTables
internal import ShaleWire

/// Puts a policy at a table.
///
/// Who could not put another one any more has to confirm that: else nobody but the account's own keys might undo a slip.
enum PutResourcePolicy: Operation {
    static let name = "PutResourcePolicy"
    static let revisionLengths = 1...255

    struct Request: Sendable {
        var resource: TableResource
        var policy: String
        var document: PolicyDocument
        var expectedRevision: String?
        /// Whether the caller means to lose the right to change the policy.
        var confirmsLoss: Bool
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var policy: String?
        var expected: String?
        var confirmsLoss = false
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
            case "ConfirmRemoveSelfResourceAccess": confirmsLoss = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        constraints.require(policy != nil, "policy")
        let text = try constraints.required(policy, "Policy")
        let document = try PolicyDocument(Array(text.utf8), .resource)
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            policy: text,
            document: document,
            expectedRevision: expected,
            confirmsLoss: confirmsLoss
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> String {
        let table = try request.resource.table(service)
        let change = Access(action: "dynamodb:\(name)", resource: request.resource.text)
        guard request.confirmsLoss || !service.loses(change, under: request.document) else {
            throw DatabaseError(
                .validation,
                "The policy would not let you change the policy of this resource in the future. Set "
                    + "ConfirmRemoveSelfResourceAccess to true if you want that."
            )
        }
        return try await service.database.putResourcePolicy(
            request.policy,
            on: table,
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
