import ShalePlatform

/// How far long work is, in one line of standard error that is drawn at most ten times a second.
struct ProgressBar {
    private static let width = 30
    private static let intervalNanoseconds: UInt64 = 100_000_000

    private let label: String
    private let total: Int
    private let time: any TimeSource
    private let began: UInt64
    private var drawn: UInt64 = 0

    /// `total` is in the units that `update` is told as `done`; 0 where nobody knows it.
    init(_ label: String, total: Int, time: any TimeSource) {
        self.label = label
        self.total = total
        self.time = time
        began = time.monotonicNanoseconds
    }

    /// Draws when it is time to; `count` is how many items, for the rate.
    mutating func update(done: Int, count: Int) {
        let rate = Int(Double(count) / max(secondsSinceStart, 0.001))
        let tail = "\(Terminal.grouped(count)) items, \(Terminal.grouped(rate))/s"
        update(done: done, of: total, tail)
    }

    /// Draws when it is time to, with `tail` behind the bar.
    mutating func update(done: Int, of total: Int, _ tail: String) {
        let now = time.monotonicNanoseconds
        guard Terminal.isWatched, now - drawn >= Self.intervalNanoseconds else { return }
        drawn = now
        guard total > 0 else { return Terminal.show("\(label) \(tail)") }
        let fraction = min(1, Double(done) / Double(total))
        let filled = Int(fraction * Double(Self.width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        Terminal.show("\(label) [\(bar)] \(Int(fraction * 100)) %  \(tail)")
    }

    /// Takes the bar away.
    func finish() { Terminal.clear() }

    /// Since the bar was made.
    var secondsSinceStart: Double { Double(time.monotonicNanoseconds - began) / 1e9 }
}
