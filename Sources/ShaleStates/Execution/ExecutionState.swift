internal import OrderedCollections
internal import ShaleJSON

/// An execution of a state machine: a pure value.
///
/// What happens comes in as an event, with the time and with random bits; what follows goes out as events of
/// the history and as commands to whoever runs the execution. The value has no clock, does no I/O and waits
/// for nothing; the same events lead to the same history. Branches and iterations are inside of the value.
///
/// - Invariant: A branch is in `ready` exactly when its phase is `entering` or `performing`.
/// - Invariant: A timer in `timers` is that of the execution, or its branch's phase names it.
package struct ExecutionState: Sendable {
    /// How many states one event may run, so that no loop holds a thread.
    package static let transitionLimit = 1_000
    /// From so many bytes of history on, the rest is another turn: what follows one event is one record of a log.
    package static let turnBytes = 4_194_304
    /// How many bytes of JSON the data of a state may have.
    package static let dataLimit = 262_144
    /// How deep data may be nested: as deep as a stack of 512 KiB bears, unoptimised.
    package static let depthLimit = 300
    /// How many events the history of a STANDARD execution may have.
    package static let historyLimit = 25_000
    /// What an execution says whose history is full; it cannot be taken up again.
    package static let historyFullCause =
        "The execution reached the maximum number of history events (\(historyLimit))."

    package let program: StateMachineProgram
    package let context: ExecutionContext
    /// The scope that the execution runs: 0, or that of a processor for a child of a distributed Map.
    package let scope: Int
    package internal(set) var status = ExecutionStatus.running
    /// The number of events so far.
    package internal(set) var eventCount = 0
    package internal(set) var redriveCount = 0

    var branches: [BranchID: Branch] = [:]
    /// What runs inside of the branches whose phase is `fork`.
    var forks: [BranchID: Fork] = [:]
    /// The runs of the branches whose phase is `mapRun`.
    var mapRuns: [BranchID: MapRun] = [:]
    /// The branches that can go on, in their turn.
    var ready: [BranchID] = []
    /// The branches whose states wait for timers, by timer.
    var timers: [TimerID: BranchID] = [:]
    var tasks: [TaskID: BranchID] = [:]
    /// The timer of the execution itself.
    var timeout: TimerID?
    /// The last number given to a branch, a timer or a task.
    var lastNumber = 0

    /// An execution that has not begun; its first event is `start`.
    ///
    /// The scope says what to run, as `ChildRequest` names it; 0 is the machine itself.
    package init(program: StateMachineProgram, context: ExecutionContext, scope: Int = 0) {
        precondition(program.scopes.indices.contains(scope), "the program has the scope")
        self.program = program
        self.context = context
        self.scope = scope
    }

    /// Whether a timer ends a wait or the pause before a retry, and is no limit for somebody else.
    package func isDelay(_ timer: TimerID) -> Bool {
        guard let branch = timers[timer].flatMap({ branches[$0] }) else { return false }
        switch branch.phase {
        case .waiting(let own), .retrying(let own): return own == timer
        default: return false
        }
    }

    /// Whether a timer ends the execution because it may take no longer, whatever its machine says.
    package func isLongest(_ timer: TimerID) -> Bool {
        guard timer == timeout, let longest = context.maximumSeconds else { return false }
        return scope != 0 || program.timeoutSeconds ?? .max >= longest
    }

    /// Takes an event up.
    ///
    /// - Parameters:
    ///   - event: What has happened.
    ///   - now: Milliseconds since 1970.
    ///   - entropy: Random bits; what the step draws at random comes from them alone.
    ///   - isMachineDeleted: Whether its machine is being deleted: then it fails where it would enter a state.
    /// - Returns: New events of the history, and what is to be done.
    /// - Complexity: at most `transitionLimit` states.
    package mutating func handle(
        _ event: ExecutionEvent,
        at now: Int64,
        entropy: UInt64,
        isMachineDeleted: Bool = false
    ) -> ExecutionStep {
        var turn = Turn(now: now, random: RandomStream(seed: entropy))
        turn.isMachineDeleted = isMachineDeleted
        return handle(event, turn)
    }

    /// Takes an event up in a turn, whose inspector, where there is one, looks on.
    mutating func handle(_ event: ExecutionEvent, _ first: Turn) -> ExecutionStep {
        var turn = first
        switch event {
        case .start: start(&turn)
        case .proceed: break
        case .timerFired(let timer): timerFired(timer, &turn)
        case .stop(let error, let cause): stop(error: error, cause: cause, &turn)
        case .tooLarge(let bytes, let limit): endTooLarge(bytes, limit, &turn)
        case .redrive: redrive(&turn)
        case .itemsRead, .itemsFailed, .childSucceeded, .childFailed, .resultsWritten,
            .resultsFailed, .mapRunUpdated:
            handleMapRun(event, &turn)
        default: handleTask(event, &turn)
        }
        endIfFull(&turn)
        run(&turn)
        return turn.step
    }

    /// Runs branches in turn until none can go on, or enough is done.
    private mutating func run(_ turn: inout Turn) {
        var head = 0
        var transitions = 0
        while status == .running, head < ready.count {
            guard transitions < Self.transitionLimit, turn.historyBytes < Self.turnBytes else {
                turn.step.commands.append(.proceed)
                break
            }
            let branch = ready[head]
            head += 1
            // Moves what is left to the front now and then, not each time.
            if head > 64, head * 2 > ready.count {
                ready.removeFirst(head)
                head = 0
            }
            transitions += 1
            advance(branch, &turn)
            endIfFull(&turn)
        }
        if status == .running { ready.removeFirst(min(head, ready.count)) } else { ready = [] }
    }

    private mutating func advance(_ id: BranchID, _ turn: inout Turn) {
        // A branch that another one has ended in the meantime may still stand in the queue.
        guard branches[id] != nil else { return }
        do throws(StateFailure) {
            switch self[id].phase {
            case .entering:
                guard !turn.isMachineDeleted else {
                    throw StateFailure.machineDeleted(context.machineName)
                }
                enter(id, &turn)
                try perform(id, &turn)
            case .performing: try perform(id, &turn)
            default: break
            }
        } catch {
            fail(id, error, &turn)
        }
    }

    /// One event being handled.
    struct Turn {
        let now: Int64
        let random: RandomStream
        /// Who looks on while a state is tested; nil in executions.
        var inspector: StateInspector?
        var step = ExecutionStep()
        /// Whether the machine is being deleted.
        var isMachineDeleted = false
        /// Whether an event was left out for want of room.
        var isHistoryFull = false
        /// About how many bytes the events of the step have.
        var historyBytes = 0
    }
}

