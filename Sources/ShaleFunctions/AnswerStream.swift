internal import Synchronization

/// An answer while a function makes it: pieces in, and out again in their order.
///
/// One writer, which never waits: it is told when it should pause, and called when it may go on. So a slow reader slows the
/// function, and no more is held than `FunctionLimits.heldStreamBytes` and one piece. One reader, which waits. Of an answer that
/// nobody reads any more nothing is held, and the function goes on.
package final class AnswerStream: Sendable {
    /// What the reader gets.
    package enum Part: Sendable {
        case bytes([UInt8])
        /// How the invocation ended; nothing follows.
        case end(Functions.Answer)
    }

    /// What the writer is told.
    package enum Verdict: Sendable, Equatable {
        case goOn
        /// Until it is called.
        case pause
        /// More than an answer may be.
        case tooLarge
    }

    private struct State {
        var pieces: [[UInt8]] = []
        var heldBytes = 0
        var takenBytes = 0
        var end: Functions.Answer?
        var isAbandoned = false
        var reader: CheckedContinuation<Part, Never>?
        var whenRoom: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Nothing has been answered.
    package init() {}

    /// How many bytes the function has answered.
    package var takenBytes: Int { state.withLock { $0.takenBytes } }

    /// Takes a piece.
    ///
    /// - Parameters:
    ///   - bytes: What the function has answered since.
    ///   - whenRoom: Called once after `.pause`, on any thread.
    /// - Returns: Whether to go on.
    package func write(_ bytes: [UInt8], whenRoom: @escaping @Sendable () -> Void) -> Verdict {
        if bytes.isEmpty { return .goOn }
        let (verdict, reader) = state.withLock { state in
            let isTooLarge = bytes.count > FunctionLimits.streamedBytes - state.takenBytes
            guard !isTooLarge else { return (Verdict.tooLarge, Reader?.none) }
            state.takenBytes += bytes.count
            guard !state.isAbandoned, state.end == nil else { return (.goOn, nil) }
            if let reader = state.reader.take() { return (.goOn, reader) }
            state.pieces.append(bytes)
            state.heldBytes += bytes.count
            guard state.heldBytes >= FunctionLimits.heldStreamBytes else { return (.goOn, nil) }
            state.whenRoom = whenRoom
            return (.pause, nil)
        }
        reader?.resume(returning: .bytes(bytes))
        return verdict
    }

    private typealias Reader = CheckedContinuation<Part, Never>

    /// Nothing is answered any more.
    package func finish(_ answer: Functions.Answer) {
        let reader = state.withLock { state in
            state.end = answer
            state.whenRoom = nil
            return state.reader.take()
        }
        reader?.resume(returning: .end(answer))
    }

    /// What comes next, when it is there.
    package func next() async -> Part {
        let (part, whenRoom) = state.withLock { Self.take(&$0) }
        whenRoom?()
        if let part { return part }
        return await withCheckedContinuation { reader in
            // It may have come since.
            let (part, whenRoom) = state.withLock { state in
                let taken = Self.take(&state)
                if taken.part == nil { state.reader = reader }
                return taken
            }
            whenRoom?()
            if let part { reader.resume(returning: part) }
        }
    }

    private static func take(
        _ state: inout State
    ) -> (part: Part?, whenRoom: (@Sendable () -> Void)?) {
        guard !state.pieces.isEmpty else { return (state.end.map { .end($0) }, nil) }
        let piece = state.pieces.removeFirst()
        state.heldBytes -= piece.count
        let hasRoom = state.heldBytes < FunctionLimits.heldStreamBytes
        return (.bytes(piece), hasRoom ? state.whenRoom.take() : nil)
    }

    /// Nobody reads any more.
    package func abandon() {
        let whenRoom = state.withLock { state in
            state.isAbandoned = true
            state.pieces = []
            state.heldBytes = 0
            return state.whenRoom.take()
        }
        whenRoom?()
    }
}
