internal import ShaleEngine
internal import ShalePlatform

extension Database {
    /// The streams of a table, or of all, `limit` of them behind `start`.
    ///
    /// Streams that were switched off or whose table was deleted are there for 24 hours more.
    public func listStreams(
        tableName: String? = nil,
        limit: Int = StreamLimits.streamsPerPage,
        after start: StreamIdentity? = nil
    ) -> ListStreamsResponse {
        let limit = max(1, limit)
        let now = world.time.wallMilliseconds
        let streams = catalog.streams.all.map(\.identity).filter { identity in
            (tableName == nil || identity.tableName == tableName)
                && (start.map { $0 < identity } ?? true)
                && catalog.streams[identity].map { !$0.isOver(at: now) } ?? false
        }
        return ListStreamsResponse(
            streams: Array(streams.prefix(limit)),
            lastEvaluated: streams.count > limit ? streams[limit - 1] : nil
        )
    }

    /// A stream with its shards.
    ///
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    public func describeStream(
        _ request: DescribeStreamRequest
    ) async throws(DatabaseError) -> StreamDescription {
        let stream = try stream(request.stream)
        var shards: [(shard: ShardIdentity, generation: StreamGeneration)] = []
        for generation in stream.generations {
            for slot in generation.slots {
                shards.append((ShardIdentity(generation, slot: slot), generation))
            }
        }
        if let parent = request.childrenOf {
            shards = shards.filter { stream.parent(of: $0.shard) == parent }
        }
        if let start = request.exclusiveStart {
            shards = shards.filter {
                ($0.shard.generation, $0.shard.slot) > (start.generation, start.slot)
            }
        }
        let limit = min(max(1, request.limit), StreamLimits.shardsPerPage)
        var described: [ShardDescription] = []
        for (shard, generation) in shards.prefix(limit) {
            described.append(
                ShardDescription(
                    identity: shard,
                    parent: stream.parent(of: shard),
                    starting: StreamSequence(from: generation.first),
                    ending: catalog.streams.hasEnded(stream, generation)
                        ? try await lastSequence(generation, shard.slot) : nil
                )
            )
        }
        return StreamDescription(
            identity: stream.identity,
            isEnabled: stream.endedMilliseconds == nil,
            viewType: stream.viewType,
            keySchema: stream.keySchema,
            shards: described,
            lastEvaluated: shards.count > limit ? described.last?.identity : nil
        )
    }

    /// An iterator for a shard, good for 15 minutes.
    ///
    /// - Throws: `.resourceNotFound`, `.trimmedDataAccess`, `.validation`, `.internalFailure`.
    public func shardIterator(
        _ identity: StreamIdentity,
        _ shard: ShardIdentity,
        _ start: ShardIteratorStart
    ) async throws(DatabaseError) -> ShardIterator {
        let stream = try stream(identity)
        guard let generation = stream.generation(of: shard) else {
            let isTrimmed = shard.generation < (stream.generations.first?.number ?? 0)
            throw isTrimmed ? .trimmed : .shardNotFound(shard)
        }
        let sequence: StreamSequence
        switch start {
        case .trimHorizon: sequence = StreamSequence(from: generation.first)
        case .latest: sequence = StreamSequence(from: engine.visiblePosition)
        case .at(let place): sequence = place
        case .after(let place): sequence = place.next
        }
        if case .at(let place) = start { try await requireUntrimmed(generation, shard.slot, place) }
        if case .after(let place) = start {
            try await requireUntrimmed(generation, shard.slot, place)
        }
        return ShardIterator(
            stream: identity,
            generation: generation.number,
            slot: shard.slot,
            sequence: sequence,
            issuedMilliseconds: world.time.wallMilliseconds
        )
    }

    /// Up to `limit` records of a shard, or as many as have 1 MB, from an iterator on.
    ///
    /// - Throws: `.expiredIterator`, `.resourceNotFound`, `.trimmedDataAccess`, `.internalFailure`.
    public func getRecords(
        _ iterator: ShardIterator,
        limit: Int = StreamLimits.recordsPerRead
    ) async throws(DatabaseError) -> GetRecordsResponse {
        let now = world.time.wallMilliseconds
        guard now - iterator.issuedMilliseconds <= ShardIterator.lifeMilliseconds else {
            throw .expiredIterator
        }
        let stream = try stream(iterator.stream)
        guard
            let generation = stream.generations.first(where: { $0.number == iterator.generation }),
            generation.slots.contains(iterator.slot)
        else { throw .trimmed }
        // Asked before reading: if nothing more can come then, nothing is missed.
        let hasEnded = catalog.streams.hasEnded(stream, generation)
        let read = StreamRead(
            generation: generation,
            slot: iterator.slot,
            from: iterator.sequence,
            limit: min(max(1, limit), StreamLimits.recordsPerRead),
            horizon: now - StreamLimits.retentionMilliseconds,
            promised: iterator.issuedMilliseconds - StreamLimits.retentionMilliseconds
        )
        let result: Result<StreamRead.Answer, DatabaseError>
        do throws(EngineError) {
            result = try await engine.read { view throws(EngineError) in try read.run(view) }
        } catch {
            throw DatabaseError(error)
        }
        let answer = try result.get()
        catalog.usage(of: stream.identity.tableName)?.addStreamRead()
        guard !(hasEnded && answer.isAtEnd) else {
            return GetRecordsResponse(records: answer.records, next: nil)
        }
        var next = iterator
        next.sequence = max(answer.next, iterator.sequence)
        next.issuedMilliseconds = now
        return GetRecordsResponse(records: answer.records, next: next)
    }

