internal import ShaleTables
internal import ShaleWire

/// Takes the policy of a table away.
enum DeleteResourcePolicy: Operation {
    static let name = "DeleteResourcePolicy"

    struct Request: Sendable {
        var resource: TableResource
        var expectedRevision: String?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var expected: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            case "ExpectedRevisionId":
                expected = try reader.readString(
                    PutResourcePolicy.revisionLengths,
                    at: "expectedRevisionId",
                    &constraints
                )
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            expectedRevision: expected
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> String? {
        try await service.database.deleteResourcePolicy(
            of: try request.resource.table(service),
            expecting: request.expectedRevision
        )
    }

    static func encode(
        _ revision: String?,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        if let revision { writer.member("RevisionId", revision) }
    }
}
