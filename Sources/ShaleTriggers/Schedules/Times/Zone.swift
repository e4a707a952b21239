internal import ShalePlatform

/// The offsets of a time zone from UTC, at any time: a value.
package struct Zone: Sendable, Equatable {
    /// Seconds since 1970-01-01 UTC at which another offset begins, ascending.
    private let times: [Int64]
    /// The offsets that begin then, in seconds east of UTC.
    private let offsets: [Int64]
    /// The offset before all of them.
    private let first: Int64
    /// What holds behind the last of them.
    private let rule: ZoneRule?

    /// UTC, which is there without any file.
    package static let utc = Zone(first: 0)

    /// A zone of transitions, and a rule for what comes behind them.
    init(first: Int64, times: [Int64] = [], offsets: [Int64] = [], rule: ZoneRule? = nil) {
        precondition(times.count == offsets.count, "each transition has an offset")
        self.first = first
        self.times = times
        self.offsets = offsets
        self.rule = rule
    }

    /// Seconds east of UTC at a moment.
    package func offset(at seconds: Int64) -> Int64 {
        guard let last = times.last, seconds < last else {
            return rule?.offset(at: seconds) ?? offsets.last ?? first
        }
        // How many have begun.
        var range = 0..<times.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                times[middle] <= seconds
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound == 0 ? first : offsets[range.lowerBound - 1]
    }

    /// What a clock of the zone shows, as seconds since 1970-01-01 of that clock.
    package func local(at seconds: Int64) -> Int64 { seconds + offset(at: seconds) }

    /// What a clock's reading means.
    package enum Moment: Sendable, Equatable {
        /// The first time that clocks show it.
        case at(Int64)
        /// Clocks never show it; the moment at which they would if they had not been set on.
        case skipped(Int64)
    }

    /// The moment at which clocks of the zone show a time.
    ///
    /// Where they show it twice, since they were set back, it is the first of both.
    package func moment(ofLocal local: Int64) -> Moment {
        // No zone changes twice within two days of each other.
        let before = offset(at: local - CivilDate.secondsPerDay)
        let after = offset(at: local + CivilDate.secondsPerDay)
        let meant = [before, after].map { local - $0 }.filter { self.local(at: $0) == local }
        return meant.min().map(Moment.at) ?? .skipped(local - before)
    }
}