    private func stream(_ identity: StreamIdentity) throws(DatabaseError) -> StreamDefinition {
        guard let stream = catalog.streams[identity],
            !stream.isOver(at: world.time.wallMilliseconds)
        else { throw .streamNotFound }
        return stream
    }

    /// The place of the last record of a shard; where there is none, its beginning.
    private func lastSequence(
        _ generation: StreamGeneration,
        _ slot: Int
    ) async throws(DatabaseError) -> StreamSequence {
        do throws(EngineError) {
            let key = try await engine.read { view throws(EngineError) in
                var last: [UInt8]?
                let range = generation.range(slot: slot, from: StreamSequence(from: .zero))
                try view.scan(generation.engineTable.id, range, .descending) { key, _ in
                    last = key
                    return .stop
                }
                return last
            }
            return key.flatMap { Stamp(endOf: $0) }.map { StreamSequence($0) }
                ?? StreamSequence(from: generation.first)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Refuses a place whose record counts no more.
    private func requireUntrimmed(
        _ generation: StreamGeneration,
        _ slot: Int,
        _ place: StreamSequence
    ) async throws(DatabaseError) {
        let written: Int64?
        do throws(EngineError) {
            written = try await engine.read { view throws(EngineError) in
                var milliseconds: Int64?
                let range = generation.range(slot: slot, from: place)
                try view.scan(generation.engineTable.id, range) { _, value in
                    milliseconds = ChangeRecordFormat.milliseconds(of: value)
                    return .stop
                }
                return milliseconds
            }
        } catch {
            throw DatabaseError(error)
        }
        let horizon = world.time.wallMilliseconds - StreamLimits.retentionMilliseconds
        if let written, written < horizon { throw .trimmed }
    }
}

extension DatabaseError {
    static let streamNotFound = DatabaseError(
        .resourceNotFound,
        "Requested resource not found: Stream not found"
    )
    static let trimmed = DatabaseError(
        .trimmedDataAccess,
        "The operation attempted to read past the oldest stream record in a shard."
    )
    static let expiredIterator = DatabaseError(
        .expiredIterator,
        "Iterator expired. An iterator of a shard can be used for 15 minutes; get a new one."
    )

    static func shardNotFound(_ shard: ShardIdentity) -> DatabaseError {
        DatabaseError(
            .resourceNotFound,
            "Requested resource not found: Shard does not exist: \(shard)"
        )
    }
}

extension StreamDefinition {
    /// The generation that a shard belongs to; nil if it is none of this stream.
    func generation(of shard: ShardIdentity) -> StreamGeneration? {
        generations.first { generation in
            generation.number == shard.generation && generation.slots.contains(shard.slot)
                && generation.createdMilliseconds == shard.createdMilliseconds
        }
    }

    /// The shard that had a shard's keys before; nil if there is none any more.
    func parent(of shard: ShardIdentity) -> ShardIdentity? {
        guard let generation = generation(of: shard),
            let before = generations.first(where: { $0.number == generation.number - 1 })
        else { return nil }
        return ShardIdentity(before, slot: shard.slot >> (generation.bits - before.bits))
    }

    /// Whether its last record counts no more.
    func isOver(at milliseconds: Int64) -> Bool {
        endedMilliseconds.map { milliseconds - $0 > StreamLimits.retentionMilliseconds } ?? false
    }
}

/// The bounds of streams, as the service documents them.
public enum StreamLimits {
    /// Streams in one page of a list.
    public static let streamsPerPage = 100
    /// Shards in one page of a description.
    public static let shardsPerPage = 100
    /// Records that one read answers.
    public static let recordsPerRead = 1000
    /// Bytes of records that one read answers: 1 MB.
    public static let readSizeBytes = 1024 * 1024
    /// How long records count: 24 hours.
    public static let retentionMilliseconds: Int64 = 24 * 60 * 60 * 1000
}
