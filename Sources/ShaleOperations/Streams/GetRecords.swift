internal import ShaleTables
internal import ShaleWire

/// Reads records of a shard.
enum GetRecords: Operation {
    static let name = "GetRecords"
    private static let iteratorLengths = 1...2048

    struct Request: Sendable {
        var iterator: String
        var limit = StreamLimits.recordsPerRead
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var iterator: String?
        var request = Request(iterator: "")
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ShardIterator":
                let text = try reader.readString()
                constraints.checkLength(of: text, in: iteratorLengths, at: "shardIterator")
                iterator = text
            case "Limit":
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: 1...StreamLimits.recordsPerRead, at: "limit")
            default: try reader.skipValue()
            }
        }
        constraints.require(iterator != nil, "shardIterator")
        request.iterator = try constraints.required(iterator, "ShardIterator")
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> GetRecordsResponse {
        guard let iterator = iterator(request) else {
            throw DatabaseError(.validation, "Invalid ShardIterator")
        }
        return try await service.database.getRecords(iterator, limit: request.limit)
    }

    static func iterator(_ request: Request) -> ShardIterator? {
        (try? Base64.decode(request.iterator)).flatMap { ShardIterator($0) }
    }

    static func encode(
        _ response: GetRecordsResponse,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Records")
        writer.array(response.records) { writer, record in
            writer.changeRecord(record, region: service.region)
        }
        if let next = response.next {
            writer.member("NextShardIterator", Base64.encode(next.bytes))
        }
    }
}
