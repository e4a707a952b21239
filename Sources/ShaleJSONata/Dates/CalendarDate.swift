/// A moment as the calendar has it, without zone: the proleptic Gregorian one, and the weeks of ISO 8601.
struct CalendarDate {
    static let millisecondsPerDay = 86_400_000

    let year: Int
    /// 1 to 12.
    let month: Int
    let day: Int
    /// Since midnight.
    let milliseconds: Int
    /// Since 1970.
    let dayNumber: Int

    init(milliseconds total: Int) {
        dayNumber = Int((Double(total) / Double(Self.millisecondsPerDay)).rounded(.down))
        milliseconds = total - dayNumber * Self.millisecondsPerDay
        (year, month, day) = Self.date(ofDay: dayNumber)
    }

    init(dayNumber: Int) {
        self.init(milliseconds: dayNumber * Self.millisecondsPerDay)
    }

    var hour: Int { milliseconds / 3_600_000 }
    var minute: Int { milliseconds / 60_000 % 60 }
    var second: Int { milliseconds / 1_000 % 60 }
    var millisecond: Int { milliseconds % 1_000 }

    /// 1 for Monday to 7 for Sunday.
    var weekday: Int { ((dayNumber + 3) % 7 + 7) % 7 + 1 }

    var dayOfYear: Int { dayNumber - Self.dayNumber(year: year, month: 1, day: 1) + 1 }

    /// The Thursday of the week: a week belongs to the year and the month that this day is in.
    var thursday: CalendarDate { CalendarDate(dayNumber: dayNumber + 4 - weekday) }

    var weekOfYear: Int { (thursday.dayOfYear - 1) / 7 + 1 }
    var weekOfMonth: Int { (thursday.day - 1) / 7 + 1 }

    /// The day since 1970 of a date; months and days may be more than there are.
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let months = year * 12 + month - 1
        let shifted = months - 2
        let march = Int((Double(shifted) / 12).rounded(.down))
        let monthFromMarch = shifted - march * 12
        let era = Int((Double(march) / 400).rounded(.down))
        let yearOfEra = march - era * 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(ofDay day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = Int((Double(shifted) / 146_097).rounded(.down))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }
}
