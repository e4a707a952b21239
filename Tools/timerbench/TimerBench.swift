/// Measures how late timers are told: so many a second are set, one record of the log each, while as many are due.
///
/// `timer-bench DIR [a second] [seconds] [waiting] [lines]`. The directory must not be there; a file system with a disk behind
/// it says more than one in memory. `waiting` more timers are set first that are due in a year. `lines` prints figures for each
/// second, too: what `Tools/plots.py` draws.

import ShalePlatform
import ShaleTables
import ShaleTimers
import Synchronization

@main
enum TimerBench {
    private static let owner = "bench"
    /// How long before its time a timer is set, in milliseconds.
    private static let ahead: Int64 = 2_000
    private static let perRecord = 1_000

    /// When timers were due, and how late they were told, both in milliseconds.
    private final class Lateness: Sendable {
        let all = Mutex<[(due: Int64, late: Int64)]>([])
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("timer-bench DIR [a second] [seconds] [waiting] [lines]")
            return
        }
        func number(_ place: Int, _ usual: Int) -> Int {
            arguments.count > place ? Int(arguments[place]) ?? usual : usual
        }
        let (rate, seconds, waiting) = (number(2, 1_000), number(3, 20), number(4, 100_000))
        let world = World.posix()
        let database = try await Database.open(arguments[1], in: world)
        let timers = try await Timers(database, world) { print($0) }
        let lateness = Lateness()
        timers.register(owner) { timer in
            let late = world.time.wallMilliseconds - timer.name.due
            lateness.all.withLock { $0.append((timer.name.due, late)) }
            return .handled
        }
        try await fill(timers, waiting, world)
        let start = world.time.wallMilliseconds
        await withTaskGroup(of: Void.self) { group in
            for second in 0..<seconds {
                for place in 0..<rate {
                    let at = start + Int64(second) * 1_000 + Int64(place * 1_000 / rate)
                    await pause(until: at, world)
                    group.addTask { await set("\(second)-\(place)", at + ahead, timers) }
                }
            }
        }
        await pause(until: world.time.wallMilliseconds + ahead + 1_000, world)
        let all = lateness.all.withLock { $0 }
        if arguments.last == "lines" { tellSeconds(all, from: start + ahead) }
        tell(all.map(\.late).sorted(), of: rate * seconds, timers)
        await timers.stop()
        try await database.close()
        world.scheduler.shutDown()
    }

    private static func set(_ id: String, _ due: Int64, _ timers: Timers) async {
        do {
            let timer = Timer(Timer.Name(owner: owner, due: due, id: id))
            try await timers.write(setting: [timer])
        } catch {
            print("not set: \(error)")
        }
    }

    private static func fill(_ timers: Timers, _ count: Int, _ world: World) async throws {
        let due = world.time.wallMilliseconds + 365 * 86_400_000
        for first in stride(from: 0, to: count, by: perRecord) {
            let some = first..<min(count, first + perRecord)
            try await timers.write(
                setting: some.map {
                    Timer(Timer.Name(owner: owner, due: due + Int64($0), id: "w\($0)"))
                }
            )
        }
    }

    private static func pause(until time: Int64, _ world: World) async {
        let wait = time - world.time.wallMilliseconds
        guard wait > 0 else { return }
        await withCheckedContinuation { continuation in
            world.scheduler.schedule(.read, after: .milliseconds(wait)) { continuation.resume() }
        }
    }

    /// A line for each second in which timers were due.
    private static func tellSeconds(_ all: [(due: Int64, late: Int64)], from start: Int64) {
        print("second,p50,p99,at most,goal of p99")
        let seconds = Dictionary(grouping: all) { ($0.due - start) / 1_000 }
        for (second, told) in seconds.sorted(by: { $0.key < $1.key }) {
            let late = told.map(\.late).sorted()
            let (middle, high) = (percentile(0.5, of: late), percentile(0.99, of: late))
            print("\(second),\(middle),\(high),\(late[late.count - 1]),10")
        }
    }

    private static func percentile(_ share: Double, of sorted: [Int64]) -> Int64 {
        sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func tell(_ late: [Int64], of count: Int, _ timers: Timers) {
        guard !late.isEmpty else { return print("none was told") }
        let shares = [0.5, 0.99, 0.999].map { percentile($0, of: late) }
        print(
            "\(late.count) of \(count) told; late by p50 \(shares[0]) ms, p99 \(shares[1]) ms, "
                + "p99.9 \(shares[2]) ms, at most \(late[late.count - 1]) ms; "
                + "\(timers.countInMemory) in memory"
        )
    }
}
