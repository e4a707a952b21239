internal import ShaleEngine
internal import ShaleItems
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates
internal import ShaleTables
internal import ShaleTimers
internal import Synchronization

// A turn of an execution is written as one record of the log; what it wants done is done behind that.

extension Executions {
    /// Writes a turn, and does what follows.
    ///
    /// - Throws: `.failed`; then nothing of it has happened, and the execution is read again at its next turn.
    func commit(_ live: inout LiveExecution, _ turn: LiveExecution.Turn) async throws(StatesError) {
        if turn.expires { return try await delete(live.record, turn) }
        var turn = turn
        let (writes, stateBytes) = try await prepare(&live, &turn)
        do throws(DatabaseError) {
            try await database.write(writes, .synced)
        } catch {
            throw StatesError(.failed, error.message)
        }
        follow(live, turn, stateBytes: stateBytes)
    }

    /// What a turn is to write, and how many bytes of that are the state; `follow` comes behind it.
    func prepare(
        _ live: inout LiveExecution,
        _ turn: inout LiveExecution.Turn
    ) async throws(StatesError) -> (writes: SystemWrites, stateBytes: Int) {
        var bytes = live.state.encoded()
        if bytes.count > stateLimitBytes {
            live.endTooLarge(bytes.count, limit: stateLimitBytes, at: now, &turn)
            bytes = live.state.encoded()
        }
        takeEnd(&live, &turn)
        let hasRuns = turn.others.contains { command in
            switch command {
            case .mapRunStarted, .mapRunEnded: true
            default: false
            }
        }
        let runs = hasRuns ? try await mapRuns(of: live.record.key.text) : []
        return (try writes(&live, turn, bytes, runs), bytes.count)
    }

    /// Notes in the record how an execution has ended, if it has.
    private func takeEnd(_ live: inout LiveExecution, _ turn: inout LiveExecution.Turn) {
        live.record.status = live.state.status
        guard let end = turn.end else { return }
        live.setExpiry(from: now, &turn)
        live.record.stop = now
        live.record.error = end.error
        live.record.cause = end.cause
        live.record.output = end.outputText.flatMap { ExecutionRecord.isSmall($0) ? $0 : nil }
    }

    /// Does what follows a turn that is written.
    func follow(_ live: LiveExecution, _ turn: LiveExecution.Turn, stateBytes: Int) {
        timers.wrote(setting: turn.set, cancelling: turn.unset)
        log(turn.history, of: live.record)
        let key = live.record.key.text
        cache.withLock { $0.keep(live, stateBytes: stateBytes) }
        for task in turn.cancelled { cancel(task) }
        for task in turn.dispatch { begin(task, of: key) }
        for task in turn.activities { offer(task, of: key) }
        for command in turn.others { begin(command, of: live.record) }
        if turn.proceeds { proceed(key) }
        if let end = turn.end { ended(live.record, end) }
    }

    /// Deletes what is kept of an execution, in one record.
    private func delete(
        _ record: ExecutionRecord,
        _ turn: LiveExecution.Turn
    ) async throws(StatesError) {
        let key = record.key.text
        try await stored { () async throws(DatabaseError) in
            var writes = self.timers.writes(cancelling: turn.unset)
            for item in try await self.store.executions.items(of: .string(key)) {
                guard let what = item["what"]?.stringValue else { continue }
                writes.delete(ExecutionStore.key(key, what), from: self.store.executions)
            }
            writes.delete(ExecutionStore.entryKey(record), from: self.store.list)
            try await self.database.write(writes, .synced)
        }
        timers.wrote(cancelling: turn.unset)
    }

    private func writes(
        _ live: inout LiveExecution,
        _ turn: LiveExecution.Turn,
        _ state: [UInt8],
        _ runs: [MapRunRecord]
    ) throws(StatesError) -> SystemWrites {
        let key = live.record.key
        var writes = timers.writes(setting: turn.set, cancelling: turn.unset)
        store.put(state, of: &live.record, in: &writes)
        store.put(live.record, in: &writes)
        if !key.isExpress { store.put(turn.history, of: key, in: &writes) }
        if turn.begins, live.record.isInputApart {
            store.put(live.record.input, "input", of: key, in: &writes)
        }
        if let output = turn.end?.outputText, live.record.output == nil {
            store.put(output, "output", of: key, in: &writes)
        }
        if turn.begins || turn.end != nil || live.record.redriven != nil {
            store.putEntry(live.record, in: &writes)
        }
        for number in turn.opened.union(turn.changed).sorted() {
            if let task = live.open[number] {
                writes.put(task.item(key.text), in: store.executions)
            }
        }
        for task in turn.closed {
            let what = OpenTask.what(task.task)
            writes.delete(ExecutionStore.key(key.text, what), from: store.executions)
            if Self.writesOnce(task) {
                WriteMark.delete(task.identity, from: store.marks, in: &writes)
            }
        }
        for task in turn.activities { activities.put(task, at: now, in: &writes) }
        for offer in turn.offers { activities.delete(offer.key, in: &writes) }
        note(turn.others, of: live.record, runs, in: &writes)
        for stop in turn.stops(of: key.text) {
            store.put(hasWork: true, of: stop.text, in: &writes)
        }
        let hasWork = !live.open.isEmpty || turn.proceeds || live.state.hasMapRuns
        if hasWork != live.isListed {
            store.put(hasWork: hasWork, of: key.text, in: &writes)
            live.isListed = hasWork
        }
        return writes
    }

