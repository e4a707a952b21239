import CAllocationCount
import Foundation
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Memory is taken when something grows, never for an operation.
struct AllocationTests {
    /// How often `body` asks for memory, on this thread; nil where that cannot be counted.
    private static func allocations(_ body: () throws -> Void) rethrows -> Int? {
        let before = shale_allocations_of_this_thread()
        try body()
        return before < 0 ? nil : shale_allocations_of_this_thread() - before
    }

    @Test func `memory that is taken is counted`() {
        var kept: [[UInt8]] = []
        kept.reserveCapacity(10)
        let count = Self.allocations {
            for number in 1...10 { kept.append([UInt8](repeating: 1, count: number)) }
        }
        #expect(count == nil || count == 10)
    }

    @Test func `a buffered put takes no memory`() throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "shale-allocations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let world = World.posix()
        defer {
            world.scheduler.shutDown()
            try? FileManager.default.removeItem(at: directory)
        }
        let engine = try Engine.openBlocking(directory.path + "/db", in: world)
        let table = try engine.createTableBlocking()
        let key = table.key(partition: Array("partition".utf8), sort: [1])
        let value = [UInt8](repeating: 3, count: 400)
        var batch = WriteBatch()
        func put() throws {
            batch.removeAll()
            batch.put(table.id, key, value)
            try engine.writeBlocking(batch, .buffered)
        }
        for _ in 0..<200 { try put() }
        let count = try Self.allocations { for _ in 0..<200 { try put() } }
        // The idle mark is scheduled anew every 10 ms, by a writer.
        #expect(count == nil || (count ?? 0) < 20)
        try engine.closeBlocking()
    }
}
