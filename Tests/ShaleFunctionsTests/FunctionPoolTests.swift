import Testing

@testable import ShaleFunctions

/// Who may run, and what waits for how long.
@Suite struct FunctionPoolTests {
    private final class Waiting: FunctionEnvironment {
        let stream: String
        let isAlive: Bool

        init(_ stream: String, isAlive: Bool = true) {
            self.stream = stream
            self.isAlive = isAlive
        }

        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome {
            InvocationOutcome(payload: invocation.payload)
        }

        func stop() {}
    }

    @Test func `what a function has reserved is its own, and all it has`() throws {
        var pool = FunctionPool()
        pool.reserved["mine"] = 1
        try pool.enter("mine")
        let own = #expect(throws: FunctionError.self) { try pool.enter("mine") }
        #expect(own?.reason == "ReservedFunctionConcurrentInvocationLimitExceeded")
        for _ in 1..<FunctionLimits.concurrency { try pool.enter("other") }
        let others = #expect(throws: FunctionError.self) { try pool.enter("other") }
        #expect(others?.reason == "ConcurrentInvocationLimitExceeded")
        pool.leave("mine")
        try pool.enter("mine")
    }

    @Test func `the environment that was used last is used next, and a dead one never`() {
        var pool = FunctionPool()
        pool.give(Waiting("first"), "key", now: 1)
        pool.give(Waiting("second"), "key", now: 2)
        pool.give(Waiting("dead", isAlive: false), "key", now: 3)
        #expect(pool.take("key")?.stream == "second")
        #expect(pool.take("key")?.stream == "first")
        #expect(pool.take("key") == nil)
    }

    @Test func `those that wait too long are taken out`() {
        var pool = FunctionPool()
        pool.give(Waiting("old"), "key", now: 1)
        pool.give(Waiting("new"), "key", now: 9)
        #expect(pool.removeAll { _, since in since < 5 }.map(\.stream) == ["old"])
        #expect(pool.take("key")?.stream == "new")
    }
}
