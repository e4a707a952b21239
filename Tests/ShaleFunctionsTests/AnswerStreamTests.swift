import Synchronization
import Testing

@testable import ShaleFunctions

@Suite struct AnswerStreamTests {
    private static let half = [UInt8](repeating: 7, count: FunctionLimits.heldStreamBytes / 2)

    private static func answer() -> Functions.Answer {
        Functions.Answer(
            outcome: InvocationOutcome(payload: []),
            version: "$LATEST",
            logTail: []
        )
    }

    @Test func `pieces come out in their order, and then the end`() async {
        let stream = AnswerStream()
        #expect(stream.write([1]) {} == .goOn)
        #expect(stream.write([2, 3]) {} == .goOn)
        stream.finish(Self.answer())
        var pieces: [[UInt8]] = []
        while case .bytes(let bytes) = await stream.next() { pieces.append(bytes) }
        #expect(pieces == [[1], [2, 3]])
        #expect(stream.takenBytes == 3)
    }

    @Test func `a reader that waits gets the next piece`() async {
        let stream = AnswerStream()
        async let part = stream.next()
        await Task.yield()
        _ = stream.write([9]) {}
        guard case .bytes(let bytes) = await part else {
            Issue.record("the end came first")
            return
        }
        #expect(bytes == [9])
    }

    @Test func `the writer pauses at the limit, and is called once when there is room`() async {
        let stream = AnswerStream()
        let calls = Atomic(0)
        #expect(stream.write(Self.half) {} == .goOn)
        let verdict = stream.write(Self.half) { calls.add(1, ordering: .relaxed) }
        #expect(verdict == .pause)
        #expect(calls.load(ordering: .relaxed) == 0)
        for _ in 0..<2 { _ = await stream.next() }
        #expect(calls.load(ordering: .relaxed) == 1)
    }

    @Test func `what nobody reads is not held, and the writer goes on`() {
        let stream = AnswerStream()
        let calls = Atomic(0)
        for _ in 0..<2 { _ = stream.write(Self.half) { calls.add(1, ordering: .relaxed) } }
        stream.abandon()
        #expect(calls.load(ordering: .relaxed) == 1)
        for _ in 0..<10 { #expect(stream.write(Self.half) {} == .goOn) }
    }

    @Test func `more than an answer may be is said, and not taken`() {
        let stream = AnswerStream()
        stream.abandon()
        let piece = [UInt8](repeating: 0, count: FunctionLimits.streamedBytes / 4)
        for _ in 0..<4 { #expect(stream.write(piece) {} == .goOn) }
        #expect(stream.write([1]) {} == .tooLarge)
        #expect(stream.takenBytes == FunctionLimits.streamedBytes)
    }
}
