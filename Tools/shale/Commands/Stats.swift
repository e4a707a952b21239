import ArgumentParser
import Foundation
import ShaleEngine
import ShalePlatform
import ShaleTables
import ShaleWire

/// `shale stats`: sizes, runs, amplification of a closed database.
struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show sizes, runs and amplification.",
        discussion: """
            Amplification of space is what all runs take against what the bottom runs
            take; of reads, the most runs that one key may have to be looked up in.
            Nothing is changed. The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        var tables: [StatsOutcome.Table] = []
        var hotKeys: [HotKey] = []
        var caches: [StatsOutcome.Cache] = []
        var streamBytes = 0
        try await Opening.withDatabase(directory, access: .readOnly) { database, _ in
            for name in try Opening.tableNames(of: database) {
                tables.append(StatsOutcome.Table(try Opening.table(name, of: database)))
            }
            hotKeys = database.hotKeysOfLastLife
            streamBytes = database.streamSpaceStatistics.takenBytes
            let last = database.cachesOfLastLife
            caches = [("items", last.items), ("pages", last.pages)].compactMap {
                StatsOutcome.Cache($0.0, $0.1)
            }
        }
        let (statistics, durations, reserve) = try await statistics()
        var outcome = StatsOutcome(tables, hotKeys, statistics, durations, reserve)
        outcome.caches = caches
        outcome.streamSizeBytes = streamBytes
        print(json ? try JSONOutput.line(outcome) : outcome.text)
    }

    private func statistics() async throws -> (EngineStatistics, EngineDurations?, Int?) {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        do throws(EngineError) {
            let engine = try await Engine.open(directory, access: .readOnly, in: world)
            let found = (
                engine.statistics, engine.durationsOfLastLife, engine.reserveOnDiskBytes
            )
            try await engine.close()
            return found
        } catch {
            throw Complaint(error, .couldNotStart)
        }
    }
}

/// What `stats` shows, for people and for programs.
struct StatsOutcome: Encodable {
    /// A cache, until the database was last closed.
    struct Cache: Encodable {
        let name: String
        let hitRatio: Double
        let numbers: [String: Int]
        let hitNanoseconds: Int?
        let missNanoseconds: Int?

        /// Nil where nothing was asked for.
        init?(_ name: String, _ statistics: CacheStatistics) {
            guard let ratio = statistics.hitRatio else { return nil }
            self.name = name
            hitRatio = ratio
            numbers = statistics.numbers
            hitNanoseconds = statistics.hitNanoseconds
            missNanoseconds = statistics.missNanoseconds
        }

        var text: String {
            let ratio = String(format: "%.1f %%", 100 * hitRatio)
            let held = ByteSize(bytes: numbers["bytes"] ?? 0)
            var text =
                "cache of \(name): \(ratio) of \((numbers["hits"] ?? 0) + (numbers["misses"] ?? 0)) reads, "
                + "\(numbers["evictions"] ?? 0) evictions, \(held) in \(numbers["entryCount"] ?? 0) entries"
            if let hit = hitNanoseconds { text += ", a hit \(hit) ns" }
            if let miss = missNanoseconds { text += ", a miss \(miss) ns" }
            return text
        }
    }

    /// One table.
    struct Table: Encodable {
        let name: String
        let items: Int
        let sizeBytes: Int
        let indexes: Int

        init(_ table: TableDescription) {
            name = table.tableName
            items = table.itemCount
            sizeBytes = table.sizeBytes
            indexes = table.globalSecondaryIndexes.count + table.localSecondaryIndexes.count
        }
    }

    /// How long one kind of work took, in microseconds.
    struct Duration: Encodable {
        let name: String
        let count: Int
        let p50Microseconds: Double
        let p99Microseconds: Double
        let p999Microseconds: Double
        let longestMicroseconds: Double

        init(_ name: String, _ histogram: DurationHistogram) {
            self.name = name
            count = histogram.count
            p50Microseconds = Double(histogram.nanoseconds(quantile: 0.5)) / 1_000
            p99Microseconds = Double(histogram.nanoseconds(quantile: 0.99)) / 1_000
            p999Microseconds = Double(histogram.nanoseconds(quantile: 0.999)) / 1_000
            longestMicroseconds = Double(histogram.longestNanoseconds) / 1_000
        }

        var text: String {
            let times = [p50Microseconds, p99Microseconds, p999Microseconds, longestMicroseconds]
                .map { Terminal.rounded($0 / 1_000, 3) }
            let padded = name + String(repeating: " ", count: max(1, 19 - name.count))
            return
                "\(padded)\(Terminal.grouped(count)), ms: half within \(times[0]), 99 % \(times[1]), "
                + "99.9 % \(times[2]), longest \(times[3])"
        }
    }

    /// A partition key that many requests asked for.
    struct Key: Encodable {
        let table: String
        /// As in `shale dump`: `{"S":"Nina"}`.
        let partitionKey: String
        let share: Double

        init(_ key: HotKey) {
            table = key.tableName
            var writer = JSONWriter()
            writer.attributeValue(key.partitionKey)
            partitionKey = String(decoding: writer.bytes, as: UTF8.self)
            share = key.share
        }

        var text: String {
            "hot key            \(partitionKey) of \(table): \(Terminal.rounded(100 * share, 1)) % of its requests"
        }
    }

    let tables: [Table]
    /// Of the last life that ended with a close: those of at least a hundredth of a table's latest requests.
    let hotKeys: [Key]
    /// What the caches did in the last life; none where nothing was read.
    var caches: [Cache] = []
    /// What the records of streams take.
    var streamSizeBytes = 0
    /// Of the last life that ended with a close.
    let durations: [Duration]
    let partitions: Int
    let runs: Int
    let mostRunsOfAPartition: Int
    let runFiles: Int
    let runFileSizeBytes: Int
    let blobFiles: Int
    let blobFileSizeBytes: Int
    let blobLiveBytes: Int
    let entries: Int
    let tombstones: Int
    let memtableSizeBytes: Int
    let logSizeBytes: Int
    let spareLogSizeBytes: Int
    let logPosition: UInt64
    /// Kept for a full disk.
    let reserveSizeBytes: Int
    let spaceAmplification: Double
    let scrubbedBytes: Int
    let scrubPasses: Int
    let damagedPlaces: Int

    init(
        _ tables: [Table],
        _ hotKeys: [HotKey],
        _ statistics: EngineStatistics,
        _ lastLife: EngineDurations?,
        _ reserve: Int?
    ) {
        self.tables = tables
        self.hotKeys = hotKeys.map { Key($0) }
        durations = (lastLife?.named ?? []).map { Duration($0.name, $0.histogram) }
        let all = statistics.partitions
        partitions = all.count
        runs = all.reduce(0) { $0 + $1.runSizesBytes.count }
        mostRunsOfAPartition = all.map(\.runSizesBytes.count).max() ?? 0
        runFiles = statistics.runFileCount
        runFileSizeBytes = statistics.runFileSizeBytes
        blobFiles = statistics.blobFileCount
        blobFileSizeBytes = statistics.blobFileSizeBytes
        blobLiveBytes = statistics.blobLiveBytes
        entries = all.reduce(0) { $0 + $1.entryCount }
        tombstones = all.reduce(0) { $0 + $1.tombstoneCount }
        memtableSizeBytes = statistics.memtableSizeBytes
        logSizeBytes = statistics.logSizeBytes
        spareLogSizeBytes = statistics.spareLogSizeBytes
        logPosition = statistics.logPosition
        reserveSizeBytes = reserve ?? 0
        scrubbedBytes = statistics.scrub.checkedBytes
        scrubPasses = statistics.scrub.passCount
        damagedPlaces = statistics.scrub.damageCount
        let bottom = all.reduce(blobLiveBytes) { $0 + ($1.runSizesBytes.last ?? 0) }
        let every = all.reduce(blobFileSizeBytes) { $0 + $1.runSizesBytes.reduce(0, +) }
        spaceAmplification = bottom > 0 ? Double(every) / Double(bottom) : 1
    }

    var text: String {
        var lines = tables.map { table in
            "table \(table.name): \(Terminal.grouped(table.items)) items, "
                + "\(Terminal.size(table.sizeBytes)), \(table.indexes) indexes"
        }
        let log = "\(Terminal.size(logSizeBytes)) in use, \(Terminal.size(spareLogSizeBytes)) spare"
        let blobs =
            "\(Terminal.grouped(blobFiles)), \(Terminal.size(blobFileSizeBytes)), "
            + "\(Terminal.size(blobLiveBytes)) needed"
        let scrubbed = "\(Terminal.size(scrubbedBytes)), \(Terminal.grouped(scrubPasses)) times all"
        lines += [
            "partitions         \(Terminal.grouped(partitions))",
            "sorted runs        \(Terminal.grouped(runs)), at most \(mostRunsOfAPartition) of a partition",
            "run files          \(Terminal.grouped(runFiles)), \(Terminal.size(runFileSizeBytes))",
            "blob segments      \(blobs)",
            "streams            \(Terminal.size(streamSizeBytes))",
            "entries            \(Terminal.grouped(entries)), tombstones \(Terminal.grouped(tombstones))",
            "only in the log    \(Terminal.size(memtableSizeBytes)) when in memory",
            "log                \(log), position \(Terminal.grouped(Int(logPosition)))",
            "reserve            \(Terminal.size(reserveSizeBytes)) for a full disk",
            "amplification      of space \(Terminal.rounded(spaceAmplification, 2)), "
                + "of reads \(mostRunsOfAPartition)",
            "scrubbed           \(scrubbed), damage in \(Terminal.grouped(damagedPlaces)) places",
        ]
        // Of the last life; what did not happen is left out.
        lines += durations.filter { $0.count > 0 }.map(\.text)
        lines += hotKeys.map(\.text)
        lines += caches.map(\.text)
        return lines.joined(separator: "\n")
    }
}
