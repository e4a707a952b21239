internal import ShaleItems
internal import ShaleJSON
internal import ShaleStates
internal import ShaleTables
internal import ShaleTimers

/// One execution in memory, and what the events of one turn have led to and is not written yet.
struct LiveExecution: Sendable {
    var record: ExecutionRecord
    var state: ExecutionState
    /// The tasks that are to be handed over again after a crash, by their numbers.
    var open: [Int: OpenTask] = [:]
    /// Whether it stands in the list of those that have work; nil where nobody knows, and it is written again.
    var isListed: Bool? = false

    /// What one turn is to write and to do.
    struct Turn {
        /// Whether the execution is new: nothing of it is written yet.
        var begins = false
        /// Whether its machine is being deleted.
        var isMachineDeleted = false
        /// Whether it is to be deleted, with all that is kept of it.
        var expires = false
        var history: [HistoryEvent] = []
        /// About how many bytes the events have.
        var historyBytes = 0
        var dispatch: [OpenTask] = []
        var cancelled: [OpenTask] = []
        var set: [Timer] = []
        var unset: [Timer.Name] = []
        var opened: Set<Int> = []
        /// Of tasks that were written before.
        var changed: Set<Int> = []
        var closed: [OpenTask] = []
        var others: [ExecutionCommand] = []
        var proceeds = false
        var end: ExecutionEnd?
        /// Whether an activity's worker is to be given something.
        var activities: [OpenTask] = []
        /// Tasks of activities that workers begin with, and their items in the queue.
        var taken: Set<Int> = []
        var offers: [ActivityQueue.Offer] = []
    }
}

extension LiveExecution {
    static let timerOwner = "executions"

    /// Takes an event up, and adds what follows to a turn.
    mutating func handle(
        _ event: ExecutionEvent,
        at now: Int64,
        entropy: UInt64,
        _ turn: inout Turn
    ) {
        let step = state.handle(
            event,
            at: now,
            entropy: entropy,
            isMachineDeleted: turn.isMachineDeleted
        )
        turn.history += step.history
        turn.historyBytes += step.history.reduce(0) { $0 + $1.sizeBytes }
        for command in step.commands { take(command, &turn) }
    }

    /// Ends an execution whose state is larger than a record of the log may be.
    mutating func endTooLarge(_ bytes: Int, limit: Int, at now: Int64, _ turn: inout Turn) {
        turn.proceeds = false
        handle(.tooLarge(bytes: bytes, limit: limit), at: now, entropy: 0, &turn)
    }

    private mutating func take(_ command: ExecutionCommand, _ turn: inout Turn) {
        switch command {
        case .schedule(let request): schedule(request, &turn)
        case .cancelTask(let task): cancel(task, &turn)
        case .setTimer(let id, let due):
            record.timers[id.number] = due
            turn.set.append(Timer(timerName(id.number, due)))
        case .cancelTimer(let id): cancelTimer(id, &turn)
        case .proceed: turn.proceeds = true
        case .finish(let end): turn.end = end
        default: turn.others.append(command)
        }
    }

    private func timerName(_ number: Int, _ due: Int64) -> Timer.Name {
        Timer.Name(owner: Self.timerOwner, due: due, id: "\(record.key.text)#\(number)")
    }

    private mutating func cancelTimer(_ id: TimerID, _ turn: inout Turn) {
        guard let due = record.timers.removeValue(forKey: id.number) else { return }
        let name = timerName(id.number, due)
        if let place = turn.set.firstIndex(where: { $0.name == name }) {
            turn.set.remove(at: place)
        } else {
            turn.unset.append(name)
        }
    }

    // MARK: Expiry

    /// The number of the timer that ends what is kept of it; those of the interpreter count from 1.
    static let expiryNumber = 0
    /// How long an execution is kept behind its end: 90 days; one of an EXPRESS machine five minutes, for whoever waits
    /// for its end.
    static let keptMilliseconds: (standard: Int64, express: Int64) = (90 * 86_400_000, 300_000)

    /// Sets when it is deleted that has ended.
    mutating func setExpiry(from now: Int64, _ turn: inout Turn) {
        let kept = Self.keptMilliseconds
        // Children of a Map run are counted for as long as the run is described.
        let isShort = record.key.isExpress && record.mapRunARN == nil
        let due = now + (isShort ? kept.express : kept.standard)
        record.timers[Self.expiryNumber] = due
        turn.set.append(Timer(timerName(Self.expiryNumber, due)))
    }

    /// One that is taken up again is not deleted.
    mutating func cancelExpiry(_ turn: inout Turn) {
        cancelTimer(TimerID(Self.expiryNumber), &turn)
    }

    /// Notes that it is taken up again: what it ended with is no more.
    mutating func takeUpAgain(at now: Int64, _ turn: inout Turn) {
        cancelExpiry(&turn)
        record.redrives += 1
        record.redriven = now
        record.stop = nil
        record.error = nil
        record.cause = nil
    }

    /// A timer has fired: it is not there any more.
    mutating func forgetTimer(_ number: Int) { record.timers[number] = nil }

    private mutating func schedule(_ request: TaskRequest, _ turn: inout Turn) {
        let task = OpenTask(request, of: state.context.id)
        if request.resource.kind == .activity {
            turn.activities.append(task)
        } else {
            open[request.id.number] = task
            turn.opened.insert(request.id.number)
            turn.dispatch.append(task)
        }
    }

    private mutating func cancel(_ id: TaskID, _ turn: inout Turn) {
        turn.dispatch.removeAll { $0.task == id }
        turn.activities.removeAll { $0.task == id }
        if let task = close(id.number, &turn) { turn.cancelled.append(task) }
    }

    /// A task is not to be handed over again.
    @discardableResult
    mutating func close(_ number: Int, _ turn: inout Turn) -> OpenTask? {
        guard let task = open.removeValue(forKey: number) else { return nil }
        turn.changed.remove(number)
        if turn.opened.remove(number) == nil { turn.closed.append(task) }
        return task
    }

    /// A task that waits for a nested execution.
    mutating func note(child: String, of number: Int, _ turn: inout Turn) {
        open[number]?.child = child
        if !turn.opened.contains(number) { turn.changed.insert(number) }
    }
}
