internal import ShalePlatform
internal import ShaleStateMachines
internal import Synchronization

/// Somebody outside who is given tokens of tasks, and answers each a few seconds later: machines that crash do not make
/// it forget.
final class TokenDesk: Sendable {
    /// What every answer is.
    static let answer = #"{"answered":true}"#

    private struct State {
        var executions: Executions?
        /// Tokens without an answer that was acknowledged, in their order; and whether one was sent.
        var open: [(token: String, isSent: Bool)] = []
        var answered: Set<String> = []
        /// Which are being answered in this life.
        var busy: Set<String> = []
        var complaint: String?
    }

    private let state = Mutex(State())

    /// A database is open again: what is unanswered is answered through it.
    func begin(_ executions: Executions, _ world: World) {
        let tokens = state.withLock { state in
            state.executions = executions
            state.busy = []
            return state.open.map(\.token)
        }
        for token in tokens { answer(token, world) }
    }

    /// Takes a token, perhaps once more.
    func take(_ token: String, _ world: World) {
        let isNew = state.withLock { state in
            guard !state.answered.contains(token) else {
                state.complaint = "\(token) was answered, and is handed over again"
                return false
            }
            if !state.open.contains(where: { $0.token == token }) {
                state.open.append((token, false))
            }
            return true
        }
        if isNew { answer(token, world) }
    }

    /// What must not have happened.
    func check() throws {
        if let complaint = state.withLock({ $0.complaint }) { throw Failure(complaint) }
    }

    /// Answers in one to four seconds: by then it is written that the task was handed over.
    private func answer(_ token: String, _ world: World) {
        guard state.withLock({ $0.busy.insert(token).inserted }) else { return }
        let delay = 1_000 + token.utf8.reduce(0) { ($0 &* 31 &+ Int64($1)) & 0xFFFF } % 3_000
        Task(executorPreference: world.scheduler.taskExecutor) {
            await world.pause(milliseconds: delay)
            await self.send(token)
        }
    }

    private func send(_ token: String) async {
        let (executions, wasSent) = state.withLock { state in
            let place = state.open.firstIndex { $0.token == token }
            defer { if let place { state.open[place].isSent = true } }
            return (state.executions, place.map { state.open[$0].isSent } ?? true)
        }
        do throws(StatesError) {
            try await executions?.succeed(token, output: Self.answer)
        } catch {
            // The first answer was taken, and a crash came before that was told.
            guard error.code != .taskTimedOut || !wasSent else { return acknowledge(token) }
            // Otherwise the database is closing or without power: the next life answers.
            guard error.code == .taskTimedOut else { return }
            return state.withLock { $0.complaint = "\(token) is not waited for" }
        }
        acknowledge(token)
    }

    private func acknowledge(_ token: String) {
        state.withLock { state in
            state.open.removeAll { $0.token == token }
            state.answered.insert(token)
        }
    }
}
