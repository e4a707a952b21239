internal import ShalePlatform

/// When a schedule is due: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)`, `at(2026-03-01T08:00:00)`.
///
/// Nothing stands before, behind or between that is not named here: no spaces, no zone.
package enum ScheduleExpression: Sendable, Equatable {
    /// Each so many seconds.
    case rate(seconds: Int64)
    case cron(CronExpression)
    /// Once, as clocks show it: seconds since 1970-01-01.
    case at(local: Int64)

    private static let units: [String: Int64] = [
        "minute": 60, "minutes": 60, "hour": 3_600, "hours": 3_600, "day": 86_400, "days": 86_400,
    ]

    /// Reads an expression; nil where it is none.
    package init?(_ text: String) {
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
        let inner = text[text.index(after: open)...].dropLast()
        switch text[..<open] {
        case "rate":
            let parts = inner.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let unit = Self.units[String(parts[1])],
                let value = Self.positive(parts[0])
            else { return nil }
            self = .rate(seconds: value * unit)
        case "cron":
            guard let cron = CronExpression(inner) else { return nil }
            self = .cron(cron)
        case "at":
            guard let local = Self.local(inner) else { return nil }
            self = .at(local: local)
        default: return nil
        }
    }

    private static func positive(_ text: Substring) -> Int64? {
        guard 1...9 ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
            let number = Int64(text), number > 0
        else { return nil }
        return number
    }

    // yyyy-mm-ddThh:mm:ss
    private static func local(_ text: Substring) -> Int64? {
        let pattern = Array("0000-00-00T00:00:00".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count else { return nil }
        for (byte, meant) in zip(bytes, pattern) {
            let isRight = meant == UInt8(ascii: "0") ? 0x30...0x39 ~= byte : byte == meant
            guard isRight else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard year >= 1970, 1...12 ~= month,
            1...CivilDate.daysInMonth(year: year, month: month) ~= day, hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = CivilDate.days(year: year, month: month, day: day)
        return days * CivilDate.secondsPerDay + hour * 3_600 + minute * 60 + second
    }
}
