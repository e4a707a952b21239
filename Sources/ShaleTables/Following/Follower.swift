internal import ShalePlatform
internal import Synchronization

/// A closure that gets what happens to a table's items, and whose writes take effect exactly once.
///
/// What it writes, and the note of how far it has got, are one record of the log. After a crash the changes come again
/// whose writes are not there, and no others. What it does besides (a mail, a request) happens at least once.
public final class Follower: Sendable {
    /// Takes changes, oldest first, and says what is to be written because of them.
    public typealias Handler =
        @Sendable (
            _ changes: [ChangeRecord],
            _ transaction: inout TransactionBuilder
        ) async throws -> Void

    private struct State {
        var status = FollowerStatus()
        /// Who waits until what was written before is done.
        var waiting: [CheckedContinuation<Bool, Never>] = []
        var task: Task<Void, Never>?
    }

    /// Its name: what it goes on by.
    public let name: String
    /// The table's name.
    public let tableName: String
    let signal: StopSignal
    private let state = Mutex(State())

    init(_ name: String, _ tableName: String, _ world: World) {
        self.name = name
        self.tableName = tableName
        signal = StopSignal(world.scheduler)
    }

    /// What it is doing.
    public var status: FollowerStatus { state.withLock { $0.status } }

    /// Waits until all changes that were acknowledged before are taken or given up.
    ///
    /// - Returns: False where it was stopped before.
    public func caughtUp() async -> Bool {
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if !state.status.isStopped { state.waiting.append(continuation) }
                return state.status.isStopped
            }
            if isStopped { continuation.resume(returning: false) }
        }
    }

    /// Ends it, once the call under way has ended; one of the same name goes on from there.
    public func stop() async {
        signal.stop()
        await state.withLock { $0.task }?.value
    }

    // MARK: For its run

    func start(_ task: Task<Void, Never>) { state.withLock { $0.task = task } }

    /// Who waits now; a look at the stream that begins later sees all that they wait for.
    func takeWaiting() -> [CheckedContinuation<Bool, Never>] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Gives back those for whom there was more to do.
    func keepWaiting(_ waiting: [CheckedContinuation<Bool, Never>]) {
        state.withLock { $0.waiting += waiting }
    }

    func update(_ change: (inout FollowerStatus) -> Void) {
        state.withLock { change(&$0.status) }
    }

    func ended() {
        let waiting = state.withLock { state in
            state.status.isStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }
}
