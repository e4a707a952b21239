internal import ShaleTables
internal import ShaleWire

/// Names streams.
enum ListStreams: Operation {
    static let name = "ListStreams"

    struct Request: Sendable {
        var tableName: String?
        var limit = StreamLimits.streamsPerPage
        var start: StreamName?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": request.tableName = try TableName.read(&reader, &constraints)
            case "Limit":
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: 1...StreamLimits.streamsPerPage, at: "limit")
            case "ExclusiveStartStreamArn":
                request.start = try StreamName.read(
                    &reader,
                    &constraints,
                    at: "exclusiveStartStreamArn"
                )
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ListStreamsResponse {
        let start = try request.start.map { (name) throws(DatabaseError) in
            try name.identity(service)
        }
        return service.database.listStreams(
            tableName: request.tableName,
            limit: request.limit,
            after: start
        )
    }

    static func encode(
        _ response: ListStreamsResponse,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Streams")
        writer.array(response.streams) { writer, stream in
            writer.beginObject()
            writer.member("StreamArn", service.resourceName(of: stream))
            writer.member("TableName", stream.tableName)
            writer.member(
                "StreamLabel",
                StreamLabel.text(milliseconds: stream.createdMilliseconds)
            )
            writer.endObject()
        }
        if let last = response.lastEvaluated {
            writer.member("LastEvaluatedStreamArn", service.resourceName(of: last))
        }
    }
}
