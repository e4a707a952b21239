/// Times as RFC 3339 writes them: `2016-03-14T01:59:00Z`, with an offset and a fraction of a second.
package enum Timestamp {
    /// Milliseconds since 1970; nil where a text is no timestamp with `T` and an offset.
    static func milliseconds(of text: String) -> Int64? {
        guard let nanoseconds = nanoseconds(of: text) else { return nil }
        return nanoseconds.seconds * 1_000 + Int64(nanoseconds.fraction / 1_000_000)
    }

    /// Whole seconds since 1970, and nanoseconds beyond them.
    static func nanoseconds(of text: String) -> (seconds: Int64, fraction: Int)? {
        var fields = Fields(bytes: Array(text.utf8))
        guard let year = fields.number(4), fields.take("-"), let month = fields.number(2),
            fields.take("-"), let day = fields.number(2), fields.take("T"),
            let hour = fields.number(2), fields.take(":"), let minute = fields.number(2),
            fields.take(":"), let second = fields.number(2), let fraction = fields.fraction(),
            let offset = fields.zone(), fields.isAtEnd,
            (1...12).contains(month), (1...days(month, year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let ofDay = (hour * 60 + minute - offset) * 60 + second
        return (Int64(dayNumber(year, month, day)) * 86_400 + Int64(ofDay), fraction)
    }

    /// The time with milliseconds, in UTC: `2019-03-26T20:14:13.192Z`.
    package static func text(of milliseconds: Int64) -> String {
        var day = Int(milliseconds / 86_400_000)
        var rest = Int(milliseconds % 86_400_000)
        if rest < 0 { (day, rest) = (day - 1, rest + 86_400_000) }
        let (year, month, dayOfMonth) = date(of: day)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0, 2) }
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T"
            + clock.joined(separator: ":") + "." + padded(rest % 1_000, 3) + "Z"
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01, by years that begin in March.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(of dayNumber: Int) -> (Int, Int, Int) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let place = (5 * dayOfYear + 2) / 153
        let month = place < 10 ? place + 3 : place - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * place + 2) / 5 + 1)
    }

    /// A place in a timestamp that is being read.
    private struct Fields {
        let bytes: [UInt8]
        var offset = 0

        var isAtEnd: Bool { offset == bytes.count }

        mutating func take(_ mark: Unicode.Scalar) -> Bool {
            guard offset < bytes.count, UInt32(bytes[offset]) == mark.value else { return false }
            offset += 1
            return true
        }

        mutating func digit() -> Int? {
            guard offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 else { return nil }
            offset += 1
            return Int(bytes[offset - 1] - UInt8(ascii: "0"))
        }

        mutating func number(_ digits: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// Nanoseconds of a fraction, zero where there is none; nil where digits are missing.
        mutating func fraction() -> Int? {
            guard take(".") else { return 0 }
            guard var value = digit() else { return nil }
            var scale = 100_000_000
            value *= scale
            while let digit = digit() {
                scale /= 10
                value += digit * scale
            }
            return value
        }

        /// Minutes east of Greenwich.
        mutating func zone() -> Int? {
            if take("Z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+"), let hour = number(2), take(":"), let minute = number(2),
                hour < 24, minute < 60
            else { return nil }
            return (isWest ? -1 : 1) * (hour * 60 + minute)
        }
    }
}
