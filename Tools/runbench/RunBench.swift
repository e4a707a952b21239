/// Measures what turning writes into sorted runs costs: flush, and merging runs.
///
/// Rates are bytes of keys and values for each second of processor time of the whole process, and for
/// each second of wall time. `run-bench DIR [entries per flush] [flushes] [value size]
/// [memory budget, MiB]`.

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import ShaleEngine
import ShalePlatform

/// Pseudo-random numbers from a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// What one phase took.
struct Phase {
    private let wallStart: Double
    private let processorStart: Double

    init() {
        wallStart = Self.seconds(CLOCK_MONOTONIC)
        processorStart = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        // Safety: the answer is a whole `timespec` that outlives the call.
        _ = unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func tell(_ name: String, bytes: Int) {
        let wall = Self.seconds(CLOCK_MONOTONIC) - wallStart
        let processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processorStart
        let perCore = Int(Double(bytes) / processor / 1e6)
        let perSecond = Int(Double(bytes) / wall / 1e6)
        print("\(name): \(perCore) MB/s of processor time, \(perSecond) MB/s of wall time")
    }
}

@main
enum RunBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        func number(_ index: Int, _ usual: Int) -> Int {
            arguments.count > index ? Int(arguments[index]) ?? usual : usual
        }
        guard arguments.count > 1 else {
            print("run-bench DIR [entries per flush] [flushes] [value size] [budget MiB]")
            return
        }
        try measure(
            arguments[1],
            entryCount: number(2, 300_000),
            flushCount: number(3, 4),
            valueSize: number(4, 400),
            budgetBytes: number(5, 8 * 1024) * 1024 * 1024
        )
    }

    private static func measure(
        _ directory: String,
        entryCount: Int,
        flushCount: Int,
        valueSize: Int,
        budgetBytes: Int
    ) throws {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        var options = EngineOptions()
        options.memoryBudgetBytes = budgetBytes
        options.logCapBytes = max(options.logCapBytes, budgetBytes)
        let engine = try Engine.openBlocking(directory, options, in: world)
        let table = try engine.createTableBlocking()
        var random = SplitMix(seed: 1)
        var userBytes = 0
        for flush in 0..<flushCount {
            let filling = Phase()
            let bytes = try fill(engine, table, &random, entryCount, valueSize)
            filling.tell("write \(flush)", bytes: bytes)
            let flushing = Phase()
            try engine.flushBlocking()
            flushing.tell("flush \(flush)", bytes: bytes)
            userBytes += bytes
            let so = engine.statistics
            print(
                "so far: log \(so.writtenBytes), \(so.flushCount) flushes \(so.flushedBytes), "
                    + "\(so.compactionCount) compactions \(so.compactedBytes)"
            )
        }
        let before = engine.statistics.partitions.map(\.runSizesBytes)
        let merging = Phase()
        try engine.compactBlocking()
        merging.tell("merge", bytes: userBytes)
        let after = engine.statistics
        let size = after.partitions.reduce(0) { $0 + $1.runSizesBytes.reduce(0, +) }
        let count = after.partitions.reduce(0) { $0 + $1.entryCount }
        print("runs before: \(before)")
        print(
            "written: log \(after.writtenBytes), \(after.flushCount) flushes \(after.flushedBytes), "
                + "\(after.compactionCount) compactions \(after.compactedBytes)"
        )
        print("settled: \(count) entries in \(size) bytes, \(size / max(1, count)) bytes each")
        try check(engine, table, entryCount, flushCount, valueSize)
        try engine.closeBlocking()
    }

    /// Everything that was written is there: draws the same numbers again.
    private static func check(
        _ engine: Engine,
        _ table: EngineTable,
        _ entryCount: Int,
        _ flushCount: Int,
        _ valueSize: Int
    ) throws {
        var random = SplitMix(seed: 1)
        var missing: [Int] = []
        var isSeen = [Bool](repeating: false, count: 2 * entryCount)
        for index in 0..<(entryCount * flushCount) {
            let number = random.next() % UInt64(2 * entryCount)
            _ = value(&random, valueSize)
            let isThere = try engine.readBlocking { view throws(EngineError) in
                try view.get(table.id, key(table, number)) != nil
            }
            if !isThere { missing.append(index) }
            isSeen[Int(number)] = true
        }
        var batches: [Int: Int] = [:]
        for index in missing { batches[index / 1000, default: 0] += 1 }
        print(batches.sorted { $0.key < $1.key })
        print(
            "\(isSeen.count { $0 }) keys written; missing \(missing.count): \(missing.prefix(20))"
        )
    }

    private static func key(_ table: EngineTable, _ number: UInt64) -> EntryKey {
        let partition = Array("user\(1_000_000 + number / 1_024)".utf8)
        return table.key(partition: partition, sort: Array("\(10_000 + number % 1_024)".utf8))
    }

    /// Writes random keys in batches.
    /// - Returns: bytes of keys and values.
    private static func fill(
        _ engine: Engine,
        _ table: EngineTable,
        _ random: inout SplitMix,
        _ entryCount: Int,
        _ valueSize: Int
    ) throws -> Int {
        var bytes = 0
        var written = 0
        while written < entryCount {
            var batch = WriteBatch()
            for _ in 0..<min(1_000, entryCount - written) {
                let number = random.next() % UInt64(2 * entryCount)
                let partition = Array("user\(1_000_000 + number / 1_024)".utf8)
                let sort = Array("\(10_000 + number % 1_024)".utf8)
                batch.put(
                    table.id,
                    table.key(partition: partition, sort: sort),
                    value(&random, valueSize)
                )
                bytes += partition.count + sort.count + valueSize
            }
            written += batch.count
            try engine.writeBlocking(batch, .buffered)
        }
        return bytes
    }

    /// Bytes of which half are random and half are repeated.
    private static func value(_ random: inout SplitMix, _ size: Int) -> [UInt8] {
        var value = [UInt8](repeating: 0x61, count: size)
        for index in 0..<(size / 2) { value[index] = UInt8(truncatingIfNeeded: random.next()) }
        return value
    }
}
