import ShaleCapacity
import Testing

@Suite struct KeyRangeTests {
    static func range(_ number: UInt64) -> KeyRange { KeyRange(partitionHash: number << 48 | 7) }

    @Test func `a range is the first 16 bits of the hash`() {
        #expect(KeyRange(partitionHash: 0xABCD_EF01_2345_6789).number == 0xABCD)
    }

    @Test(arguments: [
        (999, 0.0, false), (1_000, 0, true), (1_000, 0.01, false), (1_400, 0.4, true),
    ])
    func `a range takes no more than one range may, and pays back`(
        taken: Int,
        after: Double,
        isExhausted: Bool
    ) {
        var limits = KeyRangeLimits(unitsPerSecond: 1_000, at: seconds(0))
        limits.take(CapacityUnits(taken), Self.range(1), ofTable: 5_000, at: seconds(0))
        #expect(limits.isExhausted(Self.range(1), at: seconds(after)) == isExhausted)
        #expect(!limits.isExhausted(Self.range(2), at: seconds(after)))
    }

    @Test func `the share of a range is what the table has, divided by the ranges in use`() {
        var limits = KeyRangeLimits(unitsPerSecond: 1_000, at: seconds(0))
        for number in 0..<4 {
            limits.take(CapacityUnits(1), Self.range(UInt64(number)), ofTable: 400, at: seconds(0))
        }
        // After a second each has saved its 100 again.
        limits.take(CapacityUnits(99), Self.range(0), ofTable: 400, at: seconds(2))
        let result = limits.isWithinShare(Self.range(0), ofTable: 400, at: seconds(2))
        #expect(result)
        limits.take(CapacityUnits(1), Self.range(0), ofTable: 400, at: seconds(2))
        let result2 = limits.isWithinShare(Self.range(0), ofTable: 400, at: seconds(2))
        #expect(!result2)
        let result3 = limits.isWithinShare(Self.range(1), ofTable: 400, at: seconds(2))
        #expect(result3)
    }

    @Test func `ranges that are not used are forgotten`() {
        var limits = KeyRangeLimits(unitsPerSecond: 1_000, at: seconds(0))
        for number in 0..<65_536 {
            limits.take(CapacityUnits(1), Self.range(UInt64(number)), ofTable: 1, at: seconds(0))
        }
        #expect(limits.count == 65_536)
        limits.take(CapacityUnits(1), Self.range(3), ofTable: 1, at: seconds(10))
        #expect(limits.count == 65_536)
        limits.take(CapacityUnits(1), Self.range(4), ofTable: 1, at: seconds(20))
        #expect(limits.count == 2)
        limits.take(CapacityUnits(1), Self.range(5), ofTable: 1, at: seconds(100))
        #expect(limits.count == 1)
    }
}
