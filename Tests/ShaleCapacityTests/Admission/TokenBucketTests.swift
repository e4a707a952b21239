import ShaleCapacity
import Testing

@Suite struct TokenBucketTests {
    @Test(arguments: [
        (0.0, 0, 3_000.0), (0, 3_000, 0), (0, 3_400, -400), (10, 3_000, 100), (300, 3_000, 3_000),
        (1_000, 3_000, 3_000), (0.1, 3_000, 1),
    ])
    func `it fills at its rate, up to 300 seconds of it`(after: Double, taken: Int, level: Double) {
        var bucket = TokenBucket(unitsPerSecond: 10, at: seconds(0))
        bucket.take(CapacityUnits(taken), at: seconds(0))
        let result = bucket.level(at: seconds(after))
        #expect(abs(result - level) < 1e-6)
    }

    @Test func `a clock that was read earlier by another thread changes nothing`() {
        var bucket = TokenBucket(unitsPerSecond: 10, at: seconds(5))
        bucket.take(CapacityUnits(3_000), at: seconds(5))
        let result = bucket.level(at: seconds(3))
        #expect(result == 0)
        let result2 = bucket.level(at: seconds(6))
        #expect(result2 == 10)
    }

    @Test(arguments: [(20, 100.0), (5, 100), (1, 100)])
    func `another rate keeps what was saved, as far as it may be kept`(rate: Int, kept: Double) {
        var bucket = TokenBucket(unitsPerSecond: 10, at: seconds(0))
        bucket.take(CapacityUnits(2_900), at: seconds(0))
        bucket.change(unitsPerSecond: Double(rate), at: seconds(0))
        let result = bucket.level(at: seconds(0))
        #expect(result == kept)
        let result2 = bucket.level(at: seconds(1))
        #expect(result2 == kept + Double(rate))
        bucket.change(unitsPerSecond: 0.1, at: seconds(1))
        let result3 = bucket.level(at: seconds(1))
        #expect(result3 == 30)
    }

    /// Whatever the sizes of requests: 400 units one after the other, and half units.
    @Test(arguments: [(1, 2), (2, 2), (800, 2), (7, 5)])
    func `over a minute the rate holds for requests of any size`(halves: Int, times: Int) {
        let rate = 100.0
        var bucket = TokenBucket(unitsPerSecond: rate, at: seconds(0))
        bucket.take(CapacityUnits(30_000), at: seconds(0))
        let cost = CapacityUnits(halves: halves)
        var taken = CapacityUnits.zero
        var now = 0.0
        while now < 60 {
            if bucket.level(at: seconds(now)) > 0 {
                bucket.take(cost, at: seconds(now))
                taken += cost
            }
            now += cost.value / rate / Double(times)
        }
        #expect(abs(taken.value - 60 * rate) <= cost.value + 1)
    }
}
