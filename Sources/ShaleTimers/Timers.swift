internal import ShaleItems
package import ShalePlatform
package import ShaleTables
internal import Synchronization

/// Durable timers: each is told to its owner when its time has come, at least once, whatever ends meanwhile.
///
///     let timers = try await Timers(database, world) { logger.warning("\($0)") }
///     timers.register("executions") { timer in
///         await executions.goOn(timer)
///         return .handled
///     }
///     try await timers.write(setting: [timer])
///
/// A timer is an item until its owner has answered. A window of the next ones of each owner is in memory
/// (`TimerWindow`), so that what waits costs the disk alone. One step of the scheduler waits for the next. Owners
/// are told in the order of due times, several at a time; those that wait behind others come at once as these answer. What
/// was due while nobody ran comes at once after `register`. Time is the wall clock's.
package final class Timers: Sendable {
    /// What an owner answers.
    package enum Answer: Sendable, Equatable {
        /// It is done: the timer is deleted soon, together with others. Until then a crash tells it again.
        case handled
        /// It is done, and the owner has deleted the timer in a record of its own.
        case deleted
        /// It is to be told again after so many milliseconds, or at once after a start.
        case again(after: Int64)
    }

    /// Tells an owner.
    package typealias Handler = @Sendable (Timer) async -> Answer

    let database: Database
    let world: World
    let table: SystemTable
    let report: @Sendable (String) -> Void
    let state = Mutex(TimerState())

    /// Opens the timers of a database; none is told before its owner is registered.
    ///
    /// - Parameters:
    ///   - database: Where they are kept.
    ///   - world: The clock, and what wakes.
    ///   - report: Told of what cannot be read or deleted, which is tried again.
    /// - Throws: `.internalFailure`.
    package init(
        _ database: Database,
        _ world: World,
        report: @escaping @Sendable (String) -> Void
    ) async throws(DatabaseError) {
        self.database = database
        self.world = world
        self.report = report
        table = try await database.systemTable(
            Timer.tableName,
            key: KeySchema(
                partition: KeySchema.Attribute("owner", .string),
                sort: KeySchema.Attribute("place", .string)
            )
        )
    }

    /// Says who is told of an owner's timers, once; begins with what is overdue.
    ///
    /// - Parameters:
    ///   - owner: The name that its timers have.
    ///   - sideBySide: How many are told at the same time; with one, each waits for the answer to the one before.
    ///   - handler: Told of each timer. It can be told of one twice, and of one that is being cancelled.
    package func register(
        _ owner: String,
        sideBySide: Int = TimerLimits.sideBySide,
        _ handler: @escaping Handler
    ) {
        state.withLock { state in
            precondition(state.owners[owner] == nil, "an owner is registered once")
            state.owners[owner] = TimerOwner(handler: handler, sideBySide: sideBySide)
        }
        goOn()
    }

    /// How many timers are in memory.
    package var countInMemory: Int {
        state.withLock { $0.owners.values.reduce(0) { $0 + $1.window.count } }
    }

    /// Tells no more timers, waits for the answers that are under way, and deletes what was answered.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                state.isStopped = true
                state.stopping.append(continuation)
                return state.takeStopping()
            }
            for continuation in ready { continuation.resume() }
        }
        await deleteFired()
    }
}
