internal import ShaleEngine
internal import ShalePlatform

extension Database {
    /// Records of all shards of a stream, in the one order of all writes, behind a place.
    ///
    /// For readers in this process: one of them can follow a whole table, and remember one number.
    /// - Parameters:
    ///   - stream: The stream.
    ///   - place: The place of the last record that was seen; nil is the beginning.
    ///   - limit: Most records that are answered.
    /// - Returns: The records, and the place to go on from. None of them is lost between two calls.
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    public func readChanges(
        _ stream: StreamIdentity,
        after place: StreamSequence? = nil,
        limit: Int = StreamLimits.recordsPerRead
    ) async throws(DatabaseError) -> (records: [ChangeRecord], next: StreamSequence?) {
        guard let definition = catalog.streams[stream],
            !definition.isOver(at: world.time.wallMilliseconds)
        else { throw .streamNotFound }
        for generation in definition.generations {
            let hasEnded = catalog.streams.hasEnded(definition, generation)
            let from = place?.next ?? StreamSequence(from: generation.first)
            let (records, next, isAtEnd) = try await read(generation, from: from, limit)
            if !records.isEmpty { return (records, records.last?.sequence) }
            guard isAtEnd, hasEnded else { return ([], next.before ?? place) }
        }
        return ([], place)
    }

    private static let leastOfShard = 32

    /// As many records of a generation as are known in their whole order.
    private func read(
        _ generation: StreamGeneration,
        from first: StreamSequence,
        _ limit: Int
    ) async throws(DatabaseError) -> ([ChangeRecord], StreamSequence, isAtEnd: Bool) {
        let horizon = world.time.wallMilliseconds - StreamLimits.retentionMilliseconds
        let reads = generation.slots.map { slot in
            StreamRead(
                generation: generation,
                slot: slot,
                from: first,
                // Twice its part, so that shards with more than theirs do not hold up the rest.
                limit: max(Self.leastOfShard, 2 * limit / generation.slots.count),
                horizon: horizon
            )
        }
        let results: [Result<StreamRead.Answer, DatabaseError>]
        do throws(EngineError) {
            results = try await engine.read { view throws(EngineError) in
                var results: [Result<StreamRead.Answer, DatabaseError>] = []
                for read in reads { results.append(try read.run(view)) }
                return results
            }
        } catch {
            throw DatabaseError(error)
        }
        var answers: [StreamRead.Answer] = []
        for result in results { answers.append(try result.get()) }
        // Behind the place where one shard was cut off another's records may come too early.
        let end = answers.map(\.next).min() ?? first
        let records = answers.flatMap(\.records).filter { $0.sequence < end }
            .sorted { $0.sequence < $1.sequence }
        return (Array(records.prefix(max(1, limit))), end, answers.allSatisfy(\.isAtEnd))
    }
}

extension StreamSequence {
    /// The place before this one; nil at the beginning of the log.
    var before: StreamSequence? {
        if stamp.ordinal > 0 {
            return StreamSequence(Stamp(position: stamp.position, ordinal: stamp.ordinal - 1))
        }
        guard stamp.position > .zero else { return nil }
        let position = LogPosition(stamp.position.rawValue - 1)
        return StreamSequence(Stamp(position: position, ordinal: .max))
    }
}
