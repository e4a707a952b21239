@testable import ShaleEngine
import Testing

struct BackgroundPaceTests {
    private static let mebibyte = 1 << 20

    @Test func `without a rate nothing waits`() {
        var pace = BackgroundPace()
        for step in 0..<100 {
            #expect(pace.pause(at: UInt64(step), bytes: 1 << 30, rate: 0) == 0)
        }
    }

    /// Steps of a mebibyte that take a millisecond each, and the pauses between them.
    private func bytesPerSecond(rate: Int, debt: Double, idle: UInt64 = 0) -> Double {
        var pace = BackgroundPace()
        var now: UInt64 = 1 << 40
        _ = pace.pause(at: now, bytes: 0, rate: rate)
        now += idle
        let start = now
        for _ in 0..<1_000 {
            now += 1_000_000
            now += pace.pause(at: now, bytes: Self.mebibyte, rate: rate, debt: debt)
        }
        return Double(1_000 * Self.mebibyte) * 1e9 / Double(now - start)
    }

    @Test(arguments: [(0.0, 20.0), (0.5, 40), (0.75, 80), (1, 1_000)])
    func `steps go at the rate, and the faster the more debt there is`(
        debt: Double,
        expected: Double
    ) {
        let rate = bytesPerSecond(rate: 20 * Self.mebibyte, debt: debt) / Double(Self.mebibyte)
        #expect(abs(rate / expected - 1) < 0.05)
    }

    @Test func `nothing is saved up in a pause`() {
        let rate = bytesPerSecond(rate: 20 * Self.mebibyte, debt: 0, idle: 1_000_000_000_000)
        #expect(abs(rate / Double(20 * Self.mebibyte) - 1) < 0.05)
    }

    @Test func `no single pause is long`() {
        var pace = BackgroundPace()
        #expect(pace.pause(at: 1, bytes: .max, rate: 1) == BackgroundPace.longestPause)
    }
}
