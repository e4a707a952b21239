internal import ShaleTables
internal import ShaleWire

/// Shows a stream with its shards.
enum DescribeStream: Operation {
    static let name = "DescribeStream"

    struct Request: Sendable {
        var stream: StreamName
        var limit = StreamLimits.shardsPerPage
        var start: ShardIdentity??
        var childrenOf: ShardIdentity??
    }

    private enum FilterType: String, CaseIterable {
        case childShards = "CHILD_SHARDS"
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var stream: StreamName?
        var request = Request(stream: StreamName(text: ""))
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "StreamArn":
                stream = try StreamName.read(&reader, &constraints, at: "streamArn")
            case "Limit":
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: 1...StreamLimits.shardsPerPage, at: "limit")
            case "ExclusiveStartShardId":
                request.start = .some(
                    try ShardName.read(&reader, &constraints, at: "exclusiveStartShardId")
                )
            case "ShardFilter": request.childrenOf = try filter(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(stream != nil, "streamArn")
        request.stream = try constraints.required(stream, "StreamArn")
        return request
    }

    private static func filter(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> ShardIdentity?? {
        var shard: ShardIdentity??
        var type: FilterType?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Type":
                type = try reader.readChoice(
                    FilterType.self,
                    at: "shardFilter.type",
                    &constraints
                )
            case "ShardId":
                shard = .some(try ShardName.read(&reader, &constraints, at: "shardFilter.shardId"))
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        guard type == .childShards, shard != nil else {
            throw .validation("ShardFilter needs a Type of CHILD_SHARDS and a ShardId")
        }
        return shard
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> StreamDescription {
        var described = DescribeStreamRequest(try request.stream.identity(service))
        described.limit = request.limit
        if let start = request.start {
            guard let start else { throw .noSuchShard }
            described.exclusiveStart = start
        }
        if let parent = request.childrenOf {
            guard let parent else { throw .noSuchShard }
            described.childrenOf = parent
        }
        return try await service.database.describeStream(described)
    }

    static func encode(
        _ stream: StreamDescription,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("StreamDescription")
        writer.beginObject()
        writer.member("StreamArn", service.resourceName(of: stream.identity))
        writer.member(
            "StreamLabel",
            StreamLabel.text(milliseconds: stream.identity.createdMilliseconds)
        )
        writer.member("StreamStatus", stream.isEnabled ? "ENABLED" : "DISABLED")
        writer.member("StreamViewType", stream.viewType.rawValue)
        writer.name("CreationRequestDateTime")
        writer.date(milliseconds: stream.identity.createdMilliseconds)
        writer.member("TableName", stream.identity.tableName)
        writer.keySchema(stream.keySchema)
        writer.name("Shards")
        writer.array(stream.shards) { writer, shard in writer.shard(shard) }
        if let last = stream.lastEvaluated {
            writer.member("LastEvaluatedShardId", last.description)
        }
        writer.endObject()
    }
}
