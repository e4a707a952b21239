internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleTables

// Tumbling windows: batches within one, and the invocation that ends it. A window's state is written with the checkpoint, in
// one record, so that after a crash neither is ahead of the other.

extension ShardReading {
    /// The waits between invocations that end a window and fail: the first, and the longest.
    private static let waits: (first: Int64, longest: Int64) = (100, 30_000)

    /// Gives a batch to the function, window by window, and writes how far it got behind each invocation.
    ///
    /// - Parameters:
    ///   - batch: Records, in their order.
    ///   - end: The place behind them.
    ///   - checkpoint: How far it got; what it is to be when all is done is the caller's to write.
    /// - Returns: The first record that is not done, because everything ends; nil is none.
    /// - Throws: `.internalFailure`.
    func processWindows(
        _ batch: RecordBatch,
        end: StreamSequence,
        _ checkpoint: inout MappingRegistry.Checkpoint
    ) async throws(DatabaseError) -> StreamSequence? {
        if let last = batch.entries.last { reports.note(lastRead: last.record.milliseconds) }
        var rest = batch.entries[...]
        while let first = rest.first {
            let length = mapping.tumblingMilliseconds
            let start = TumblingWindow.start(of: first.record.milliseconds, length: length)
            if let open = checkpoint.window, open.start != start {
                guard await finish(open, .final) else { return first.record.sequence }
                checkpoint.window = nil
            }
            let times = rest.prefix(mapping.batchSize).map(\.record.milliseconds)
            let count = TumblingWindow.prefix(times, length: length)
            let piece = RecordBatch(entries: Array(rest.prefix(count))).cut(mapping.batchSize)
            var window = checkpoint.window ?? TumblingWindow(start: start)
            let done = await LaneRun(reading: self, batch: piece).run(in: &window)
            rest = rest.dropFirst(done)
            if window.isTooLarge {
                // Nothing is written of it: after a crash its last batch comes again.
                guard await finish(window, .early) else {
                    return first.record.sequence
                }
                checkpoint.window = nil
            } else if done > 0 {
                checkpoint.window = window
            }
            checkpoint.next = rest.first?.record.sequence ?? end
            try await context.registry.write(&checkpoint, shard, of: mapping.identity)
            // A window that has ended early leaves the rest of its piece to the next one.
            if signal.isStopped, done < piece.entries.count { return rest.first?.record.sequence }
        }
        return nil
    }

    /// Ends a window whose time is over, where no record is waiting.
    func finishIfOver(
        _ checkpoint: inout MappingRegistry.Checkpoint,
        isEnd: Bool = false
    ) async throws(DatabaseError) {
        guard let window = checkpoint.window, mapping.tumblingMilliseconds > 0 else { return }
        let now = context.world.time.wallMilliseconds
        let isOver = window.isOver(now: now, length: mapping.tumblingMilliseconds)
        guard isEnd || isOver, await finish(window, .final) else { return }
        checkpoint.window = nil
        try await context.registry.write(&checkpoint, shard, of: mapping.identity)
    }

    /// Has the function end a window.
    ///
    /// - Returns: Whether it did, or that was given up; not where everything ends.
    private func finish(_ window: TumblingWindow, _ turn: TumblingWindow.Turn) async -> Bool {
        let run = LaneRun(reading: self, batch: RecordBatch(entries: []))
        var wait = Self.waits.first
        var failures = 0
        while !signal.isStopped {
            switch await run.finish(window, turn) {
            case .done: return true
            case .failed, .failedAt:
                failures += 1
                if let most = mapping.rules.retries, failures > most {
                    reports.note(problem: "The end of a window was given up")
                    return true
                }
            case .throttled: break
            }
            await signal.pause(milliseconds: wait)
            wait = min(wait * 2, Self.waits.longest)
        }
        return false
    }
}
