internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleTables

/// One shard of a mapping, read to its end: records to batches, batches to the function, and how far it got to the disk.
///
/// The checkpoint is written behind the function's answer and before the next batch is given: after a crash a batch may
/// come again, and none is passed over.
struct ShardReading {
    /// How often a shard without records is looked at.
    private static let poll: Int64 = 50
    /// How long is waited when the database refuses.
    private static let troubled: Int64 = 1_000

    let mapping: EventSourceMapping
    let patterns: [EventPattern]
    let stream: StreamIdentity
    let shard: ShardIdentity
    let context: MappingContext
    let signal: StopSignal
    let reports: MappingReports

    /// Reads until the shard or everything ends.
    func run(from checkpoint: MappingRegistry.Checkpoint) async {
        var checkpoint = checkpoint
        var iterator: ShardIterator?
        while !signal.isStopped {
            do throws(DatabaseError) {
                var place: ShardIterator
                if let iterator {
                    place = iterator
                } else {
                    place = try await self.iterator(at: checkpoint.next)
                }
                let (batch, isEnd) = try await gather(&place)
                iterator = place
                if batch.entries.isEmpty, !isEnd {
                    try await finishIfOver(&checkpoint)
                    // What no filter lets through is passed in memory alone: it is cheap to pass it again.
                    await signal.pause(milliseconds: Self.poll)
                    continue
                }
                let rest = try await process(batch, end: place.sequence, &checkpoint)
                checkpoint.next = rest ?? place.sequence
                checkpoint.hasEnded = isEnd && rest == nil
                if checkpoint.hasEnded { try await finishIfOver(&checkpoint, isEnd: true) }
                // Where everything ends, an open window keeps its shard from having been read.
                checkpoint.hasEnded = checkpoint.hasEnded && checkpoint.window == nil
                try await context.registry.write(&checkpoint, shard, of: mapping.identity)
                if checkpoint.hasEnded { return }
            } catch {
                iterator = nil
                // An iterator grows old while a function runs, which is no trouble.
                guard error.code != .expiredIterator else { continue }
                if error.code == .trimmedDataAccess { checkpoint.next = nil }
                reports.note(problem: error.message)
                await signal.pause(milliseconds: Self.troubled)
            }
        }
    }

    private func iterator(at place: StreamSequence?) async throws(DatabaseError) -> ShardIterator {
        try await context.database.shardIterator(
            stream,
            shard,
            place.map { .at($0) } ?? .trimHorizon
        )
    }

    /// Records that fill the lanes, or as many as come within the window.
    private func gather(
        _ iterator: inout ShardIterator
    ) async throws(DatabaseError) -> (batch: RecordBatch, isEnd: Bool) {
        let most = mapping.batchSize * mapping.lanes
        var batch = RecordBatch(entries: [])
        var bytes = 0
        var deadline: Int64?
        while !signal.isStopped {
            let limit = min(StreamLimits.recordsPerRead, most - batch.entries.count)
            let response = try await context.database.getRecords(iterator, limit: limit)
            for record in response.records where isMeant(record) {
                let entry = RecordBatch.Entry(
                    record,
                    region: context.functions.region,
                    source: mapping.source
                )
                bytes += entry.json.count
                batch.entries.append(entry)
            }
            guard let next = response.next else {
                // The last of an ended shard are behind its place as well: a window that is open keeps that place.
                if let last = response.records.last { iterator.sequence = last.sequence.next }
                return (batch, true)
            }
            iterator = next
            let isFull =
                batch.entries.count >= most || bytes >= RecordBatch.payloadBytes * mapping.lanes
            if isFull { return (batch, false) }
            let now = context.world.time.wallMilliseconds
            if deadline == nil, !batch.entries.isEmpty {
                deadline = now + mapping.windowMilliseconds
            }
            guard response.records.isEmpty else { continue }
            guard let end = deadline, now < end else { return (batch, false) }
            await signal.pause(milliseconds: min(end - now, Self.poll))
        }
        return (batch, false)
    }

    private func isMeant(_ record: ChangeRecord) -> Bool {
        guard !patterns.isEmpty else { return true }
        let document = record.document
        return patterns.contains { $0.matches(document) }
    }

    private func process(
        _ batch: RecordBatch,
        end: StreamSequence,
        _ checkpoint: inout MappingRegistry.Checkpoint
    ) async throws(DatabaseError) -> StreamSequence? {
        reports.begin(shard.description, oldest: batch.entries.first?.record.milliseconds)
        defer { reports.end(shard.description) }
        guard mapping.tumblingMilliseconds > 0 else {
            // Of a mapping that had windows once.
            checkpoint.window = nil
            return await process(batch)
        }
        return try await processWindows(batch, end: end, &checkpoint)
    }

    /// Gives a batch to the function, in lanes.
    ///
    /// - Returns: The first record that is not done, because everything ends; nil is none.
    private func process(_ batch: RecordBatch) async -> StreamSequence? {
        if let last = batch.entries.last { reports.note(lastRead: last.record.milliseconds) }
        let lanes = batch.lanes(mapping.lanes, batchSize: mapping.batchSize)
        guard lanes.count > 1 else {
            guard let lane = lanes.first else { return nil }
            return await process(lane)
        }
        return await withTaskGroup(of: StreamSequence?.self) { group in
            for lane in lanes { group.addTask { await self.process(lane) } }
            var first: StreamSequence?
            for await rest in group {
                guard let rest else { continue }
                first = min(first ?? rest, rest)
            }
            return first
        }
    }

    private func process(_ lane: [RecordBatch]) async -> StreamSequence? {
        for batch in lane {
            let done = await LaneRun(reading: self, batch: batch).run()
            if done < batch.entries.count { return batch.entries[done].record.sequence }
        }
        return nil
    }
}