    /// Goes on with an execution that has much to do at once.
    private func proceed(_ key: String) {
        later(key) { _, _ in .proceed }
    }

    /// Gives an execution an event, now or when the database takes it.
    func later(
        _ key: String,
        _ open:
            @escaping @Sendable (
                inout LiveExecution,
                inout LiveExecution.Turn
            ) throws(StatesError) -> ExecutionEvent?
    ) {
        calls.withLock { calls in
            calls.add { identity in
                Task(executorPreference: self.world.scheduler.taskExecutor) {
                    await self.insist(key, open)
                    self.calls.withLock { $0.remove(identity) }
                }
            }
        }
    }

    /// Gives an execution an event, again and again while the database refuses.
    func insist(
        _ key: String,
        _ open:
            @escaping @Sendable (
                inout LiveExecution,
                inout LiveExecution.Turn
            ) throws(StatesError) -> ExecutionEvent?
    ) async {
        while !Task.isCancelled {
            do throws(StatesError) {
                return try await post(to: key, open)
            } catch {
                guard error.code == .failed else { return }
                report("the execution \(key) cannot go on: \(error.message)")
                await pause(milliseconds: Self.troubled)
            }
        }
    }

    /// How long is waited when the database refuses, in milliseconds.
    private static let troubled: Int64 = 1_000

    func pause(milliseconds: Int64) async {
        await withCheckedContinuation { continuation in
            world.scheduler.schedule(.housekeeping, after: .milliseconds(milliseconds)) {
                continuation.resume()
            }
        }
    }

    // MARK: Ends

    private func ended(_ record: ExecutionRecord, _ end: ExecutionEnd) {
        let waiting = watchers.withLock { $0.removeValue(forKey: record.key.text) ?? [] }
        for continuation in waiting { continuation.resume() }
        if machines.ended(record.key.text, of: record.machineName) {
            goOnDeleting(record.machineName)
        }
        for parent in [record.parent].compactMap(\.self) + record.waiters {
            tell(parent, record, output: end.outputText)
        }
    }

    /// Tells an execution that one which it waits for has ended.
    func tell(_ parent: ExecutionRecord.Parent, _ record: ExecutionRecord, output: String?) {
        let outcome = nestedOutcome(record, output: output, parent)
        let task = TaskID(parent.task)
        let submitted = submission(of: record)
        let (now, entropy) = (now, world.randomness.next())
        later(parent.execution) { live, turn in
            // Of two who tell, the second is late.
            guard parent.index != nil || live.open[parent.task] != nil else { return nil }
            if let open = live.open[parent.task], open.child == nil, open.resource.pattern == .job {
                // The nested execution was faster than the news that it has begun.
                live.handle(
                    .taskSubmitted(task, output: submitted),
                    at: now,
                    entropy: entropy,
                    &turn
                )
            }
            live.close(parent.task, &turn)
            if let index = parent.index {
                switch outcome {
                case .succeeded(let output):
                    return .childSucceeded(task, index: index, output: output)
                case .failed(let error, let cause):
                    return .childFailed(task, index: index, error: error, cause: cause)
                default: return nil
                }
            }
            return Self.event(outcome, task)
        }
    }

    /// The event that an outcome is.
    static func event(_ outcome: TaskOutcome, _ task: TaskID) -> ExecutionEvent? {
        switch outcome {
        case .succeeded(let output): .taskSucceeded(task, output: output)
        case .failed(let error, let cause), .busy(let error, let cause):
            .taskFailed(task, error: error, cause: cause)
        case .notStarted(let error, let cause): .taskNotStarted(task, error: error, cause: cause)
        case .submitted(let output): .taskSubmitted(task, output: output)
        case .later: nil
        }
    }
}

/// What is under way in this process, so that it can be ended.
struct RunningCalls {
    private var next = 0
    private var tasks: [Int: Task<Void, Never>] = [:]
    private(set) var isStopped = false

    /// Begins something, unless all is to end.
    mutating func add(_ start: (Int) -> Task<Void, Never>) {
        guard !isStopped else { return }
        next += 1
        tasks[next] = start(next)
    }

    mutating func remove(_ identity: Int) { tasks[identity] = nil }

    /// Whether anything is under way.
    var isBusy: Bool { !tasks.isEmpty }

    /// Begins nothing more.
    mutating func stop() -> [Task<Void, Never>] {
        isStopped = true
        return tasks.sorted { $0.key < $1.key }.map(\.value)
    }
}
