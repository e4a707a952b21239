/// Measures executions inside of a program: how many are durable a second, and how soon their first task is handed over.
///
/// `execution-bench DIR [seconds] [at a time] [a second]`. The directory must not be there; a file system with a disk behind it
/// says what a machine can do. Synced puts of 100 bytes, executions of three Pass states, and executions that begin with a
/// task take turns; each figure is the median of three.
///
/// Callers that wait for their answers keep the processors full, and then how long each takes says how many there are: the
/// ratio of two latencies is at least that of the rates, turned round. With `a second` that many puts, and then that many
/// starts, begin in each second at even distances, whatever is under way (an open loop).

import OrderedCollections
import ShaleFunctions
import ShaleItems
import ShaleJSON
import ShalePlatform
import ShaleStateMachines
import ShaleTables
import ShaleTimers
import Synchronization

@main
enum ExecutionBench {
    private static let rounds = 3
    private static let usage = "execution-bench DIR [seconds] [at a time] [a second]"

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else { return print(usage) }
        let seconds = arguments.count > 2 ? Int(arguments[2]) ?? 5 : 5
        let width = arguments.count > 3 ? Int(arguments[3]) ?? 64 : 64
        let world = World.posix()
        let database = try await Database.open(arguments[1], in: world)
        let first = FirstTasks()
        let bench = try await Bench(database, world, first)
        var puts: [Figures] = []
        var starts: [Figures] = []
        var tasks: [Figures] = []
        let length = Duration.seconds(seconds)
        for round in 0..<rounds {
            puts.append(try await measure(length, width) { try await bench.put($0, round) })
            starts.append(try await measure(length, width) { _ in try await bench.startPasses() })
            first.clear()
            let figures = try await measure(length, width) { _ in try await bench.startTask() }
            tasks.append(Figures(perSecond: figures.perSecond, latencies: first.all))
        }
        tell(puts, starts, tasks)
        if let rate = arguments.count > 4 ? Int(arguments[4]) : nil {
            try await tellPaced(bench, first, rate, length)
        }
        await bench.stop()
        try await database.close()
        world.scheduler.shutDown()
    }

    /// What came of one round.
    struct Figures {
        var perSecond: Double
        /// Sorted.
        var latencies: [Duration]

        var p99: Duration { latencies.isEmpty ? .zero : latencies[latencies.count * 99 / 100] }
    }

    private static func measure(
        _ length: Duration,
        _ width: Int,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Figures {
        let clock = ContinuousClock()
        let start = clock.now
        let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for lane in 0..<width {
                group.addTask {
                    var mine: [Duration] = []
                    var number = lane
                    while clock.now - start < length {
                        mine.append(try await clock.measure { try await body(number) })
                        number += width
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = (clock.now - start) / .seconds(1)
        return Figures(perSecond: Double(latencies.count) / elapsed, latencies: latencies.sorted())
    }

    private static func tell(_ puts: [Figures], _ starts: [Figures], _ tasks: [Figures]) {
        func median(_ all: [Figures]) -> Figures {
            all.sorted { $0.perSecond < $1.perSecond }[all.count / 2]
        }
        func line(_ name: String, _ figures: Figures) {
            let milliseconds = figures.p99 / .milliseconds(1)
            print("\(name): \(Int(figures.perSecond)) a second, p99 \(milliseconds) ms")
        }
        let (put, start, task) = (median(puts), median(starts), median(tasks))
        line("synced puts", put)
        line("executions of three Pass states", start)
        line("executions with a task, from the call to the task", task)
        print("executions by puts: \(start.perSecond / put.perSecond) (goal 0.25)")
        print("p99 of start to first task by that of puts: \(task.p99 / put.p99) (goal 3)")
    }
}

extension ExecutionBench {
    /// Latencies from when an operation should begin, of so many a second.
    private static func pace(
        _ rate: Int,
        _ length: Duration,
        _ body: @escaping @Sendable (Int, Int64) async throws -> Void
    ) async throws -> [Duration] {
        let clock = ContinuousClock()
        let epoch = FirstTasks.epoch
        let start = clock.now
        let count = Int(length / .seconds(1)) * rate
        return try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in 0..<count {
                let due = start + .seconds(1) * number / rate
                if due > clock.now { try await clock.sleep(until: due, tolerance: .zero) }
                group.addTask {
                    try await body(number, Int64((due - epoch) / .nanoseconds(1)))
                    return clock.now - due
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
    }

    private static func tellPaced(
        _ bench: Bench,
        _ first: FirstTasks,
        _ rate: Int,
        _ length: Duration
    ) async throws {
        var puts: [Duration] = []
        var tasks: [Duration] = []
        for round in 0..<rounds {
            let figures = try await pace(rate, length) { number, _ in
                try await bench.put(number, rounds + round)
            }
            puts.append(figures[figures.count * 99 / 100])
            first.clear()
            _ = try await pace(rate, length) { _, due in try await bench.startTask(at: due) }
            let all = first.all
            tasks.append(all[all.count * 99 / 100])
        }
        let (put, task) = (puts.sorted()[rounds / 2], tasks.sorted()[rounds / 2])
        let (putTime, taskTime) = (put / .milliseconds(1), task / .milliseconds(1))
        print("\(rate) a second: p99 of a put \(putTime) ms, of a start to its task \(taskTime) ms")
        print("p99 of start to first task by that of puts at that rate: \(task / put) (goal 3)")
    }
}

/// Three things to measure.
private struct Bench: Sendable {
    private static let passes = """
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"},
         "C": {"Type": "Pass", "End": true}}}
        """
    private static let task = """
        {"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
         "Resource": "arn:aws:lambda:here:1:function:first"}}}
        """
    private static let input = #"{"x":""# + String(repeating: "x", count: 90) + #""}"#
    private static let value = String(repeating: "v", count: 100)

    private let table: Table
    private let timers: Timers
    private let machines: StateMachines
    private let executions: Executions
    private let prefix: String

    init(_ database: Database, _ world: World, _ first: FirstTasks) async throws {
        table = try await database.createTable(
            "puts",
            partitionKey: KeySchema.Attribute("pk", .string)
        )
        timers = try await Timers(database, world) { print($0) }
        machines = try await StateMachines(
            database,
            timers: timers,
            world: world,
            region: "here",
            account: "1",
            tableActions: []
        )
        executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: first,
            world: world,
            region: "here",
            account: "1"
        ) { print($0) }
        try await executions.resume()
        prefix = machines.resourceName("")
        for (name, definition) in [("passes", Self.passes), ("task", Self.task)] {
            let settings = MachineSettings(
                definition: definition,
                roleARN: "arn:aws:iam::000000000000:role/r"
            )
            try await machines.create(
                StateMachines.New(name: name, kind: .standard, settings: settings)
            )
        }
    }

    /// Puts an item that is not there yet.
    func put(_ number: Int, _ round: Int) async throws {
        try await table.put(["pk": .string("\(round)-\(number)"), "v": .string(Self.value)])
    }

    func startPasses() async throws {
        _ = try await executions.start(prefix + "passes", input: Self.input)
    }

    func startTask() async throws { try await startTask(at: FirstTasks.now) }

    /// Starts one whose first task tells how long after `nanoseconds` it came.
    func startTask(at nanoseconds: Int64) async throws {
        _ = try await executions.start(prefix + "task", input: #"{"at":\#(nanoseconds)}"#)
    }

    func stop() async {
        await executions.stop()
        await timers.stop()
    }
}

/// Answers tasks at once, and notes how long after the start of their execution they came.
private final class FirstTasks: TaskCaller {
    static let epoch = ContinuousClock.now
    private let times = Mutex<[Duration]>([])

    /// Nanoseconds since the epoch.
    static var now: Int64 { Int64((ContinuousClock.now - epoch) / .nanoseconds(1)) }

    /// All, in order.
    var all: [Duration] { times.withLock { $0.sorted() } }

    func clear() { times.withLock { $0.removeAll() } }

    func call(_ task: OpenTask) async -> TaskOutcome {
        if case .object(let input) = task.arguments, case .integer(let start) = input["at"] {
            let elapsed = Duration.nanoseconds(Self.now - start)
            times.withLock { $0.append(elapsed) }
        }
        return .succeeded(.object([:]))
    }

    func bucket(_: String) -> (any Bucket)? { nil }
}
