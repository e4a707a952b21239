package import ShaleFunctions
internal import ShaleItems
internal import ShaleJSON
package import ShalePlatform
package import ShaleStates
package import ShaleTables
package import ShaleTimers
internal import Synchronization

/// The executions of state machines: items and log records, brought to memory by what happens to them.
///
/// An event finds its execution, which is read, takes the event up, is written with what follows (history, timers, tasks that are to be
/// handed over) in one record of the log, and only then are tasks handed over. Events of one execution come one after
/// the other; those that come while one is written are taken up together. So an execution that waits costs the disk alone,
/// and after a crash it goes on behind the last event that is in its history.
package final class Executions: Sendable {
    let database: Database
    let timers: Timers
    let machines: any MachineSource
    let caller: any TaskCaller
    let world: World
    let region: String
    let account: String
    let store: ExecutionStore
    let report: @Sendable (String) -> Void
    /// Where machines log; nil is nowhere.
    let log: (any FunctionLog)?
    let logStream: String
    /// How many bytes the state of an execution may have.
    let stateLimitBytes: Int
    let mailboxes = Mutex<[String: Mailbox]>([:])
    let cache = Mutex(ExecutionCache())
    let starts = Turns()
    let calls = Mutex(RunningCalls())
    let watchers = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])
    /// Until when tests of states wait, in milliseconds since 1970.
    let testWaits = Mutex<[Int64]>([])
    let activities: ActivityQueue

    /// Opens the executions of a database; `resume` takes them up.
    ///
    /// - Parameters:
    ///   - database: Where they are kept.
    ///   - timers: Their timers.
    ///   - machines: What they run.
    ///   - caller: What their tasks call.
    ///   - world: Clocks and threads.
    ///   - region: In ARNs.
    ///   - account: In ARNs.
    ///   - log: Where machines log; nil is nowhere.
    ///   - stateLimitBytes: How many bytes the state of an execution may have; with more the execution fails.
    ///   - report: Is told what goes wrong where nobody asks.
    /// - Throws: `.internalFailure`.
    package init(
        _ database: Database,
        timers: Timers,
        machines: any MachineSource,
        caller: any TaskCaller,
        world: World,
        region: String,
        account: String,
        log: (any FunctionLog)? = nil,
        stateLimitBytes: Int = ExecutionStore.stateLimitBytes,
        report: @escaping @Sendable (String) -> Void
    ) async throws(DatabaseError) {
        self.database = database
        self.timers = timers
        self.machines = machines
        self.caller = caller
        self.world = world
        self.region = region
        self.account = account
        self.report = report
        self.log = log
        self.stateLimitBytes = stateLimitBytes
        logStream = Self.logStream(at: world.time.wallMilliseconds, database.makeUUID())
        store = try await ExecutionStore(database)
        activities = try await ActivityQueue(database, world)
    }

    /// Takes up what was under way when the database was last open, and begins with timers.
    ///
    /// - Throws: `.failed`.
    package func resume() async throws(StatesError) {
        for machine in try await machines.takeUpDeletions() { goOnDeleting(machine) }
        let left = try await stored { () async throws(DatabaseError) in
            try await self.store.executionsWithWork()
        }
        for work in left {
            if let stop = DueStop(work) {
                carryOut(stop, isLeft: true)
            } else {
                await resume(work)
            }
        }
        timers.register(LiveExecution.timerOwner) { [weak self] timer in
            await self?.fired(timer) ?? .again(after: 1_000)
        }
    }

    /// Begins nothing more, and takes no results: what is under way is taken up at the next start.
    package func halt() {
        for call in calls.withLock({ $0.stop() }) { call.cancel() }
        activities.stop()
    }

    /// Ends; answers when nothing is under way in this process.
    ///
    /// What tasks call must have ended, or end by itself.
    package func stop() async {
        halt()
        for call in calls.withLock({ $0.stop() }) { await call.value }
    }

    var now: Int64 { world.time.wallMilliseconds }

    func arn(_ key: ExecutionKey) -> String { key.arn(region: region, account: account) }

    /// Runs what reads or writes the database, and tells its errors as the service's.
    func stored<Answer: Sendable>(
        _ body: () async throws(DatabaseError) -> Answer
    ) async throws(StatesError) -> Answer {
        do throws(DatabaseError) {
            return try await body()
        } catch {
            throw StatesError(.failed, error.message)
        }
    }

    private func fired(_ timer: Timer) async -> Timers.Answer {
        guard let key = Self.key(of: timer), let number = Self.number(of: timer) else {
            return .handled
        }
        do throws(StatesError) {
            try await post(to: key) { live, turn in
                // One that was cancelled, or has been told before.
                guard live.record.timers[number] == timer.name.due else { return nil }
                live.forgetTimer(number)
                turn.unset.append(timer.name)
                turn.expires = number == LiveExecution.expiryNumber
                return turn.expires ? nil : .timerFired(TimerID(number))
            }
            return .handled
        } catch {
            guard error.code == .failed else { return .handled }
            report("the timer \(timer.name.id) could not be told: \(error.message)")
            return .again(after: 1_000)
        }
    }
}

/// What executions run.
package protocol MachineSource: Sendable {
    /// What an ARN of a machine, a version or an alias means at this moment: an alias chooses each time.
    func resolve(_ arn: String) async throws(StatesError) -> ResolvedMachine
    /// The same where it is in memory.
    func known(_ arn: String) -> ResolvedMachine?
    /// The definition with which an execution began.
    func program(
        machine: String,
        revision: String
    ) async throws(StatesError) -> StateMachineProgram
    /// The machines (by their names) that are being deleted when a database is opened.
    func takeUpDeletions() async throws(StatesError) -> [String]
    /// Whether a machine (by its name) is being deleted, so that its executions fail where they would enter a state.
    func isBeingDeleted(_ machine: String) -> Bool
    /// Whether there is an activity of a resource name.
    func activityExists(_ arn: String) async throws(StatesError) -> Bool
    /// Is told of the end of an execution; answers whether `goOnDeleting` is to be called for its machine.
    func ended(_ execution: String, of machine: String) -> Bool
    /// Deletes a machine that is being deleted, where none of its executions runs.
    func goOnDeleting(
        _ machine: String,
        whileRunning running: StateMachines.FindRunning
    ) async throws(StatesError)
}

extension MachineSource {
    package func known(_: String) -> ResolvedMachine? { nil }
    package func takeUpDeletions() async throws(StatesError) -> [String] { [] }
    package func isBeingDeleted(_: String) -> Bool { false }
    package func activityExists(_: String) async throws(StatesError) -> Bool { true }
    package func ended(_: String, of _: String) -> Bool { false }
    package func goOnDeleting(
        _: String,
        whileRunning _: StateMachines.FindRunning
    ) async throws(StatesError) {}
}
