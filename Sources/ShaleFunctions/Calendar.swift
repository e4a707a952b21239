/// Days and dates of the Gregorian calendar, in UTC.
package enum Calendar {
    /// The date of a day counted since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
    ///
    /// - Parameter day: Not negative.
    /// - Returns: Year, month from 1, day from 1.
    package static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * part + 2) / 5 + 1
        )
    }

    /// As `2025-11-29T05:00:00.000+0000`: how the service writes when a function was changed.
    package static func text(_ milliseconds: Int64) -> String {
        let (year, month, day) = date(ofDay: milliseconds / 86_400_000)
        func padded(_ number: Int64, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        let rest = milliseconds % 86_400_000
        return "\(year)-\(padded(month, 2))-\(padded(day, 2))T\(padded(rest / 3_600_000, 2)):"
            + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1_000 % 60, 2))."
            + "\(padded(rest % 1_000, 3))+0000"
    }
}
