import ArgumentParser
import Foundation
import ShaleEngine
import ShalePlatform
import ShaleTables

/// `shale bench`: named workloads against the engine inside of this process, or against a server.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load the embedded engine or a server with named workloads and measure it.",
        discussion: """
            WORKLOADS
            \(Workload.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            Several run one after another on the same entries; the default is
            fillrandom,readrandom. Where the first one needs entries, they are
            written before it, unmeasured. Latencies are per call, as a caller
            sees them. Half of each value is drawn, half repeats.

            WORKLOADS OF THE ITEM LAYER
            \(ItemWorkload.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            They run in turns, with one caller, on items of ten attributes and
            --value-size bytes.

            WORKLOADS WITH --http
            \(HTTPWorkload.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            The table "bench" is made and filled with --keys items first, on the
            server at the address. --threads are event loops of this client; each
            connection sends a request, waits for its response, and sends the next,
            until --operations or --seconds are used up.
            """
    )

    @Option(help: "Workloads, with commas between.", transform: Self.names)
    var workload: [String] = []

    @Option(help: "How many keys there are.")
    var keys = 100_000

    @Option(help: "Calls of a workload over all callers; default is the number of keys.")
    var operations: Int?

    @Option(help: "Concurrent callers.")
    var threads = 4

    @Option(help: "Size of a value in bytes.")
    var valueSize = 100

    @Option(help: "Keys that share a partition key.")
    var keysPerPartition = 100

    @Option(help: "How keys are drawn: uniform, or zipf with exponent 0.99.")
    var distribution = Distribution.uniform

    @Option(
        help: "What a write survives: synced (loss of power) or buffered (death of the process)."
    )
    var durability = DurabilityChoice.synced

    @Option(help: "Where draws begin: the same seed draws the same keys.")
    var seed: UInt64 = 1

    @Option(
        help: "A new directory, kept afterwards; default is a temporary one.",
        completion: .directory
    )
    var data: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup(title: "Options for a server")
    var server: HTTPOptions

    func validate() throws {
        let bounds = [
            ("--keys", keys, 1...1_000_000_000), ("--threads", threads, 1...1_024),
            ("--operations", operations ?? 1, 1...1_000_000_000),
            ("--value-size", valueSize, 0...Limits.valueSizeBytes),
            ("--keys-per-partition", keysPerPartition, 1...1_000_000),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw ValidationError("\(name) is from \(range.lowerBound) to \(range.upperBound).")
        }
        if server.http == nil {
            if try Self.itemWorkloads(workload) == nil { _ = try Self.workloads(workload) }
        } else {
            _ = try Self.httpWorkloads(workload)
        }
    }

    func run() async throws {
        if let url = server.http { return try await runOverHTTP(url) }
        let directory = try newDirectory()
        defer {
            // A temporary directory that cannot be removed is the system's to clear away.
            if data == nil { try? FileManager.default.removeItem(atPath: directory) }
        }
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        if let workloads = try Self.itemWorkloads(workload) {
            return try await measureItems(workloads, directory, world)
        }
        do {
            let engine = try await Engine.open(directory, in: world)
            do {
                try await measure(engine, world)
            } catch {
                // The first failure is the one to tell.
                try? await engine.close()
                throw error
            }
            try await engine.close()
        } catch let error as EngineError {
            throw Complaint(error, .couldNotStart)
        }
    }

    private func plan(threads: Int) -> BenchPlan {
        BenchPlan(
            keys: keys,
            operations: operations ?? keys,
            threads: threads,
            valueSizeBytes: valueSize,
            keysPerPartition: keysPerPartition,
            distribution: distribution,
            seed: seed
        )
    }

    private func measureItems(
        _ workloads: [ItemWorkload],
        _ directory: String,
        _ world: World
    ) async throws {
        // Two databases of the same entries, side by side.
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let database = try await Database.open(directory + "/tables", in: world)
        let engine = try await Engine.open(directory + "/engine", in: world)
        let bench = ItemBench(plan: plan(threads: 1), workloads: workloads, time: world.time)
        for result in try await bench.run(engine, database) {
            print(json ? try JSONOutput.line(result) : result.text)
        }
        try await engine.close()
        try await database.close()
    }

    private func measure(_ engine: Engine, _ world: World) async throws {
        let plan = plan(threads: threads)
        let table = try await engine.createTable()
        let target = BenchTarget(
            engine: engine,
            table: table,
            plan: plan,
            durability: durability.durability
        )
        let choice = KeyChoice(distribution, count: keys)
        let workloads = try Self.workloads(workload)
        if let first = workloads.first, first.needsEntries {
            let fast = BenchTarget(engine: engine, table: table, plan: plan, durability: .buffered)
            let filling = BenchRun(
                target: fast,
                workload: .fillseq,
                time: world.time,
                choice: choice
            )
            _ = try await filling.run()
        }
        for workload in workloads {
            let run = BenchRun(target: target, workload: workload, time: world.time, choice: choice)
            let result = try await run.run()
            print(json ? try JSONOutput.line(result) : result.text)
        }
    }

    private func newDirectory() throws(Complaint) -> String {
        guard let data else {
            let name = "shale-bench-\(ProcessInfo.processInfo.processIdentifier)"
            return FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        }
        // What cannot be listed does not exist, or the engine will say what it is.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: data)) ?? []
        guard names.isEmpty else {
            throw Complaint(
                .couldNotStart,
                "\(data) is not empty; a bench writes into a directory of its own"
            )
        }
        return data
    }

    private func runOverHTTP(_ url: String) async throws {
        let plan = HTTPPlan(
            items: keys,
            itemsPerPartition: keysPerPartition,
            operations: operations ?? 1_000_000_000,
            threads: threads,
            itemSizeBytes: valueSize,
            seed: seed
        )
        let bench = HTTPBench(
            options: server,
            plan: plan,
            workloads: try Self.httpWorkloads(workload),
            json: json
        )
        try await bench.run(url)
    }

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",").map(String.init)
    }

    private static func workloads(_ names: [String]) throws -> [Workload] {
        try names.isEmpty ? [.fillrandom, .readrandom] : named(names)
    }

    /// Nil where the names are none of the item layer; mixed with others they cannot be.
    private static func itemWorkloads(_ names: [String]) throws -> [ItemWorkload]? {
        guard names.contains(where: { ItemWorkload(rawValue: $0) != nil }) else { return nil }
        return try named(names)
    }

    private static func httpWorkloads(_ names: [String]) throws -> [HTTPWorkload] {
        try names.isEmpty ? [.getitem, .putitem] : named(names)
    }

    private static func named<Choice: RawRepresentable<String> & CaseIterable>(
        _ names: [String]
    ) throws -> [Choice] {
        try names.map { name in
            guard let workload = Choice(rawValue: name) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("no workload \(name); there are \(known)")
            }
            return workload
        }
    }
}
