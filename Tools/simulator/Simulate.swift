internal import ArgumentParser
internal import Foundation
internal import Simulator

/// Runs databases in simulated worlds, cuts their power again and again, and checks what is left.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Cut the power of simulated databases, and check that nothing is lost.",
        discussion: """
            Each seed decides a whole history: options, clients, background work, where the power is cut,
            and what the disk forgets. The same seed does the same again. Where something is wrong: exit code 1,
            the seed, and the smallest history of it that still fails.
            """
    )

    /// Of what a history consists.
    enum Level: String, ExpressibleByArgument, CaseIterable {
        /// Batches of keys and values, on the engine.
        case engine
        /// Items, indexes, conditions and queries, on tables.
        case tables
        /// Each seed on these two.
        case both
        /// A follower that counts what is written to a table.
        case followers
        /// Timers that are set, cancelled and told.
        case timers
        /// Executions of random state machines.
        case executions
        /// Schedules that are made, deleted and due.
        case schedules
        /// Mappings that hand changes of a table to a function.
        case mappings
        /// Each seed on these five.
        case serverless
    }

    @Option(
        help: """
            What histories are made of: engine, tables or both; followers, timers, executions, schedules, \
            mappings, or these five: serverless.
            """
    )
    var level = Level.both

    @Option(
        help: """
            How many seeds, one after the other: 200, or as many as there is time for with --minutes.
            """
    )
    var seeds: Int?

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "One seed alone; with --events its trace.")
    var seed: UInt64?

    @Option(help: "Stop after this many minutes.")
    var minutes: Double?

    @Option(help: "Crashes of each seed.")
    var cuts = 20

    @Flag(help: "Run each seed twice and compare the traces.")
    var twice = false

    @Flag(help: "With --seed: print the last events before the end.")
    var events = false

    @Option(
        help:
            "Leave out of what the seed decides, with commas: acts, calls, client-1, faults, shared."
    )
    var without: String = ""

    @Option(help: "What each client does in one life, at most.")
    var calls: Int?

    @Flag(inversion: .prefixedNo, help: "Make a history that fails smaller.")
    var minimise = true

    @Option(
        help:
            "With --seed and --level engine: copy the files that each crash leaves into a directory of this one."
    )
    var dump: String?

    func run() throws {
        let start = ContinuousClock.now
        var counts = RunCounts()
        var done = 0
        let all = seed.map { $0...$0 } ?? from...last
        var shown = start
        for seed in all {
            if let minutes, ContinuousClock.now - start > .seconds(minutes * 60) { break }
            for level in level.single { counts.add(try run(level, seed)) }
            done += 1
            if ContinuousClock.now - shown > Self.pause {
                shown = .now
                report(done, counts, ContinuousClock.now - start, isLast: false)
            }
        }
        report(done, counts, ContinuousClock.now - start, isLast: true)
    }

    private static let isTerminal = isatty(STDERR_FILENO) == 1

    /// How long nothing is shown: in a log, where each line stays, longer.
    private static var pause: Duration { isTerminal ? .seconds(1) : .seconds(60) }

    /// The last seed.
    private var last: UInt64 {
        guard let count = seeds ?? (minutes == nil ? 200 : nil) else { return .max }
        let (sum, isTooLarge) = from.addingReportingOverflow(UInt64(max(1, count)) - 1)
        return isTooLarge ? .max : sum
    }

    private var omissions: Omissions {
        Omissions(
            names: Set(without.split(separator: ",").map(String.init)),
            callLimit: calls
        )
    }

    private func run(_ level: Level, _ seed: UInt64) throws -> RunCounts {
        switch level {
        case .engine: try run(SeedRun.self, level, seed)
        case .tables: try run(TableRun.self, level, seed)
        case .followers: try run(FollowerRun.self, level, seed)
        case .timers: try run(TimerRun.self, level, seed)
        case .executions: try run(ExecutionRun.self, level, seed)
        case .schedules: try run(ScheduleRun.self, level, seed)
        case .mappings: try run(MappingRun.self, level, seed)
        case .both, .serverless: preconditionFailure("a seed is run on one level at a time")
        }
    }

    private func run<Run: HistoryRun>(
        _: Run.Type,
        _ level: Level,
        _ seed: UInt64
    ) throws -> RunCounts {
        var run = Run(seed: seed, without: omissions, keepsEvents: events)
        if let dump, var engine = run as? SeedRun {
            engine.onCrash = { Self.copy($1, to: "\(dump)/crash-\($0)") }
            if let prepared = engine as? Run { run = prepared }
        }
        do {
            try run.run(cuts: cuts)
        } catch {
            if events { for event in run.events.suffix(400) { print(event) } }
            print("\nseed \(seed): \(error)")
            let left = without.isEmpty ? "" : " --without \(without)"
            let limit = calls.map { " --calls \($0)" } ?? ""
            print(
                "after \(run.counts.cuts) crashes; again with: Tools/simulate --level \(level)"
                    + " --seed \(seed) --cuts \(cuts)\(left)\(limit) --events"
            )
            if minimise, omissions == Omissions() { showSmallest(Run.self, level, seed) }
            throw ExitCode(1)
        }
        if twice {
            var again = Run(seed: seed, without: omissions, keepsEvents: false)
            try again.run(cuts: cuts)
            guard again.traceHash == run.traceHash else {
                print("\nseed \(seed), level \(level): two runs are not the same")
                throw ExitCode(1)
            }
        }
        return run.counts
    }

    private func showSmallest<Run: HistoryRun>(_: Run.Type, _ level: Level, _ seed: UInt64) {
        guard var minimiser = Minimiser<Run>(seed: seed, cuts: cuts) else {
            return print("it does not fail again: the seed does not decide everything")
        }
        let smallest = minimiser.run()
        print("\nsmallest of \(smallest.tries) tries: \(smallest.problem)")
        for event in smallest.events.suffix(40) { print("    \(event)") }
        let without = smallest.omissions.names.sorted().joined(separator: ",")
        let calls = smallest.omissions.callLimit.map { " --calls \($0)" } ?? ""
        print(
            "again with: Tools/simulate --level \(level) --seed \(seed) --cuts \(smallest.cuts)"
                + (without.isEmpty ? "" : " --without \(without)") + calls + " --events"
        )
    }

    private static func copy(_ run: SeedRun, to directory: String) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
            for file in run.files {
                try Data(file.bytes).write(to: URL(fileURLWithPath: "\(directory)/\(file.name)"))
            }
        } catch {
            FileHandle.standardError.write(Data("\(directory): \(error)\n".utf8))
        }
    }

    private func report(
        _ seeds: Int,
        _ counts: RunCounts,
        _ elapsed: Duration,
        isLast: Bool
    ) {
        let seconds =
            Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        func rate(_ count: Int) -> Int { Int(Double(count) / max(seconds, 0.001)) }
        let line =
            "\(seeds) seeds, \(counts.cuts) crashes (\(rate(counts.cuts))/s), "
            + "\(counts.recoveries) recoveries (\(rate(counts.recoveries))/s), "
            + "\(counts.batches) calls (\(rate(counts.batches))/s), "
            + "\(counts.diskOperations) disk operations (\(rate(counts.diskOperations))/s), "
            + "\(counts.logMoves) moves of the log, "
            + "\(counts.logFailures) failures, \(counts.fullDisks) full disks, "
            + "\(counts.resumptions) resumed, \(counts.pastReads) goings back, "
            + "\(counts.copies) copies compared, \(counts.detectedLies) lies detected, "
            + "\(counts.harmlessLies) harmless, \(Int(seconds)) s"
        let start = Self.isTerminal ? "\r" : "\(level): "
        let end = Self.isTerminal && !isLast ? "" : "\n"
        FileHandle.standardError.write(Data((start + line + end).utf8))
    }
}

extension Simulate.Level {
    /// On which each seed is run.
    fileprivate var single: [Self] {
        switch self {
        case .both: [.engine, .tables]
        case .serverless: [.followers, .timers, .executions, .schedules, .mappings]
        default: [self]
        }
    }
}
