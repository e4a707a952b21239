import Testing

@testable import ShaleTables

/// What comes next of a batch, by what was answered.
@Suite struct BatchProgressTests {
    private typealias Step = BatchProgress.Step

    private static func batch(_ count: Int, _ rules: BatchProgress.Rules) -> BatchProgress {
        BatchProgress(Array(repeating: 0, count: count), rules)
    }

    @Test func `what is done does not come again`() {
        var batch = Self.batch(3, .init())
        #expect(batch.next(now: 0) == .invoke(0..<3))
        batch.ended(.done)
        #expect(batch.next(now: 0) == .end)
        #expect(batch.done == 3)
    }

    @Test func `an empty batch is at its end`() {
        var batch = Self.batch(0, .init())
        #expect(batch.next(now: 0) == .end)
    }

    @Test func `what fails comes again after a wait that doubles, up to a bound`() {
        var batch = Self.batch(2, .init())
        var waits: [Int64] = []
        for _ in 0..<12 {
            #expect(batch.next(now: 0) == .invoke(0..<2))
            batch.ended(.failed)
            guard case .wait(let milliseconds) = batch.next(now: 0) else {
                Issue.record("no wait")
                return
            }
            waits.append(milliseconds)
        }
        #expect(waits.prefix(4) == [100, 200, 400, 800])
        #expect(waits.last == 30_000)
        #expect(batch.done == 0)
    }

    @Test func `what has failed as often as it may is given up`() {
        var batch = Self.batch(2, .init(retries: 1))
        batch.ended(.failed)
        #expect(batch.next(now: 0) == .wait(100))
        #expect(batch.next(now: 0) == .invoke(0..<2))
        batch.ended(.failed)
        #expect(batch.next(now: 0) == .giveUp(0..<2, .retriesExhausted))
        batch.gaveUp(0..<2)
        #expect(batch.next(now: 0) == .end)
        #expect(batch.done == 2)
    }

    @Test func `halves are found that hold what fails, and only that is given up`() {
        var batch = Self.batch(8, .init(retries: 0, splits: true))
        var invoked: [Range<Int>] = []
        var given: [Range<Int>] = []
        loop: while true {
            switch batch.next(now: 0) {
            case .invoke(let range):
                invoked.append(range)
                batch.ended(range.contains(5) ? .failed : .done)
            case .giveUp(let range, _):
                given.append(range)
                batch.gaveUp(range)
            case .wait: continue
            case .end: break loop
            }
        }
        #expect(given == [5..<6])
        #expect(invoked == [0..<8, 0..<4, 4..<8, 4..<6, 4..<5, 5..<6, 6..<8])
        #expect(batch.done == 8)
    }

    @Test func `what stands before the first failure that a function tells is done`() {
        var batch = Self.batch(6, .init(retries: 3))
        batch.ended(.failedAt(4))
        #expect(batch.done == 4)
        #expect(batch.next(now: 0) == .wait(100))
        #expect(batch.next(now: 0) == .invoke(4..<6))
        // No progress counts as a failure of all.
        batch.ended(.failedAt(4))
        #expect(batch.attempts == 1)
        #expect(batch.done == 4)
    }

    @Test func `what is too old is given up once it has failed, and what is young comes again`() {
        var batch = BatchProgress([0, 10, 990], .init(ageMilliseconds: 100))
        #expect(batch.next(now: 1_000) == .invoke(0..<3))
        batch.ended(.failed)
        #expect(batch.next(now: 1_000) == .giveUp(0..<2, .tooOld))
        batch.gaveUp(0..<2)
        #expect(batch.done == 2)
        #expect(batch.next(now: 1_000) == .wait(100))
        #expect(batch.next(now: 1_000) == .invoke(2..<3))
    }

    @Test func `not having run is no failure`() {
        var batch = Self.batch(1, .init(retries: 0))
        batch.ended(.throttled)
        #expect(batch.next(now: 0) == .wait(100))
        #expect(batch.next(now: 0) == .invoke(0..<1))
        #expect(batch.attempts == 0)
    }
}
