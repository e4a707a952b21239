internal import ShaleTables
internal import ShaleWire

/// Lists the tags of a table, a page at a time.
enum ListTagsOfResource: Operation {
    static let name = "ListTagsOfResource"

    struct Request: Sendable {
        var resource: TableResource
        var nextToken: String?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: TableResource?
        var nextToken: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceArn": resource = try TableResource.read(&reader, &constraints)
            case "NextToken": nextToken = try reader.readString()
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceArn")
        return Request(
            resource: try constraints.required(resource, "ResourceArn"),
            nextToken: nextToken
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> (tags: [TableTag], last: String?) {
        let table = try request.resource.table(service)
        var start: String?
        if let token = request.nextToken {
            guard let bytes = try? Base64.decode(token),
                let key = String(validating: bytes, as: UTF8.self), !key.isEmpty
            else { throw DatabaseError(.validation, "Invalid NextToken") }
            start = key
        }
        do throws(DatabaseError) {
            return try service.database.tags(of: table, after: start)
        } catch {
            throw request.resource.naming(error)
        }
    }

    static func encode(
        _ response: (tags: [TableTag], last: String?),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Tags")
        writer.array(response.tags) { writer, tag in
            writer.beginObject()
            writer.member("Key", tag.key)
            writer.member("Value", tag.value)
            writer.endObject()
        }
        if let last = response.last {
            writer.member("NextToken", Base64.encode(Array(last.utf8)))
        }
    }
}
