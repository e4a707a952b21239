internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// How the life of a database that is to be damaged ended.
public enum Ending: String, Sendable, CaseIterable {
    /// Cleanly.
    case closed
    /// The power failed while a group of writes was under way.
    case crashed
    /// As `crashed`, before anything was ever flushed.
    case young
}

/// Writes a database with files of every kind in a simulated world, and remembers what it holds.
struct ImageBuilder {
    private let simulation: SimulatedWorld
    private var options = EngineOptions()
    private var generator: SimulatedGenerator
    private var tables: [EngineTable] = []
    private var batches: [Batch] = []
    private var probes: Set<DatabaseImage.Probe> = []
    private let batchCount: Int
    private let valueLimit: Int
    private static let groupSize = 8
    /// More than lie in the pages that the largest damage takes.
    private static let keptStates = 64

    /// One write and its place in the order of all.
    private struct Batch: Sendable {
        var position: LogPosition
        var changes: [DatabaseImage.Probe: [UInt8]?]
    }

    /// - Parameters:
    ///   - seed: decides all of it.
    ///   - batchCount: batches of each of five rounds.
    ///   - valueLimit: bytes of the largest value.
    init(seed: UInt64, batchCount: Int, valueLimit: Int) {
        simulation = SimulatedWorld(seed: seed)
        generator = SimulatedGenerator(seed: seed, stream: 41)
        self.batchCount = batchCount
        self.valueLimit = valueLimit
        options.memoryBudgetBytes = 8 * 1024 * 1024
        options.logCapBytes = 128 * 1024
        options.blockSizeBytes = 4096
        options.runFileSizeBytes = 16 * 1024
        options.smallestBlobBytes = 500
        options.scrubPercentPerHour = 0
        // Of a segment's zeros every bit is flipped as well.
        options.firstSegmentBytes = 16 * 1024
        guard batchCount > 1000 else { return }
        // Each of a million flips is followed by an opening, which reads the manifest and the log.
        options.logCapBytes = 1024 * 1024
        options.firstSegmentBytes = 64 * 1024
        options.runFileSizeBytes = 512 * 1024
    }

    mutating func build(_ ending: Ending) throws -> DatabaseImage {
        let engine = try open()
        for _ in 0..<3 { tables.append(try simulation.runTask { try await engine.createTable() }) }
        try round(engine)
        if ending == .young {
            try endInAGroup(engine)
            return try image()
        }
        try firstLife(engine)
        switch ending {
        case .closed:
            try simulation.runTask { try await engine.close() }
        case .crashed, .young:
            simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
            try lastLife(open())
        }
        return try image()
    }

    /// Several runs, files that were merged and dropped, two partitions, and some log.
    private mutating func firstLife(_ engine: Engine) throws {
        try simulation.runTask { try await engine.flush() }
        try round(engine)
        try simulation.runTask { try await engine.flush() }
        let middle = tables[0].key(partition: Array("p3".utf8), sort: Array("s2".utf8))
        let (first, dropped) = (tables[0], tables.removeLast())
        try simulation.runTask {
            try await engine.split(first.id, at: middle)
            try await engine.dropTable(dropped.id)
            try await engine.compact()
        }
        for index in batches.indices {
            batches[index].changes = batches[index].changes.filter { $0.key.table < 2 }
        }
        probes = probes.filter { $0.table < 2 }
        try round(engine)
        try simulation.runTask { try await engine.flush() }
        try round(engine)
    }

    /// Recovery, some log behind the runs, and a manifest that goes on behind the last mark.
    private mutating func lastLife(_ engine: Engine) throws {
        try round(engine)
        try simulation.runTask { try await engine.flush() }
        try round(engine)
        try simulation.scheduler.run(for: .milliseconds(50))
        try simulation.runTask { try await engine.flush() }
        try endInAGroup(engine)
    }

    private func open() throws -> Engine {
        let (options, world) = (options, simulation.world)
        return try simulation.runTask {
            try await Engine.open(DatabaseImage.directory, options, in: world)
        }
    }

    /// Batches in groups that share a sync, and so a page of the log.
    private mutating func round(_ engine: Engine) throws {
        for _ in 0..<(batchCount / Self.groupSize) { try group(engine) }
    }

    private mutating func group(_ engine: Engine) throws {
        let group = (0..<Self.groupSize).map { _ in changes() }
        let tables = tables
        let results = try simulation.runTasks(group.count) { index in
            try await Self.write(group[index], tables, engine)
        }
        for (changes, result) in zip(group, results) {
            batches.append(Batch(position: try result.get(), changes: changes))
        }
    }

    /// Several writes that share the last sync, and then no power.
    private mutating func endInAGroup(_ engine: Engine) throws {
        try group(engine)
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
    }

    private static func write(
        _ changes: [DatabaseImage.Probe: [UInt8]?],
        _ tables: [EngineTable],
        _ engine: Engine
    ) async throws -> LogPosition {
        var batch = WriteBatch()
        for (probe, value) in changes.sorted(by: { order($0.key, $1.key) }) {
            let table = tables[probe.table].id
            if let value {
                batch.put(table, probe.key, value)
            } else {
                batch.delete(table, probe.key)
            }
        }
        return try await engine.write(batch)
    }

