internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// Checkpoints that are open for reading: each once, however many restores read it at a time.
final class CheckpointReaders: Sendable {
    private struct Opened {
        var engine: Engine
        var readers: Int
    }

    /// What the blocks and the log of one checkpoint may take of memory.
    private static let memoryBudgetBytes = 32 * 1024 * 1024

    private let turn = Turn()
    private let opened = Mutex<[String: Opened]>([:])

    /// Runs `body` on the checkpoint in a directory.
    func with<Answer: Sendable>(
        _ directory: String,
        _ world: World,
        _ body: (Engine) async throws(EngineError) -> Answer
    ) async throws(EngineError) -> Answer {
        let engine = try await open(directory, world)
        let answer: Result<Answer, EngineError>
        do throws(EngineError) {
            answer = .success(try await body(engine))
        } catch {
            answer = .failure(error)
        }
        try await close(directory)
        return try answer.get()
    }

    private func open(_ directory: String, _ world: World) async throws(EngineError) -> Engine {
        await turn.take()
        defer { turn.give() }
        let known = opened.withLock { opened in
            opened[directory]?.readers += 1
            return opened[directory]?.engine
        }
        if let known { return known }
        var options = EngineOptions()
        options.memoryBudgetBytes = Self.memoryBudgetBytes
        options.scrubPercentPerHour = 0
        let engine = try await Engine.open(directory, options, access: .readOnly, in: world)
        opened.withLock { $0[directory] = Opened(engine: engine, readers: 1) }
        return engine
    }

    private func close(_ directory: String) async throws(EngineError) {
        await turn.take()
        defer { turn.give() }
        let last = opened.withLock { opened -> Engine? in
            opened[directory]?.readers -= 1
            guard let known = opened[directory], known.readers == 0 else { return nil }
            opened[directory] = nil
            return known.engine
        }
        try await last?.close()
    }
}
