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

    @Test func `what is kept ready is the version's own, and beside the share of all`() throws {
        var pool = FunctionPool()
        pool.provide(["f/1/r": 2], for: "f")
        for _ in 2..<FunctionLimits.concurrency { try pool.enter("other", key: "other/1/r") }
        #expect(throws: FunctionError.self) { try pool.enter("other", key: "other/1/r") }
        let answer1 = try pool.enter("f", key: "f/1/r")
        #expect(answer1)
        let answer2 = try pool.enter("f", key: "f/1/r")
        #expect(answer2)
        #expect(throws: FunctionError.self) { try pool.enter("f", key: "f/1/r") }
        pool.leave("f", key: "f/1/r", isProvisioned: true)
        let answer3 = try pool.enter("f", key: "f/1/r")
        #expect(answer3)
        pool.provide([:], for: "f")
        #expect(pool.provisions.isEmpty)
    }

    @Test func `as many are started as are missing, and those stay when others grow old`() {
        var pool = FunctionPool()
        pool.provide(["f/1/r": 2], for: "f")
        let answer4 = pool.beginStart("f/1/r", now: 1)
        #expect(answer4)
        let answer5 = pool.beginStart("f/1/r", now: 1)
        #expect(answer5)
        let answer6 = pool.beginStart("f/1/r", now: 1)
        #expect(!answer6)
        #expect(pool.provisions["f/1/r"]?.status(pool.present("f/1/r")) == .inProgress)
        for name in ["a", "b"] {
            let unwanted = pool.endStart(.success(Waiting(name)), "f/1/r", now: 1)
            #expect(unwanted.unwanted == nil)
        }
        #expect(pool.provisions["f/1/r"]?.status(pool.present("f/1/r")) == .ready)
        let third = pool.endStart(.success(Waiting("c")), "f/1/r", now: 1)
        #expect(third.unwanted?.stream == "c")
        pool.give(Waiting("d"), "f/1/r", now: 2)
        let old = pool.removeOld(before: 5).map(\.stream)
        #expect(old == ["a"])
        let answer7 = pool.beginStart("f/1/r", now: 1)
        #expect(!answer7)
        pool.provide(["f/1/r": 3], for: "f")
        let answer8 = pool.beginStart("f/1/r", now: 1)
        #expect(answer8)
    }

    @Test func `what cannot be started has failed, and is tried again after longer and longer`() {
        var pool = FunctionPool()
        let (key, second) = ("f/1/r", UInt64(1_000_000_000))
        let error = FunctionError(.service, "no")
        pool.provide([key: 2], for: "f")
        var now: UInt64 = 5
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] as [UInt64] {
            let begins = pool.beginStart(key, now: now)
            #expect(begins)
            #expect(pool.provisions[key]?.status(0) == .inProgress)
            let ended = pool.endStart(.failure(error), key, now: now)
            #expect(ended.retry == .seconds(Int64(wait)))
            #expect(pool.provisions[key]?.status(0) == .failed)
            #expect(pool.provisions[key]?.failure == "no")
            let isEarly = pool.beginStart(key, now: now + wait * second - 1)
            #expect(!isEarly)
            now += wait * second
        }
        // One alone is tried, and the other follows when that has been started.
        let first = pool.beginStart(key, now: now)
        let other = pool.beginStart(key, now: now)
        #expect(first && !other)
        let ended = pool.endStart(.success(Waiting("a")), key, now: now)
        #expect(ended.hasRecovered)
        let next = pool.beginStart(key, now: now)
        #expect(next)
        // A failure behind that begins from the beginning.
        let again = pool.endStart(.failure(error), key, now: now)
        #expect(again.retry == .seconds(1))
    }

    @Test func `starts that fail together are one failure`() {
        var pool = FunctionPool()
        let error = FunctionError(.service, "no")
        pool.provide(["f/1/r": 3], for: "f")
        for _ in 0..<3 {
            let begins = pool.beginStart("f/1/r", now: 1)
            #expect(begins)
        }
        let waits = (1...3).map { pool.endStart(.failure(error), "f/1/r", now: $0).retry }
        #expect(waits == [.seconds(1), nil, nil])
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
