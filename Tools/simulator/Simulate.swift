internal import ArgumentParser
internal import Foundation
internal import Simulator

/// Runs the engine in simulated worlds, cuts their power again and again, and checks what is left.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Cut the power of simulated databases, and check that nothing is lost.",
        discussion: """
            Each seed decides a whole history: options, writers, background work, where the power is cut,
            and what the disk forgets. The same seed does the same again. Exit code 1 and the seed where
            something is wrong.
            """
    )

    @Option(help: "How many seeds, one after the other.")
    var seeds = 200

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
        help: "With --seed: copy the files that each crash leaves into a directory of this one."
    )
    var dump: String?

    func run() throws {
        let start = ContinuousClock.now
        var counts = SeedRun.Counts()
        var done = 0
        let all = seed.map { $0...$0 } ?? from...(from + UInt64(max(1, seeds)) - 1)
        var shown = start
        for seed in all {
            if let minutes, ContinuousClock.now - start > .seconds(minutes * 60) { break }
            counts.add(try run(seed))
            done += 1
            if ContinuousClock.now - shown > .seconds(1) {
                shown = .now
                report(done, counts, ContinuousClock.now - start, isLast: false)
            }
        }
        report(done, counts, ContinuousClock.now - start, isLast: true)
    }

    private func run(_ seed: UInt64) throws -> SeedRun.Counts {
        var run = SeedRun(seed: seed, keepsEvents: events)
        if let dump { run.onCrash = { Self.copy($1, to: "\(dump)/crash-\($0)") } }
        do {
            try run.run(cuts: cuts)
        } catch {
            if events { for event in run.events.suffix(200) { print(event) } }
            print("\nseed \(seed): \(error)")
            print(
                "after \(run.counts.cuts) crashes; again with: Tools/simulate --seed \(seed) --cuts \(cuts) --events"
            )
            throw ExitCode(1)
        }
        if twice {
            var again = SeedRun(seed: seed)
            try again.run(cuts: cuts)
            guard again.traceHash == run.traceHash else {
                print("\nseed \(seed): two runs are not the same")
                throw ExitCode(1)
            }
        }
        return run.counts
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
        _ counts: SeedRun.Counts,
        _ elapsed: Duration,
        isLast: Bool
    ) {
        let seconds =
            Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        func rate(_ count: Int) -> Int { Int(Double(count) / max(seconds, 0.001)) }
        let line =
            "\(seeds) seeds, \(counts.cuts) crashes (\(rate(counts.cuts))/s), "
            + "\(counts.recoveries) recoveries, \(counts.batches) batches (\(rate(counts.batches))/s), "
            + "\(counts.diskOperations) disk operations, \(counts.logMoves) moves of the log, "
            + "\(counts.logFailures) failures, \(counts.fullDisks) full disks, "
            + "\(counts.resumptions) resumed, \(counts.detectedLies) lies detected, "
            + "\(counts.harmlessLies) harmless, \(Int(seconds)) s"
        FileHandle.standardError.write(Data((isLast ? "\r\(line)\n" : "\r\(line)").utf8))
    }
}
