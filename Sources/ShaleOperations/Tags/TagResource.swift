internal import ShaleTables
internal import ShaleWire

/// Puts tags on a table.
enum TagResource: Operation {
    static let name = "TagResource"

    struct Request: Sendable {
        var resource: TableResource
        var tags: [TableTag]
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var tags: [TableTag]?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            case "Tags": tags = try reader.readTags(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        constraints.require(tags != nil, "tags")
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            tags: try constraints.required(tags, "Tags")
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) {
        let table = try request.resource.table(service)
        guard !request.tags.isEmpty else {
            throw DatabaseError(
                .validation,
                "Atleast one Tag needs to be provided as Input."
            )
        }
        do throws(DatabaseError) {
            try await service.database.tagTable(table, request.tags)
        } catch {
            throw request.resource.naming(error)
        }
    }

    static func encode(
        _ response: (),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {}
}
