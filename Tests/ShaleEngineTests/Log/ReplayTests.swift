import Foundation
import ShaleBytes
import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// The log back into memtables, by several threads and by one.
struct ReplayTests {
    /// Keys that are overwritten all the time, far apart in the log, and some values that are larger than
    /// what is read at a time.
    private static func write(_ engine: Engine, _ table: EngineTable, rounds: Int) throws {
        for round in 0..<rounds {
            var batch = WriteBatch()
            for key in 0..<50 where (round + key) % 3 != 0 {
                batch.put(table.id, Self.key(table, key), value(round, key, 300 + 7 * key))
            }
            if round % 10 == 3 {
                batch.put(table.id, Self.key(table, 50), value(round, 50, 1_048_000))
            }
            if round % 10 == 7 { batch.delete(table.id, Self.key(table, round % 50)) }
            try engine.writeBlocking(batch, .buffered)
        }
    }

    private static func key(_ table: EngineTable, _ number: Int) -> EntryKey {
        table.key(partition: [UInt8(number % 5)], sort: [UInt8(number)])
    }

    private static func value(_ round: Int, _ key: Int, _ count: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: round), UInt8(round >> 8), UInt8(key)]
            + [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: count)
    }

    private static func contents(_ engine: Engine, _ table: EngineTable) throws -> [[UInt8]?] {
        try engine.readBlocking { view throws(EngineError) in
            var values: [[UInt8]?] = []
            for key in 0...50 { values.append(try view.get(table.id, Self.key(table, key))) }
            return values
        }
    }

    @Test func `databases whose openings have all threads replay their logs themselves`()
        async throws
    {
        let root = FileManager.default.temporaryDirectory
            .appending(path: "shale-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let world = World.posix(readThreads: 2)
        defer {
            world.scheduler.shutDown()
            try? FileManager.default.removeItem(at: root)
        }
        var expected: [[[UInt8]?]] = []
        for number in 0..<2 {
            let engine = try Engine.openBlocking(root.path + "/\(number)", in: world)
            let table = try engine.createTableBlocking()
            try Self.write(engine, table, rounds: 300 + number)
            expected.append(try Self.contents(engine, table))
            engine.abandon()
        }
        async let first = Engine.open(root.path + "/0", in: world)
        async let second = Engine.open(root.path + "/1", in: world)
        for (number, engine) in [try await first, try await second].enumerated() {
            let table = try #require(engine.tables.first)
            #expect(try Self.contents(engine, table) == expected[number])
            try engine.closeBlocking()
        }
    }

    @Test func `what many threads have replayed is what was written`() throws {
        let root = FileManager.default.temporaryDirectory
            .appending(path: "shale-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let world = World.posix()
        defer {
            world.scheduler.shutDown()
            try? FileManager.default.removeItem(at: root)
        }
        var engine = try Engine.openBlocking(root.path + "/db", in: world)
        let table = try engine.createTableBlocking()
        try Self.write(engine, table, rounds: 400)
        let expected = try Self.contents(engine, table)
        for _ in 0..<5 {
            engine.abandon()
            engine = try Engine.openBlocking(root.path + "/db", in: world)
            #expect(try Self.contents(engine, table) == expected)
        }
        try engine.closeBlocking()
    }

    @Test func `a crew works on every piece once`() throws {
        let simulation = SimulatedWorld(seed: 5)
        let counts = Counts()
        let crew = ReplayCrew(simulation.world.scheduler) { counts.add($0) }
        var pieces: Set<ObjectIdentifier> = []
        for _ in 0..<40 {
            let piece = crew.emptyPiece()
            pieces.insert(ObjectIdentifier(piece))
            crew.add(piece)
        }
        crew.finish()
        #expect(counts.total == 40)
        // Who reads the log is not many pieces ahead of those who replay it.
        #expect(pieces.count < 5)
    }
}

private final class Counts: Sendable {
    private let counted = Guarded(0)
    var total: Int { counted.withLock { $0 } }
    func add(_ piece: ReplayPiece) { counted.withLock { $0 += 1 } }
}
