internal import ShaleTables
internal import ShaleWire

/// Shows the policy at a table.
enum GetResourcePolicy: Operation {
    static let name = "GetResourcePolicy"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TableResource {
        var resource: TableResource?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        return try constraints.required(resource, "ResourceArn")
    }

    static func call(
        _ resource: TableResource,
        _ service: Service
    ) async throws(DatabaseError) -> ResourcePolicy {
        let table = try resource.table(service)
        guard let policy = try service.database.resourcePolicy(of: table) else {
            throw .policyNotFound(resource.text)
        }
        return policy
    }

    static func encode(
        _ policy: ResourcePolicy,
        to request: TableResource,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.member("Policy", policy.text)
        writer.member("RevisionId", policy.revision)
    }
}