extension ExecutionState {
    /// A branch that is there, read and changed in its place.
    subscript(id: BranchID) -> Branch {
        _read {
            guard let index = branches.index(forKey: id) else {
                preconditionFailure("the branch is there")
            }
            yield branches.values[index]
        }
        _modify {
            guard let index = branches.index(forKey: id) else {
                preconditionFailure("the branch is there")
            }
            yield &branches.values[index]
        }
    }

    /// The fork of a branch, read and changed in its place.
    subscript(fork id: BranchID) -> Fork {
        _read {
            guard let index = forks.index(forKey: id) else {
                preconditionFailure("the branch is a fork")
            }
            yield forks.values[index]
        }
        _modify {
            guard let index = forks.index(forKey: id) else {
                preconditionFailure("the branch is a fork")
            }
            yield &forks.values[index]
        }
    }

    /// The Map run of a branch, read and changed in its place.
    subscript(mapRun id: BranchID) -> MapRun {
        _read {
            guard let index = mapRuns.index(forKey: id) else {
                preconditionFailure("the branch has a Map run")
            }
            yield mapRuns.values[index]
        }
        _modify {
            guard let index = mapRuns.index(forKey: id) else {
                preconditionFailure("the branch has a Map run")
            }
            yield &mapRuns.values[index]
        }
    }

    func definition(of id: BranchID) -> StateDefinition { program.states[self[id].state] }

    mutating func newNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func setReady(_ id: BranchID, _ phase: Branch.Phase) {
        self[id].phase = phase
        ready.append(id)
    }

    // MARK: Timers

    mutating func setTimer(_ id: BranchID, due: Int64, _ turn: inout Turn) -> TimerID {
        let timer = TimerID(newNumber())
        timers[timer] = id
        turn.step.commands.append(.setTimer(timer, due: due))
        return timer
    }

    mutating func cancelTimer(_ timer: TimerID?, _ turn: inout Turn) {
        guard let timer, timers.removeValue(forKey: timer) != nil else { return }
        turn.step.commands.append(.cancelTimer(timer))
    }

    private mutating func timerFired(_ timer: TimerID, _ turn: inout Turn) {
        if timer == timeout {
            timeout = nil
            timeOut(&turn)
            return
        }
        guard let id = timers.removeValue(forKey: timer) else { return }
        switch self[id].phase {
        case .waiting:
            attempt(id, &turn) { (state, turn) throws(StateFailure) in
                try state.finishWait(id, &turn)
            }
        case .retrying: setReady(id, .performing)
        case .task(let task): taskTimedOut(id, isHeartbeat: task.heartbeat == timer, &turn)
        default: preconditionFailure("a timer belongs to its branch")
        }
    }

    /// Does something for a branch, which fails where that fails.
    mutating func attempt(
        _ id: BranchID,
        _ turn: inout Turn,
        _ action: (inout ExecutionState, inout Turn) throws(StateFailure) -> Void
    ) {
        do {
            try action(&self, &turn)
        } catch {
            fail(id, error, &turn)
        }
    }
}
