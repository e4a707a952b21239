internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire
internal import Synchronization

/// A function's answer as messages of an event stream: `PayloadChunk` for each piece, `InvokeComplete` at the end.
final class AnswerMessages: BodyStream {
    /// Bytes of a piece in one message: what is sent must move within the time that a connection may stall.
    private static let pieceBytes = 64 * 1024

    private let stream: AnswerStream
    private let tellsLog: Bool

    private struct State {
        /// What of a piece has not been sent.
        var rest: ArraySlice<UInt8> = []
        var hasEnded = false
    }

    private let state = Mutex(State())

    init(_ stream: AnswerStream, tellsLog: Bool) {
        self.stream = stream
        self.tellsLog = tellsLog
    }

    /// The next message.
    func next() async -> [UInt8]? {
        if let piece = state.withLock({ Self.piece(&$0) }) { return Self.chunk(piece) }
        if state.withLock({ $0.hasEnded }) { return nil }
        switch await stream.next() {
        case .bytes(let bytes):
            let piece = state.withLock { state in
                state.rest = bytes[...]
                return Self.piece(&state) ?? []
            }
            return Self.chunk(piece)
        case .end(let answer):
            state.withLock { $0.hasEnded = true }
            return complete(answer)
        }
    }

    func abandon() { stream.abandon() }

    private static func piece(_ state: inout State) -> [UInt8]? {
        guard !state.rest.isEmpty else { return nil }
        let piece = state.rest.prefix(pieceBytes)
        state.rest = state.rest.dropFirst(pieceBytes)
        return Array(piece)
    }

    private static func chunk(_ piece: [UInt8]) -> [UInt8] {
        EventStreamMessage.event("PayloadChunk", contentType: "application/octet-stream", piece)
    }

    private func complete(_ answer: Functions.Answer) -> [UInt8] {
        var members: Item = [:]
        if let error = answer.outcome.functionError {
            members["ErrorCode"] = .string(answer.outcome.errorType ?? error)
            members["ErrorDetails"] = .string(
                String(decoding: answer.outcome.payload, as: UTF8.self)
            )
        }
        if tellsLog { members["LogResult"] = .string(Base64.encode(answer.logTail)) }
        var writer = JSONWriter()
        writer.document(.map(members))
        return EventStreamMessage.event(
            "InvokeComplete",
            contentType: "application/json",
            writer.bytes
        )
    }
}
