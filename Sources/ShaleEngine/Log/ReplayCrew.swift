internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Those who put the log's batches into memtables while the log is being read on: steps of the
/// scheduler, and the reader itself where it is ahead of them.
///
/// Pieces may be replayed in any order, since versions find their place by position. The reader never waits
/// for a step to be begun (it may be a step itself, and all threads of its class may be readers): what
/// nobody has taken it does itself.
final class ReplayCrew: Sendable {
    private struct State: Sendable {
        var waiting: [ReplayPiece] = []
        var free: [ReplayPiece] = []
        /// Steps that were scheduled and have not ended.
        var helperCount = 0
        /// Pieces that helpers work on.
        var busyCount = 0
        var done: (any Gate)?
    }

    private let state = Mutex(State())
    private let scheduler: any Scheduler
    private let helperLimit: Int
    private let body: @Sendable (ReplayPiece) -> Void

    /// Most helpers: they share the memory's bandwidth and the memtables' locks.
    private static let mostHelpers = 3

    /// `body` replays a piece; any number of threads may call it at once.
    init(_ scheduler: any Scheduler, _ body: @escaping @Sendable (ReplayPiece) -> Void) {
        self.scheduler = scheduler
        helperLimit = min(Self.mostHelpers, scheduler.processorCount - 1)
        self.body = body
    }

    /// A piece that nobody works on.
    func emptyPiece() -> ReplayPiece { state.withLock { $0.free.popLast() } ?? ReplayPiece() }

    /// Takes a piece in.
    func add(_ piece: ReplayPiece) {
        let (mustStart, isFull) = state.withLock { state in
            state.waiting.append(piece)
            let mustStart = state.helperCount < min(helperLimit, state.waiting.count)
            if mustStart { state.helperCount += 1 }
            return (mustStart, state.waiting.count > helperLimit)
        }
        if mustStart { scheduler.schedule(.read) { self.help() } }
        if isFull, let next = take(asHelper: false) { work(on: next) }
    }

    /// Returns when all pieces are replayed.
    func finish() {
        while let piece = take(asHelper: false) { work(on: piece) }
        let gate = scheduler.makeGate()
        let isDone = state.withLock { state in
            if state.busyCount > 0 { state.done = gate }
            return state.busyCount == 0
        }
        if !isDone { gate.wait() }
    }

    private func help() {
        while let piece = take(asHelper: true) {
            work(on: piece)
            state.withLock { state -> (any Gate)? in
                state.busyCount -= 1
                return state.busyCount == 0 ? state.done.take() : nil
            }?.open()
        }
    }

    private func take(asHelper: Bool) -> ReplayPiece? {
        state.withLock { state in
            guard let piece = state.waiting.popLast() else {
                if asHelper { state.helperCount -= 1 }
                return nil
            }
            if asHelper { state.busyCount += 1 }
            return piece
        }
    }

    private func work(on piece: ReplayPiece) {
        body(piece)
        state.withLock { $0.free.append(piece) }
    }
}
