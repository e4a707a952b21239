import Foundation
import ShaleCapacity
import Testing

/// What the developer guide says of capacity, reproduced under a simulated clock, and written down for the pictures of
/// Docs/Capacity.md.
///
/// The data stand beside the pictures, and a test fails when they are not what the simulation says. With SHALE_RECORD=1 in the
/// environment it writes them; `python3 Tools/plots.py` draws.
@Suite struct PublishedBehaviourTests {
    /// One source of requests: a key range, and units a second that it asks for.
    struct Source {
        var range: UInt64
        var unitsPerSecond: (Double) -> Int
        /// Units of one request.
        var step = 1
    }

    /// What each source was given, second by second.
    static func run(
        _ limits: FlowLimits,
        _ sources: [Source],
        seconds count: Int,
        isDrained: Bool = false
    ) -> [[Double]] {
        var capacity = TableCapacity([.table: .init(writes: limits)], at: seconds(0))
        if isDrained {
            let saved = CapacityUnits((limits.provisioned ?? 0) * Int(TokenBucket.burstSeconds))
            capacity.take(saved, .write, .table, in: nil, at: seconds(0))
        }
        var served = Array(repeating: Array(repeating: 0.0, count: sources.count), count: count)
        for second in 0..<count {
            // Requests of all sources, evenly spread over the second.
            var requests: [(at: Double, source: Int)] = []
            for (index, source) in sources.enumerated() {
                let number = source.unitsPerSecond(Double(second)) / source.step
                for request in 0..<number {
                    requests.append((Double(second) + Double(request) / Double(number), index))
                }
            }
            requests.sort { $0.at < $1.at }
            for (at, index) in requests {
                let source = sources[index]
                let refusal = capacity.admit(
                    .write,
                    .table,
                    in: KeyRange(partitionHash: source.range << 48),
                    least: CapacityUnits(source.step),
                    at: seconds(at)
                )
                if refusal == nil { served[second][index] += Double(source.step) }
            }
        }
        return served
    }

    /// Means of so many seconds.
    static func means(_ served: [[Double]], of width: Int) -> [[Double]] {
        stride(from: 0, to: served.count, by: width).map { begin in
            let part = served[begin..<min(begin + width, served.count)]
            return served[0].indices.map { column in
                part.reduce(0) { $0 + $1[column] } / Double(part.count)
            }
        }
    }

    @Test func `from a full bucket twice the rate lasts 300 seconds, and then the rate`() throws {
        let served = Self.run(
            FlowLimits(provisioned: 100),
            [Source(range: 1, unitsPerSecond: { _ in 200 })],
            seconds: 600
        )
        let lasted = served.firstIndex { $0[0] < 199 } ?? 0
        #expect((285...315).contains(lasted))
        let after = served[320...].reduce(0) { $0 + $1[0] } / Double(served[320...].count)
        #expect(abs(after - 100) < 1)
        try Self.record("burst", ["second", "offered", "served"], width: 5, served) { _ in [200] }
    }

    @Test func `a hot key range is lent what others leave, up to what one range may take`() throws {
        // Until 100 s the others leave 1,300 of 1,600; then they want 400 each, which is their share.
        let hot = Source(range: 1, unitsPerSecond: { Int(min(1_500, 200 + $0 * 20)) }, step: 4)
        let others = (2...4).map { number in
            Source(range: UInt64(number), unitsPerSecond: { $0 < 100 ? 100 : 400 }, step: 4)
        }
        let served = Self.run(
            FlowLimits(provisioned: 1_600, perKeyRange: 1_000),
            [hot] + others,
            seconds: 300,
            isDrained: true
        )
        func mean(_ column: Int, _ range: Range<Int>) -> Double {
            served[range].reduce(0) { $0 + $1[column] } / Double(range.count)
        }
        // Alone it has more than its share of 400, and no more than one range may have.
        #expect(abs(mean(0, 80..<100) - 1_000) < 30)
        // What was saved is used up after a while; from then on nobody lends, and each has its share.
        #expect(abs(mean(0, 250..<300) - 400) < 40)
        for other in 1...3 { #expect(abs(mean(other, 250..<300) - 400) < 20) }
        let sums = served.map { [$0[0], $0[1] + $0[2] + $0[3]] }
        let columns = ["second", "hot offered", "hot served", "others served"]
        try Self.record("hot-range", columns, width: 5, sums) { [Double(hot.unitsPerSecond($0))] }
    }

    @Test func `a table paid by request doubles every half hour`() throws {
        let sources = (0..<50).map { number in
            Source(range: UInt64(number), unitsPerSecond: { _ in 400 }, step: 400)
        }
        let served = Self.run(
            FlowLimits(rampStart: OnDemandRamp.startWriteUnitsPerSecond, perKeyRange: 1_000),
            sources,
            seconds: 7_200
        ).map { [$0.reduce(0, +)] }
        for (period, units) in [4_000.0, 8_000, 16_000, 20_000].enumerated() {
            let part = served[(period * 1_800 + 100)..<(period * 1_800 + 1_700)]
            let mean = part.reduce(0) { $0 + $1[0] } / Double(part.count)
            // The second that was saved counts to the first peak.
            #expect(abs(mean - units) < units * 0.05)
        }
        let columns = ["second", "offered", "served"]
        try Self.record("on-demand", columns, width: 60, served) { _ in [20_000] }
    }

    /// Compares a table of means with the one in the repository, or writes it.
    static func record(
        _ name: String,
        _ columns: [String],
        width: Int,
        _ served: [[Double]],
        _ offered: (Double) -> [Double]
    ) throws {
        var text = columns.joined(separator: ",") + "\n"
        for (place, means) in means(served, of: width).enumerated() {
            let second = Double(place * width)
            let row = [second] + offered(second) + means
            text += row.map { String(Int($0.rounded())) }.joined(separator: ",") + "\n"
        }
        let file = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent()
            .appendingPathComponent("../../../Docs/Pictures/capacity-\(name).csv")
            .standardizedFileURL
        if ProcessInfo.processInfo.environment["SHALE_RECORD"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: file, encoding: .utf8)
        #expect(recorded == text, "the data of a picture are stale: run with SHALE_RECORD=1")
    }
}
