@testable import ShaleEngine
import Simulation
import Testing

struct DurationHistogramTests {
    @Test(arguments: [0, 1, 1_000, 5_000, 123_456, 10_000_000, 3_000_000_000, 1 << 46] as [UInt64])
    func `one duration is told to within a quarter`(nanoseconds: UInt64) {
        var histogram = DurationHistogram()
        histogram.record(nanoseconds: nanoseconds)
        for _ in 0..<9 { histogram.record(nanoseconds: 1 << 47) }
        let told = histogram.nanoseconds(quantile: 0.1)
        #expect(told >= nanoseconds)
        #expect(Double(told) <= max(1_024, Double(nanoseconds) * 1.25 + 1_024))
        #expect(histogram.longestNanoseconds == 1 << 47)
        #expect(histogram.totalNanoseconds == nanoseconds + 9 << 47)
    }

    @Test func `quantiles of a uniform spread lie where they should`() {
        var histogram = DurationHistogram()
        for microseconds in 1...10_000 as ClosedRange<UInt64> {
            histogram.record(nanoseconds: microseconds * 1_000)
        }
        for (quantile, expected) in [(0.5, 5e6), (0.9, 9e6), (0.99, 9.9e6), (1, 1e7)] {
            let told = Double(histogram.nanoseconds(quantile: quantile))
            #expect(told >= expected && told <= expected * 1.25)
        }
        #expect(histogram.count(upTo: .max) == 10_000)
        let half = histogram.count(upTo: 5_000_000)
        #expect(half <= 5_000 && half >= 4_000)
    }

    @Test func `the longest durations there are have a bucket`() {
        var histogram = DurationHistogram()
        histogram.record(nanoseconds: .max)
        #expect(histogram.count == 1)
        #expect(histogram.nanoseconds(quantile: 1) > 1 << 46)
        #expect(DurationHistogram().nanoseconds(quantile: 0.5) == 0)
    }

    @Test func `flushes, compactions and blocks that were read are timed`() throws {
        let simulation = SimulatedWorld(seed: 17)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        let key = table.key(partition: [1])
        for _ in 0..<2 {
            try simulation.runTask {
                var batch = WriteBatch()
                batch.put(table.id, key, [7])
                try await engine.write(batch)
                try await engine.flush()
            }
        }
        try simulation.runTask { try await engine.compact() }
        let value = try simulation.runTask {
            try await engine.read { view throws(EngineError) in try view.get(table.id, key) }
        }
        #expect(value == [7])
        let durations = engine.statistics.durations
        #expect(durations.flushes.count == 2)
        #expect(durations.compactions.count == 1)
        #expect(durations.blockReads.count > 0)
        #expect(durations.writeStalls.count == 0)
        #expect(engine.durationsOfLastLife == nil)
        try simulation.runTask { try await engine.close() }
        let next = try simulation.runTask {
            try await Engine.open("db", access: .readOnly, in: world)
        }
        #expect(next.durationsOfLastLife == durations)
        try simulation.runTask { try await next.close() }
    }

    @Test func `durations on disk are as drawn, and what is damaged is as good as none`() throws {
        var durations = EngineDurations()
        durations.flushes.record(nanoseconds: 5_000)
        durations.flushes.record(nanoseconds: 5_001)
        durations.writePauses.record(nanoseconds: 1 << 30)
        let bytes = DurationsFormat.encode(durations)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.prefix(3) == [
                "shale durations 1", "flushes 2 10001 5001 4:2", "compactions 0 0 0",
            ]
        )
        #expect(lines[3] == "write-pauses 1 1073741824 1073741824 76:1")
        #expect(DurationsFormat.decode(bytes) == durations)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(DurationsFormat.decode(damaged) == nil)
            #expect(DurationsFormat.decode(Array(bytes[..<index])) == nil)
        }
    }
}
