internal import ShaleTables
internal import ShaleWire

/// Takes tags off a table.
enum UntagResource: Operation {
    static let name = "UntagResource"

    struct Request: Sendable {
        var resource: TableResource
        var keys: [String]
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var keys: [String]?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            case "TagKeys":
                var read: [String] = []
                try reader.readEach(at: "tagKeys") { (reader, path) throws(WireError) in
                    read.append(
                        try reader.readString(TableLimits.tagKeyLength, at: path, &constraints)
                    )
                }
                keys = read
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        constraints.require(keys != nil, "tagKeys")
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            keys: try constraints.required(keys, "TagKeys")
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) {
        let table = try request.resource.table(service)
        guard !request.keys.isEmpty else {
            throw DatabaseError(
                .validation,
                "Atleast one Tag Key needs to be provided as Input."
            )
        }
        do throws(DatabaseError) {
            try await service.database.untagTable(table, request.keys)
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
