import Foundation
import ShaleBytes
import ShalePlatform
import Synchronization
import Testing

@testable import ShaleEngine

/// Writes on real files, where segments are mapped and `.buffered` records are copied by their writers.
struct DirectWriteTests {
    /// Runs `body` with an empty directory, which is removed afterwards.
    private func withDirectory(_ body: (String, World) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "shale-direct-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let world = World.posix()
        defer {
            world.scheduler.shutDown()
            try? FileManager.default.removeItem(at: directory)
        }
        try body(directory.path + "/db", world)
    }

    private static func key(_ table: EngineTable, _ writer: Int, _ round: Int) -> EntryKey {
        table.key(partition: Array("w\(writer)".utf8), sort: Array("\(round)".utf8))
    }

    /// Threads that write; each put carries its round, and every `syncEvery`th is `.synced`.
    private func write(
        _ engine: Engine,
        _ table: EngineTable,
        writers: Int,
        rounds: Int,
        syncEvery: Int
    ) -> Int {
        let failures = Atomic<Int>(0)
        let group = DispatchGroup()
        for writer in 0..<writers {
            group.enter()
            let thread = Thread {
                defer { group.leave() }
                for round in 0..<rounds {
                    var batch = WriteBatch()
                    let value = [UInt8]("\(round)".utf8) + [UInt8](repeating: 7, count: round % 700)
                    batch.put(table.id, Self.key(table, writer, round), value)
                    batch.put(table.id, Self.key(table, writer, -1), Array("\(round)".utf8))
                    let durability =
                        round % syncEvery == syncEvery - 1 ? Durability.synced : .buffered
                    do {
                        let end = try engine.writeBlocking(batch, durability)
                        if engine.visible < end { failures.add(1, ordering: .relaxed) }
                        if durability == .synced, (try engine.lane().synced) < end {
                            failures.add(1, ordering: .relaxed)
                        }
                    } catch {
                        failures.add(1, ordering: .relaxed)
                    }
                }
            }
            thread.start()
        }
        group.wait()
        return failures.load(ordering: .relaxed)
    }

    private func missing(
        _ engine: Engine,
        _ table: EngineTable,
        writers: Int,
        rounds: Int
    ) throws
        -> Int
    {
        try engine.readBlocking { view throws(EngineError) in
            var missing = 0
            for writer in 0..<writers {
                for round in 0..<rounds {
                    let value = try view.get(table.id, Self.key(table, writer, round))
                    let expected = [UInt8]("\(round)".utf8)
                    if value?.starts(with: expected) != true { missing += 1 }
                    if value?.count != expected.count + round % 700 { missing += 1 }
                }
                let last = try view.get(table.id, Self.key(table, writer, -1))
                if last != Array("\(rounds - 1)".utf8) { missing += 1 }
            }
            return missing
        }
    }

    @Test(arguments: [1_000_000, 50, 3])
    func `threads write side by side, and all is there after the process has died`(
        syncEvery: Int
    ) throws {
        try withDirectory { directory, world in
            let rounds = syncEvery < 1_000 ? 600 : 3_000
            let engine = try Engine.openBlocking(directory, in: world)
            let table = try engine.createTableBlocking()
            #expect(
                write(engine, table, writers: 4, rounds: rounds, syncEvery: syncEvery) == 0
            )
            #expect(try missing(engine, table, writers: 4, rounds: rounds) == 0)
            engine.abandon()
            let again = try Engine.openBlocking(directory, in: world)
            #expect(try missing(again, table, writers: 4, rounds: rounds) == 0)
            try again.closeBlocking()
        }
    }

    @Test func `writes beside flushes are in memory, in runs, or in both`() throws {
        try withDirectory { directory, world in
            let engine = try Engine.openBlocking(directory, in: world)
            let table = try engine.createTableBlocking()
            let isDone = Atomic<Bool>(false)
            let flusher = DispatchGroup()
            flusher.enter()
            Thread {
                while !isDone.load(ordering: .relaxed) { try? engine.flushBlocking() }
                flusher.leave()
            }.start()
            #expect(write(engine, table, writers: 2, rounds: 2_000, syncEvery: 1_000_000) == 0)
            isDone.store(true, ordering: .relaxed)
            flusher.wait()
            #expect(try missing(engine, table, writers: 2, rounds: 2_000) == 0)
            try engine.closeBlocking()
        }
    }

    @Test func `what is synced early is there after the process has died`()
        throws
    {
        try withDirectory { directory, world in
            let engine = try Engine.openBlocking(directory, in: world)
            let table = try engine.createTableBlocking()
            let lane = try engine.lane()
            let value = [UInt8](repeating: 5, count: 100_000)
            var begun = 0
            for round in 0..<250 {
                var batch = WriteBatch()
                batch.put(table.id, Self.key(table, 1, round), Array("\(round)".utf8) + value)
                try engine.writeBlocking(batch, .buffered)
                begun = max(begun, lane.state.withLock { $0.beganSyncOffset })
            }
            #expect(begun > 0)
            engine.abandon()
            let again = try Engine.openBlocking(directory, in: world)
            let missing = try again.readBlocking { view throws(EngineError) in
                var missing = 0
                for round in 0..<250 {
                    let found = try view.get(table.id, Self.key(table, 1, round))
                    if found != Array("\(round)".utf8) + value { missing += 1 }
                }
                return missing
            }
            #expect(missing == 0)
            try again.closeBlocking()
        }
    }

    @Test func `a record that was not copied ends the log, and what was synced before it stays`()
        throws
    {
        try withDirectory { directory, world in
            let engine = try Engine.openBlocking(directory, in: world)
            let table = try engine.createTableBlocking()
            var positions: [LogPosition] = []
            for round in 0..<20 {
                var batch = WriteBatch()
                batch.put(table.id, Self.key(table, 0, round), [UInt8](repeating: 1, count: 100))
                let end = try engine.writeBlocking(batch, round == 9 ? .synced : .buffered)
                positions.append(end)
            }
            let lane = try engine.lane()
            let (segment, base) = lane.state.withLock { ($0.segment, $0.base) }
            // The record of round 15 is what a writer that died before its copy would have left.
            let start = Int(positions[14].rawValue - base.rawValue)
            let end = Int(positions[15].rawValue - base.rawValue)
            let zeros = [UInt8](repeating: 0, count: end - start)
            engine.abandon()
            try segment.file.write(zeros, at: SegmentFormat.headerSize + start)
            let again = try Engine.openBlocking(directory, in: world)
            let found = try again.readBlocking { view throws(EngineError) in
                var found: [Int] = []
                for round in 0..<20 where try view.get(table.id, Self.key(table, 0, round)) != nil {
                    found.append(round)
                }
                return found
            }
            #expect(found == Array(0..<15))
            try again.closeBlocking()
        }
    }
}
