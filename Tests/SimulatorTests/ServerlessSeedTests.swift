import Simulator
import Testing

/// Whole histories of what stands on tables, whose power is cut again and again.
struct ServerlessSeedTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a follower's counts are exact after each crash`(seed: UInt64) throws {
        var run = FollowerRun(seed: seed)
        try run.run(cuts: 5)
        #expect(run.counts.cuts >= 5)
        #expect(run.counts.batches > 0)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `whatever the power cuts, each timer is told at least once`(seed: UInt64) throws {
        var run = TimerRun(seed: seed)
        try run.run(cuts: 5)
        #expect(run.counts.cuts >= 5)
        #expect(run.counts.batches > 0)
    }

    @Test(
        arguments: [
            (354, "nobody told the execution that waited that the nested one had ended"),
            (3_240, "an execution that was taken up behind a crash was not in the list of work"),
        ] as [(UInt64, String)]
    )
    func `what executions have found once is not found again`(
        seed: UInt64,
        what: String
    ) throws {
        var run = ExecutionRun(seed: seed)
        try run.run(cuts: 6)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `each execution ends as its uninterrupted twin`(seed: UInt64) throws {
        var run = ExecutionRun(seed: seed)
        try run.run(cuts: 6)
        #expect(run.counts.cuts >= 6)
        #expect(run.counts.batches > 0)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `each time of a schedule starts its target once`(seed: UInt64) throws {
        var run = ScheduleRun(seed: seed)
        try run.run(cuts: 6)
        #expect(run.counts.cuts >= 6)
        #expect(run.counts.batches > 0)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `each change reaches its function, those of one item in their order`(
        seed: UInt64
    ) throws {
        var run = MappingRun(seed: seed)
        try run.run(cuts: 6)
        #expect(run.counts.cuts >= 6)
        #expect(run.counts.batches > 0)
    }

    private static func hash<Run: HistoryRun>(_: Run.Type, _ seed: UInt64) throws -> UInt64 {
        var run = Run(seed: seed, without: Omissions(), keepsEvents: false)
        try run.run(cuts: 3)
        return run.traceHash
    }

    @Test(arguments: [2, 5] as [UInt64])
    func `a seed gives one history`(seed: UInt64) throws {
        #expect(try Self.hash(FollowerRun.self, seed) == Self.hash(FollowerRun.self, seed))
        #expect(try Self.hash(TimerRun.self, seed) == Self.hash(TimerRun.self, seed))
        #expect(try Self.hash(ExecutionRun.self, seed) == Self.hash(ExecutionRun.self, seed))
        #expect(try Self.hash(ScheduleRun.self, seed) == Self.hash(ScheduleRun.self, seed))
        #expect(try Self.hash(MappingRun.self, seed) == Self.hash(MappingRun.self, seed))
    }
}
