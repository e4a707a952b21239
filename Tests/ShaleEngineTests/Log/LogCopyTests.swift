import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// The log of a checkpoint: what its runs do not have, as one segment.
struct LogCopyTests {
    private static func open(
        _ simulation: SimulatedWorld,
        _ path: String = "db",
        segmentBytes: Int = 16 * 1024
    ) throws -> Engine {
        let world = simulation.world
        var options = EngineOptions()
        options.firstSegmentBytes = segmentBytes
        let chosen = options
        return try simulation.runTask { try await Engine.open(path, chosen, in: world) }
    }

    /// Writes numbers to keys of their own, each of `valueSize` bytes.
    private static func write(
        _ numbers: Range<Int>,
        _ engine: Engine,
        _ table: EngineTable,
        valueSize: Int
    ) async throws {
        for number in numbers {
            var batch = WriteBatch()
            let key = table.key(partition: [UInt8(number & 255), UInt8(number >> 8)])
            batch.put(
                table.id,
                key,
                [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: valueSize)
            )
            try await engine.write(batch, number % 3 == 0 ? .synced : .buffered)
        }
    }

    private static func logBytes(_ path: String, _ world: World) throws -> Int {
        try world.files.list(path).filter { $0.hasSuffix(".log") }
            .reduce(0) { try $0 + world.files.open(path + "/" + $1, .read).sizeBytes() }
    }

    /// How many writes are flushed, how many are not, and how large they are.
    struct Load: Sendable, CustomTestStringConvertible {
        var flushed: Int
        var unflushed: Int
        var valueSize: Int
        var testDescription: String {
            "\(flushed) flushed, \(unflushed) not, of \(valueSize) bytes"
        }
    }

    private static let loads: [Load] = [0, 150].flatMap { flushed in
        [0, 1, 150].flatMap { unflushed in
            [0, 700, 5_000].map {
                Load(flushed: flushed, unflushed: unflushed, valueSize: $0)
            }
        }
    }

    @Test(arguments: loads)
    func `a checkpoint has all that was written, and no more of the log than it needs`(
        load: Load
    ) throws {
        let simulation = SimulatedWorld(seed: 11)
        let engine = try Self.open(simulation)
        try simulation.runTask {
            let table = try await engine.createTable()
            try await Self.write(0..<load.flushed, engine, table, valueSize: load.valueSize)
            try await engine.flushWritten()
            let all = load.flushed + load.unflushed
            try await Self.write(load.flushed..<all, engine, table, valueSize: load.valueSize)
            try await engine.checkpoint(to: "copy")
        }
        let table = try #require(engine.tables.first)
        // What is synced ends its page.
        let entry = load.valueSize + 2_048
        #expect(
            try Self.logBytes("copy", simulation.world) <= 5 * 4_096 + load.unflushed * entry
        )
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        #expect(try Verification.run("copy", in: simulation.world).isWhole)
        let copy = try Self.open(simulation, "copy")
        let again = try Self.open(simulation)
        #expect(try copy.contents(of: table) == again.contents(of: table))
        #expect(try copy.contents(of: table).count == load.flushed + load.unflushed)
        try simulation.runTask {
            try await Self.write(500..<510, copy, table, valueSize: load.valueSize)
            try await copy.checkpoint(to: "second")
            try await copy.close()
            try await again.close()
        }
        let second = try Self.open(simulation, "second")
        #expect(try second.contents(of: table).count == load.flushed + load.unflushed + 10)
        try simulation.runTask { try await second.close() }
    }

    @Test(arguments: LogMoveTests.faults)
    func `a checkpoint goes over segments that the log has left`(fault: DiskFault) throws {
        let simulation = SimulatedWorld(seed: 12)
        let engine = try Self.open(simulation)
        try simulation.runTask {
            let table = try await engine.createTable()
            try await Self.write(0..<40, engine, table, valueSize: 100)
            simulation.disk.inject(fault)
            try await Self.write(40..<80, engine, table, valueSize: 100)
            try await engine.checkpoint(to: "copy")
        }
        let table = try #require(engine.tables.first)
        let copy = try Self.open(simulation, "copy")
        #expect(try copy.contents(of: table) == engine.contents(of: table))
        #expect(try copy.contents(of: table).count == 80)
        try simulation.runTask {
            try await copy.close()
            try await engine.close()
        }
        #expect(try Verification.run("copy", in: simulation.world).isWhole)
    }

    @Test func `a copy may begin at any record, and is a whole segment then`() throws {
        let simulation = SimulatedWorld(seed: 14)
        let engine = try Self.open(simulation, segmentBytes: 64 * 1024)
        let world = simulation.world
        let ends = try simulation.runTask {
            let table = try await engine.createTable()
            var ends: [LogPosition] = []
            // Records of one size begin at all distances from a page's beginning, also at those too small for a mark.
            for number in 0..<560 {
                var batch = WriteBatch()
                let key = table.key(partition: [UInt8(number & 255), UInt8(number >> 8)])
                batch.put(table.id, key, [1])
                ends.append(try await engine.write(batch, .buffered))
            }
            try await engine.checkpoint(to: "copy")
            return ends
        }
        let segments = try #require(engine.segments)
        let through = try engine.lane().synced
        for (index, start) in ends.enumerated() where start.rawValue % 4_096 < 96 {
            try world.files.createDirectory("copy-\(index)")
            let copy = LogCopy(
                directory: "db",
                files: world.files,
                live: segments.hold().live,
                from: start,
                through: through
            )
            let record = try copy.write(
                to: "copy-\(index)",
                FileIdentity(drawnFrom: world.randomness)
            )
            let name = "copy-\(index)/" + record.file.fileName("log")
            let file = try world.files.open(name, .read)
            let page = try file.read(at: 0, count: SegmentFormat.headerSize)
            let body = try file.read(at: SegmentFormat.headerSize, count: record.capacityBytes)
            let header = try #require(SegmentHeader(page: page))
            #expect(header.number == record.number && header.base <= start)
            #expect(header.base.rawValue + 2 * 4_096 > start.rawValue)
            var positions: [LogPosition] = []
            for piece in SegmentScan(header, body: body).pieces {
                switch piece {
                case .record(let record): positions.append(record.position)
                case .broken(_, let reason): Issue.record("from \(start): \(reason)")
                case .tail: break
                }
            }
            #expect(positions.contains(start))
            #expect(Set(positions).isSuperset(of: ends[index..<(ends.count - 1)]))
        }
        try simulation.runTask { try await engine.close() }
    }

    @Test func `damage of the living log is told and not copied`() throws {
        let simulation = SimulatedWorld(seed: 13)
        let engine = try Self.open(simulation)
        let world = simulation.world
        try simulation.runTask {
            let table = try await engine.createTable()
            try await Self.write(0..<30, engine, table, valueSize: 100)
        }
        try simulation.disk.damage("db/000001.log", at: 4_096 + 60, flipping: 1)
        let error = #expect(throws: EngineError.self) {
            try simulation.runTask { _ = try await engine.checkpoint(to: "copy") }
        }
        #expect(error?.code == .corrupted && error?.file == "000001.log")
        #expect(try world.files.kind(of: "copy") == nil)
        try simulation.runTask { try await engine.close() }
    }
}
