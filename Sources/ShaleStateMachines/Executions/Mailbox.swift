internal import ShaleItems
internal import ShalePlatform
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

/// What is to happen to one execution: letters in the order in which they came, read by one task.
struct Mailbox {
    /// One event that is to be taken up.
    struct Letter: Sendable {
        /// Looks at the execution as it is then, and says what happens; nil is nothing.
        let open:
            @Sendable (inout LiveExecution, inout LiveExecution.Turn) throws(StatesError) ->
                ExecutionEvent?
        let answer: CheckedContinuation<Result<Void, StatesError>, Never>
    }

    var letters: [Letter] = []
}

/// Executions that were needed a moment ago.
struct ExecutionCache {
    /// In each of two generations, at most.
    private static let limit = 256
    /// Bytes of a state that is kept, at most.
    private static let stateBytes = 16_384

    /// Those that were kept last; when they are too many, those before them go.
    private var young: [String: LiveExecution] = [:]
    private var old: [String: LiveExecution] = [:]

    mutating func take(_ key: String) -> LiveExecution? {
        let found = young.removeValue(forKey: key)
        return old.isEmpty ? found : found ?? old.removeValue(forKey: key)
    }

    func look(_ key: String) -> LiveExecution? { young[key] ?? old[key] }

    /// Keeps one that goes on.
    mutating func keep(_ live: LiveExecution, stateBytes: Int) {
        guard stateBytes <= Self.stateBytes, live.record.status == .running else { return }
        if young.count >= Self.limit {
            old = young
            young = [:]
        }
        let key = live.record.key.text
        old[key] = nil
        young[key] = live
    }
}

extension Executions {
    /// Gives an execution an event, and answers once what follows is written.
    ///
    /// - Throws: `.executionDoesNotExist`, `.failed`, and what `open` throws.
    func post(
        to key: String,
        _ open:
            @escaping @Sendable (
                inout LiveExecution,
                inout LiveExecution.Turn
            ) throws(StatesError) -> ExecutionEvent?
    ) async throws(StatesError) {
        let result = await withCheckedContinuation { continuation in
            let letter = Mailbox.Letter(open: open, answer: continuation)
            let isFirst = mailboxes.withLock { boxes in
                let isFirst = boxes[key] == nil
                boxes[key, default: Mailbox()].letters.append(letter)
                return isFirst
            }
            guard isFirst else { return }
            Task(executorPreference: world.scheduler.taskExecutor) { await self.empty(key) }
        }
        try result.get()
    }

    /// Takes up all letters of an execution, those that have come by then together.
    private func empty(_ key: String) async {
        while true {
            let letters = mailboxes.withLock { boxes -> [Mailbox.Letter] in
                guard let letters = boxes[key]?.letters, !letters.isEmpty else {
                    boxes[key] = nil
                    return []
                }
                boxes[key]?.letters = []
                return letters
            }
            if letters.isEmpty { return }
            var left = letters[...]
            while !left.isEmpty { left = left.dropFirst(await take(left, key)) }
        }
    }

    /// Takes up letters in one record; where they have much to tell, not all of them.
    ///
    /// - Returns: how many were taken up, one at least.
    private func take(_ letters: ArraySlice<Mailbox.Letter>, _ key: String) async -> Int {
        var results: [Result<Void, StatesError>] = []
        do throws(StatesError) {
            var live = try await load(key)
            var turn = LiveExecution.Turn()
            turn.isMachineDeleted = machines.isBeingDeleted(live.record.machineName)
            for letter in letters {
                do throws(StatesError) {
                    if let event = try letter.open(&live, &turn) {
                        live.handle(event, at: now, entropy: world.randomness.next(), &turn)
                    }
                    results.append(.success(()))
                } catch {
                    results.append(.failure(error))
                }
                if turn.historyBytes >= ExecutionState.turnBytes { break }
            }
            try await commit(&live, turn)
        } catch {
            // Without any the execution could not be read: then none of them can be taken up.
            let count = results.isEmpty ? letters.count : results.count
            results = Array(repeating: .failure(error), count: count)
        }
        for (letter, result) in zip(letters, results) { letter.answer.resume(returning: result) }
        return results.count
    }

    /// An execution that is there, as it was last written; one that is only looked at stays in the cache.
    func load(
        _ key: String,
        peeking isPeek: Bool = false
    ) async throws(StatesError) -> LiveExecution {
        let known = cache.withLock { isPeek ? $0.look(key) : $0.take(key) }
        if let known { return known }
        let record = try await stored { () async throws(DatabaseError) in
            try await self.store.record(key)
        }
        guard let record else { throw missing(key) }
        let program = try await machines.program(
            machine: record.machineName,
            revision: record.revision
        )
        let bytes = try await stored { () async throws(DatabaseError) in
            try await self.store.state(of: record)
        }
        let state = try state(bytes, record, program)
        var live = LiveExecution(record: record, state: state)
        for task in try await openTasks(record.key) { live.open[task.task.number] = task }
        live.isListed = !live.open.isEmpty
        return live
    }

    private func state(
        _ bytes: [UInt8],
        _ record: ExecutionRecord,
        _ program: StateMachineProgram
    ) throws(StatesError) -> ExecutionState {
        do {
            let context = try record.context(region: region, account: account)
            return try ExecutionState(bytes, program: program, context: context)
        } catch {
            throw StatesError(
                .failed,
                "The state of \(arn(record.key)) cannot be read: \(error). shale verify tells more."
            )
        }
    }

    func missing(_ key: String) -> StatesError {
        StatesError(.executionDoesNotExist, "Execution Does Not Exist: '\(key)'")
    }

    /// The tasks of an execution that are to be handed over again.
    func openTasks(_ key: ExecutionKey) async throws(StatesError) -> [OpenTask] {
        let items = try await stored { () async throws(DatabaseError) in
            try await self.store.executions.items(
                of: .string(key.text),
                in: (from: .string(OpenTask.prefix), to: .string("work$"))
            )
        }
        return items.compactMap { OpenTask($0, of: arn(key)) }
    }
}
