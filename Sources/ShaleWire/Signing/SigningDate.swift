/// A moment as signatures write it: `20300102T030405Z`, the basic format of ISO 8601 in UTC.
struct SigningDate: Equatable {
    /// The sixteen characters.
    let text: String
    /// Seconds since 1970-01-01 UTC.
    let seconds: Int64

    /// The first eight characters: year, month, day.
    var day: String { String(decoding: text.utf8.prefix(8), as: UTF8.self) }

    private static let secondsPerDay: Int64 = 86_400

    /// Reads the text, or gives nil when it is no such date.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z")
        else { return nil }
        func digits(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = digits(0..<4), let month = digits(4..<6), let day = digits(6..<8),
            let hour = digits(9..<11), let minute = digits(11..<13), let second = digits(13..<15),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        self.text = text
        let days = Self.days(year: year, month: month, day: day)
        seconds = days * Self.secondsPerDay + hour * 3_600 + minute * 60 + second
    }

    /// Writes the moment that many seconds after 1970-01-01 UTC.
    init(seconds: Int64) {
        self.seconds = seconds
        var days = seconds / Self.secondsPerDay
        var rest = seconds % Self.secondsPerDay
        if rest < 0 {
            rest += Self.secondsPerDay
            days -= 1
        }
        let (year, month, day) = Self.date(days: days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let years = String(repeating: "0", count: max(0, 4 - "\(year)".utf8.count)) + "\(year)"
        text =
            years + two(month) + two(day) + "T" + two(rest / 3_600) + two(rest / 60 % 60)
            + two(rest % 60) + "Z"
    }

    // Days are counted in eras of 400 years of 146,097 days, with years that begin in March, so
    // that the leap day is a year's last (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static let daysPerEra: Int64 = 146_097
    private static let daysBeforeEpoch: Int64 = 719_468

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - daysBeforeEpoch
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + daysBeforeEpoch
        let era = (shifted >= 0 ? shifted : shifted - daysPerEra + 1) / daysPerEra
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
