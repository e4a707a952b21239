import ShaleCapacity
import Testing

@Suite struct OnDemandRampTests {
    /// Takes so many units a second for some minutes.
    static func run(
        _ ramp: inout OnDemandRamp,
        _ unitsPerSecond: Int,
        minutes: Int,
        from second: inout Double
    ) {
        for _ in 0..<(60 * minutes) {
            ramp.take(CapacityUnits(unitsPerSecond), at: seconds(second))
            second += 1
        }
    }

    @Test(
        arguments: [
            ([0], 4_000.0), ([1_000], 4_000), ([3_000], 6_000), ([4_000], 8_000),
            ([4_000, 8_000], 16_000), ([4_000, 8_000, 100], 16_000), ([4_000, 0, 0, 0], 8_000),
        ] as [([Int], Double)]
    )
    func `after each half hour it is twice the highest peak`(peaks: [Int], allowed: Double) {
        var ramp = OnDemandRamp(startUnitsPerSecond: 4_000, at: seconds(0))
        var second = 0.0
        for peak in peaks { Self.run(&ramp, peak, minutes: 30, from: &second) }
        let result = ramp.unitsPerSecond(at: seconds(second))
        #expect(result == allowed)
    }

    @Test func `within a half hour it does not grow, whatever is taken`() {
        var ramp = OnDemandRamp(startUnitsPerSecond: 4_000, at: seconds(0))
        var second = 0.0
        Self.run(&ramp, 4_000, minutes: 29, from: &second)
        let result = ramp.unitsPerSecond(at: seconds(second))
        #expect(result == 4_000)
    }

    @Test func `a second is no peak`() {
        var ramp = OnDemandRamp(startUnitsPerSecond: 4_000, at: seconds(0))
        ramp.take(CapacityUnits(60_000), at: seconds(1))
        let result = ramp.unitsPerSecond(at: seconds(1_801))
        #expect(result == 4_000)
    }

    @Test(arguments: [(1_000, 4_000.0), (20_000, 20_000)])
    func `a table that was provisioned takes no less than it was`(units: Int, allowed: Double) {
        var flow = Flow(FlowLimits(provisioned: units), at: seconds(0))
        flow.change(to: FlowLimits(rampStart: 4_000), at: seconds(1))
        // A table paid by request saves one second of its rate.
        #expect(flow.level(at: seconds(3)) == allowed)
        flow.change(to: FlowLimits(provisioned: 5), at: seconds(4))
        #expect(flow.level(at: seconds(400)) == 1_500)
    }

    @Test func `warm throughput raises where it begins`() {
        var ramp = OnDemandRamp(startUnitsPerSecond: 4_000, at: seconds(0))
        ramp.change(startUnitsPerSecond: 40_000)
        let result = ramp.unitsPerSecond(at: seconds(1))
        #expect(result == 40_000)
    }
}