    private static func order(_ left: DatabaseImage.Probe, _ right: DatabaseImage.Probe) -> Bool {
        left.table != right.table
            ? left.table < right.table
            : left.key.bytes.lexicographicallyPrecedes(right.key.bytes)
    }

    private mutating func changes() -> [DatabaseImage.Probe: [UInt8]?] {
        var changes: [DatabaseImage.Probe: [UInt8]?] = [:]
        for _ in 0...generator.below(3) {
            let table = generator.below(tables.count)
            let sort = table == 1 ? "" : "s\(generator.below(batchCount))"
            let name = table == 1 ? "u\(generator.below(batchCount))" : "p\(generator.below(6))"
            let key = tables[table].key(partition: Array(name.utf8), sort: Array(sort.utf8))
            let probe = DatabaseImage.Probe(table: table, key: key)
            changes[probe] = generator.oneIn(6) ? .some(nil) : value()
            probes.insert(probe)
            // One that nobody writes.
            if generator.oneIn(20) {
                let absent = tables[table].key(partition: Array(name.utf8), sort: [0])
                probes.insert(DatabaseImage.Probe(table: table, key: absent))
            }
        }
        return changes
    }

    /// Half of it compresses.
    private mutating func value() -> [UInt8] {
        let limit = generator.oneIn(8) ? valueLimit : valueLimit / 8
        return (0..<generator.below(limit)).map { index in
            index % 2 == 0 ? 7 : UInt8(truncatingIfNeeded: generator.next())
        }
    }
}

extension ImageBuilder {
    /// What is on the disk now.
    private func image() throws -> DatabaseImage {
        let directory = DatabaseImage.directory
        var files: [DatabaseImage.File] = []
        var synced = LogPosition.zero
        var witnesses: [String: LogWitness] = [:]
        for name in try simulation.files.list(directory) {
            let path = "\(directory)/\(name)"
            let bytes = try simulation.disk.contents(path)
            files.append(DatabaseImage.File(name: name, bytes: bytes, provenBytes: bytes.count))
            guard name.hasSuffix(".log") else { continue }
            let witness = try FileInspector.witness(of: path, in: simulation.files)
            witnesses[name] = witness
            if let witness { synced = max(synced, witness.syncedThrough) }
        }
        for index in files.indices {
            if var witness = witnesses[files[index].name] {
                witness.syncedThrough = synced
                files[index].provenBytes = min(files[index].bytes.count, witness.fileOffset)
            } else if files[index].name == "MANIFEST" {
                let proven = witnesses.values.max { $0.base < $1.base }?.manifestSizeBytes
                files[index].provenBytes = proven ?? 0
            }
        }
        let (states, proven) = states(provenThrough: synced)
        return DatabaseImage(
            files: files,
            tables: tables,
            states: states,
            provenState: proven,
            probes: probes.sorted(by: Self.order),
            options: options
        )
    }

    /// The content after each of the last batches, and which is the first that nothing proves to be not the
    /// last.
    private func states(provenThrough synced: LogPosition) -> (states: [TableState], proven: Int) {
        let batches = batches.sorted { $0.position < $1.position }
        var content: [DatabaseImage.Probe: [UInt8]] = [:]
        var states: [TableState] = []
        for (index, batch) in batches.enumerated() {
            for (probe, value) in batch.changes { content[probe] = value }
            if index + Self.keptStates >= batches.count { states.append(state(content)) }
        }
        let unproven = batches.count { $0.position >= synced }
        return (states, max(0, states.count - 1 - unproven))
    }

    private func state(_ content: [DatabaseImage.Probe: [UInt8]]) -> TableState {
        var state = TableState(tables: tables.map { _ in [] })
        for (probe, value) in content.sorted(by: { Self.order($0.key, $1.key) }) {
            state.tables[probe.table].append(.init(key: probe.key.bytes, value: value))
        }
        return state
    }
}

extension DatabaseImage {
    /// A database of about 128 KiB (segments of the log, which are mostly zeros, not counted).
    public static func small(_ ending: Ending, seed: UInt64 = 1) throws -> DatabaseImage {
        var builder = ImageBuilder(seed: seed, batchCount: 16, valueLimit: 3_000)
        return try builder.build(ending)
    }

    /// A tiny one, for tests of seconds.
    public static func tiny(_ ending: Ending, seed: UInt64 = 1) throws -> DatabaseImage {
        var builder = ImageBuilder(seed: seed, batchCount: 8, valueLimit: 900)
        return try builder.build(ending)
    }

    /// One of about 16 MiB.
    public static func large(_ ending: Ending, seed: UInt64 = 1) throws -> DatabaseImage {
        var builder = ImageBuilder(seed: seed, batchCount: 3_200, valueLimit: 12_000)
        return try builder.build(ending)
    }
}
