/// A time span as people say it: `12 ms`, `1.24 s`, `3 min 4 s`, `2 h 5 min`, `3 d 4 h`.
package enum DurationWords {
    package static func words(_ milliseconds: Int64) -> String {
        if milliseconds < 1_000 { return "\(max(0, milliseconds)) ms" }
        if milliseconds < 60_000 { return seconds(milliseconds) }
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
        let seconds = milliseconds / 1_000
        let first = units.firstIndex { seconds >= $0.0 } ?? units.count - 1
        let (length, unit) = units[first]
        let rest = seconds % length
        guard first + 1 < units.count, rest / units[first + 1].0 > 0 else {
            return "\(seconds / length) \(unit)"
        }
        return "\(seconds / length) \(unit) \(rest / units[first + 1].0) \(units[first + 1].1)"
    }

    /// Below a minute, with three digits that count.
    private static func seconds(_ milliseconds: Int64) -> String {
        let hundredths = milliseconds / 10
        let (whole, part) = hundredths.quotientAndRemainder(dividingBy: 100)
        if whole >= 10 { return part < 10 ? "\(whole) s" : "\(whole).\(part / 10) s" }
        return "\(whole).\(part < 10 ? "0" : "")\(part) s"
    }
}
