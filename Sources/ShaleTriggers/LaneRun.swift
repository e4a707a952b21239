internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleTables

/// One batch of one lane, carried to its end: what `BatchProgress` says is done.
struct LaneRun {
    /// How long is waited when what is given up cannot be told.
    private static let troubled: Int64 = 1_000

    let reading: ShardReading
    let batch: RecordBatch

    /// - Returns: How many records are done, or given up; fewer than there are only when everything ends.
    func run() async -> Int {
        var none: TumblingWindow?
        return await run(&none)
    }

    /// The same within a tumbling window, whose state it changes.
    func run(in window: inout TumblingWindow) async -> Int {
        var some: TumblingWindow? = window
        defer { window = some ?? window }
        return await run(&some)
    }

    private func run(_ window: inout TumblingWindow?) async -> Int {
        let time = reading.context.world.time
        var progress = BatchProgress(
            batch.entries.map(\.record.milliseconds),
            reading.mapping.rules
        )
        var last: Functions.Answer?
        while !reading.signal.isStopped {
            switch progress.next(now: time.wallMilliseconds) {
            case .end: return progress.done
            case .wait(let milliseconds): await reading.signal.pause(milliseconds: milliseconds)
            case .invoke(let range):
                progress.ended(await invoke(range, &window, &last))
                // What it has so far is the last that its window may have.
                if window?.isTooLarge ?? false { return progress.done }
            case .giveUp(let range, let reason):
                guard await tell(range, reason, progress.attempts, last) else {
                    await reading.signal.pause(milliseconds: Self.troubled)
                    continue
                }
                progress.gaveUp(range)
            }
        }
        return progress.done
    }

    private func invoke(
        _ range: Range<Int>,
        _ window: inout TumblingWindow?,
        _ last: inout Functions.Answer?
    ) async -> BatchProgress.Answer {
        await invoke(batch.payload(range, members(of: window, .batch)), range, &window, &last)
    }

    /// Gives a window to the function that is over.
    func finish(
        _ window: TumblingWindow,
        _ turn: TumblingWindow.Turn
    ) async -> BatchProgress.Answer {
        var window: TumblingWindow? = window
        var last: Functions.Answer?
        return await invoke(batch.payload(0..<0, members(of: window, turn)), nil, &window, &last)
    }

    private func members(of window: TumblingWindow?, _ turn: TumblingWindow.Turn) -> [UInt8] {
        window?.members(
            turn,
            length: reading.mapping.tumblingMilliseconds,
            shard: reading.shard.description,
            source: reading.mapping.source
        ) ?? []
    }

    // The range is that of the records in the payload; nil where there are none.
    private func invoke(
        _ payload: [UInt8],
        _ range: Range<Int>?,
        _ window: inout TumblingWindow?,
        _ last: inout Functions.Answer?
    ) async -> BatchProgress.Answer {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME and perhaps a qualifier.
        let parts = reading.mapping.function.split(separator: ":").map(String.init)
        do throws(FunctionError) {
            let answer = try await reading.context.functions.invoke(
                parts.count > 6 ? parts[6] : "",
                parts.count > 7 ? parts[7] : nil,
                payload: payload
            )
            last = answer
            guard answer.outcome.functionError == nil else {
                reading.reports.note(problem: "Function call failed")
                return .failed
            }
            reading.reports.noteSuccess()
            guard let range else { return .done }
            var changed = window
            // What has no form cannot be the state of a window.
            let hasForm = changed?.answered(answer.outcome.payload) ?? true
            guard hasForm else { return .failed }
            let ending =
                reading.mapping.reportsFailures
                ? batch.answer(answer.outcome.payload, range) : .done
            // What comes again comes with the state that it had.
            if ending != .failed { window = changed }
            return ending
        } catch {
            // The function did not run: that is no failure of its.
            reading.reports.note(problem: error.message)
            return .throttled
        }
    }

    /// Tells the destination of what is given up; whether that could be told, or there is none.
    private func tell(
        _ range: Range<Int>,
        _ reason: BatchProgress.Reason,
        _ attempts: Int,
        _ answer: Functions.Answer?
    ) async -> Bool {
        let context = reading.context
        guard let destination = reading.mapping.failureDestination else { return true }
        guard let bucket = context.bucket(destination) else {
            reading.reports.note(problem: "The bucket \(destination) is not here")
            return false
        }
        let report = FailureReport(
            mapping: reading.mapping,
            shard: reading.shard,
            batch: batch,
            range: range,
            reason: reason,
            attempts: attempts,
            answer: answer,
            milliseconds: context.world.time.wallMilliseconds,
            identity: context.functions.makeIdentity()
        )
        let result = await context.world.scheduler.run(.housekeeping) {
            Result { () throws(BucketError) in try bucket.put(report.key, report.bytes) }
        }
        guard case .failure(let error) = result else { return true }
        reading.reports.note(problem: "\(destination): \(error)")
        return false
    }
}
