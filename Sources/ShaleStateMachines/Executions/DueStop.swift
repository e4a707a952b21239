internal import ShaleEngine
internal import ShaleItems
internal import ShaleStates
internal import ShaleTables

/// Something that nobody waits for any more, and that is to be stopped.
///
/// It is noted in the record in which its execution ceases to wait, and taken away behind the stop: so a crash between the two
/// leaves nothing that runs for nobody. The note is an entry of the list of work, with a text that is no execution's key:
///
///     stop KEY         a nested execution
///     stop TASK KEY    the children of a run of a distributed Map, by its task and its execution
enum DueStop: Equatable, Sendable {
    case nested(String)
    case children(task: Int, execution: String)

    var text: String {
        switch self {
        case .nested(let key): "stop \(key)"
        case .children(let task, let execution): "stop \(task) \(execution)"
        }
    }

    /// Reads a text; nil where it is the key of an execution.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.first == "stop" else { return nil }
        switch parts.count {
        case 2: self = .nested(String(parts[1]))
        case 3:
            guard let task = Int(parts[1]) else { return nil }
            self = .children(task: task, execution: String(parts[2]))
        default: return nil
        }
    }
}

extension LiveExecution.Turn {
    /// What is to be stopped behind it, of an execution of this key.
    func stops(of key: String) -> [DueStop] {
        cancelled.compactMap { $0.child.map(DueStop.nested) }
            + others.compactMap { command in
                guard case .stopChildren(let task) = command else { return nil }
                return .children(task: task.number, execution: key)
            }
    }
}

extension Executions {
    /// Stops something, and takes the note of it away.
    ///
    /// - Parameters:
    ///   - stop: What.
    ///   - isLeft: Whether a life before noted it: what has been redriven since is let be.
    func carryOut(_ stop: DueStop, isLeft: Bool = false) {
        run {
            await self.persist("\(stop.text) is not carried out") { () async throws(StatesError) in
                switch stop {
                case .nested(let child): try await self.stopNested(child)
                case .children(let task, let execution):
                    try await self.stopChildren(task, of: execution, unlessRunning: isLeft)
                }
            }
            await self.persist("\(stop.text) is not forgotten") { () async throws(StatesError) in
                var writes = SystemWrites()
                self.store.put(hasWork: false, of: stop.text, in: &writes)
                let forgetting = writes
                try await self.stored { () async throws(DatabaseError) in
                    try await self.database.write(forgetting, .synced)
                }
            }
        }
    }

    /// Does something, again and again while the database refuses; not at all where this process is to end.
    private func persist(
        _ failure: String,
        _ body: () async throws(StatesError) -> Void
    ) async {
        while !Task.isCancelled {
            do throws(StatesError) {
                return try await body()
            } catch {
                // What is not there need not be stopped.
                guard error.code == .failed else { return }
                report("\(failure): \(error.message)")
                await pause(milliseconds: 1_000)
            }
        }
    }

    private func stopNested(_ child: String) async throws(StatesError) {
        try await post(to: child) { live, _ in
            live.record.status == .running ? .stop(error: nil, cause: nil) : nil
        }
    }

    /// Stops the children of a run; where told so, a run that goes on is let be, as behind a redrive.
    private func stopChildren(
        _ task: Int,
        of execution: String,
        unlessRunning: Bool
    ) async throws(StatesError) {
        for run in try await mapRuns(of: execution) where run.task == task {
            if unlessRunning, run.status == .running { continue }
            let running = try await list(
                run.arn,
                where: { $0.status == .running },
                limit: .max
            ).page
            for child in running { _ = try await stop(child.arn) }
        }
    }
}
