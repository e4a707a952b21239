internal import ShaleTables
internal import ShaleWire

/// Gives out from where a shard is read.
enum GetShardIterator: Operation {
    static let name = "GetShardIterator"
    private static let sequenceLengths = 21...40

    struct Request: Sendable {
        var stream: StreamName
        var shard: ShardIdentity?
        var start: Start
        var sequence: String?
    }

    enum Start: String, CaseIterable, Sendable {
        case trimHorizon = "TRIM_HORIZON"
        case latest = "LATEST"
        case at = "AT_SEQUENCE_NUMBER"
        case after = "AFTER_SEQUENCE_NUMBER"
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var stream: StreamName?
        var shard: ShardIdentity??
        var start: Start?
        var hasStart = false
        var sequence: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "StreamArn":
                stream = try StreamName.read(&reader, &constraints, at: "streamArn")
            case "ShardId":
                shard = .some(try ShardName.read(&reader, &constraints, at: "shardId"))
            case "ShardIteratorType":
                hasStart = true
                start = try reader.readChoice(Start.self, at: "shardIteratorType", &constraints)
            case "SequenceNumber":
                let text = try reader.readString()
                constraints.checkLength(of: text, in: sequenceLengths, at: "sequenceNumber")
                sequence = text
            default: try reader.skipValue()
            }
        }
        constraints.require(stream != nil, "streamArn")
        constraints.require(shard != nil, "shardId")
        constraints.require(hasStart, "shardIteratorType")
        return Request(
            stream: try constraints.required(stream, "StreamArn"),
            shard: try constraints.required(shard, "ShardId"),
            start: try constraints.required(start, "ShardIteratorType"),
            sequence: sequence
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ShardIterator {
        let identity = try request.stream.identity(service)
        let start = try request.checkedStart()
        guard let shard = request.shard else { throw .noSuchShard }
        return try await service.database.shardIterator(identity, shard, start)
    }

    static func encode(
        _ iterator: ShardIterator,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.member("ShardIterator", Base64.encode(iterator.bytes))
    }
}

extension GetShardIterator.Request {
    fileprivate func checkedStart() throws(DatabaseError) -> ShardIteratorStart {
        switch start {
        case .trimHorizon, .latest:
            guard sequence == nil else {
                throw DatabaseError(
                    .validation,
                    "SequenceNumber must not be provided for ShardIteratorType \(start.rawValue)"
                )
            }
            return start == .latest ? .latest : .trimHorizon
        case .at, .after:
            guard let sequence else {
                throw DatabaseError(
                    .validation,
                    "SequenceNumber must be provided for ShardIteratorType \(start.rawValue)"
                )
            }
            guard let place = StreamSequence(sequence) else {
                throw DatabaseError(.validation, "Invalid SequenceNumber: \(sequence.prefix(64))")
            }
            return start == .at ? .at(place) : .after(place)
        }
    }
}
