/// A moment in UTC as people write it, from seconds since 1970-01-01.
///
/// Days are counted in eras of 400 years of 146,097 days, with years that begin in March, so that
/// the leap day is a year's last (H. Hinnant, "chrono-compatible low-level date algorithms").
public struct CivilDate: Sendable, Equatable {
    package var year: Int64
    /// From 1.
    package var month: Int64
    /// From 1.
    package var day: Int64
    package var hour: Int64
    package var minute: Int64
    package var second: Int64
    /// 0 is Sunday.
    package var weekday: Int

    /// Of a day in UTC, which has no leap seconds here.
    package static let secondsPerDay: Int64 = 86_400
    private static let daysPerEra: Int64 = 146_097
    private static let daysBeforeEpoch: Int64 = 719_468
    private static let weekdayOfEpoch: Int64 = 4
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let shortLength = 3

    /// The moment that many seconds after 1970-01-01 UTC.
    public init(seconds: Int64) {
        var days = seconds / Self.secondsPerDay
        var rest = seconds % Self.secondsPerDay
        if rest < 0 {
            rest += Self.secondsPerDay
            days -= 1
        }
        (year, month, day) = Self.date(days: days)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
        let weekday = (days + Self.weekdayOfEpoch) % 7
        self.weekday = Int(weekday < 0 ? weekday + 7 : weekday)
    }

    /// The form of HTTP's `Date` header: `Sun, 06 Nov 1994 08:49:37 GMT`.
    public var httpText: String {
        "\(shortWeekday), \(two(day)) \(shortMonth) \(Self.padded(year, 4)) \(clock) GMT"
    }

    /// The form of Unix: `Sun Nov 06 08:49:37 UTC 1994`.
    public var unixText: String {
        "\(shortWeekday) \(shortMonth) \(two(day)) \(clock) UTC \(Self.padded(year, 4))"
    }

    /// The long form of American English: `Sunday, November 6, 1994 at 8:49:37 AM Coordinated Universal Time`.
    public var longText: String {
        let date = "\(Self.weekdays[weekday]), \(Self.months[Int(month) - 1]) \(day), \(year)"
        let time = "\((hour + 11) % 12 + 1):\(two(minute)):\(two(second))"
        return "\(date) at \(time) \(hour < 12 ? "AM" : "PM") Coordinated Universal Time"
    }

    /// The extended form of ISO 8601 with milliseconds: `1994-11-06T08:49:37.123Z`.
    public func isoText(milliseconds: Int64) -> String {
        let date = "\(Self.padded(year, 4))-\(two(month))-\(two(day))"
        return "\(date)T\(clock).\(Self.padded(milliseconds, 3))Z"
    }

    private var shortWeekday: Substring { Self.weekdays[weekday].prefix(Self.shortLength) }
    private var shortMonth: Substring { Self.months[Int(month) - 1].prefix(Self.shortLength) }
    private var clock: String { "\(two(hour)):\(two(minute)):\(two(second))" }

    /// With two digits at least.
    package func two(_ value: Int64) -> String { Self.padded(value, 2) }

    /// With zeros in front.
    package static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Days from 1970-01-01 to a date.
    package static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - daysBeforeEpoch
    }

    /// Whether a year has a leap day.
    package static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days of a month, from 1 to 12.
    package static func daysInMonth(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
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
