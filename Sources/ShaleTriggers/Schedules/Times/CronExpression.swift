internal import ShalePlatform

/// A cron expression of six fields: minutes, hours, day of month, month, day of week, year.
///
/// Source of its rules: the service's user guide, "Schedule types on EventBridge Scheduler", and "Cron expressions" of
/// EventBridge. Of the two fields for days exactly one is `?`.
package struct CronExpression: Sendable, Equatable {
    private let minutes: CronField
    private let hours: CronField
    private let days: CronDays
    private let months: CronField
    private let years: CronField

    /// Reads what stands between the parentheses; nil where it is none.
    init?(_ text: Substring) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count == 6, text.first != " ", text.last != " ",
            let minutes = CronField(fields[0], .minutes), let hours = CronField(fields[1], .hours),
            let days = CronDays(dayOfMonth: fields[2], dayOfWeek: fields[4]),
            let months = CronField(fields[3], .months), let years = CronField(fields[5], .years)
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.years = years
    }

    /// The first time that it means behind another one, both as clocks show them; nil where there is none.
    ///
    /// - Parameter local: Seconds since 1970-01-01 of the clock.
    /// - Returns: The same, a whole minute.
    func next(afterLocal local: Int64) -> Int64? {
        let start = CivilDate(seconds: local - Self.remainder(local, 60) + 60)
        var year = max(start.year, Int64(CronField.Rules.years.range.lowerBound))
        while year <= CronField.Rules.years.range.upperBound {
            if years.contains(Int(year)) {
                let month = year == start.year ? start.month : 1
                for month in month...12 where months.contains(Int(month)) {
                    if let found = first(in: year, month, from: start) { return found }
                }
            }
            year += 1
        }
        return nil
    }

    private func first(in year: Int64, _ month: Int64, from start: CivilDate) -> Int64? {
        let first = CivilDate.days(year: year, month: month, day: 1)
        let length = CivilDate.daysInMonth(year: year, month: month)
        let weekday = Int64(CivilDate(seconds: first * CivilDate.secondsPerDay).weekday) + 1
        let isStart = year == start.year && month == start.month
        for day in (isStart ? start.day : 1)...length where days.contains(day, of: length, weekday)
        {
            let isFirstDay = isStart && day == start.day
            let earliest = isFirstDay ? start.hour * 60 + start.minute : 0
            guard let minute = firstMinute(from: earliest) else { continue }
            return (first + day - 1) * CivilDate.secondsPerDay + minute * 60
        }
        return nil
    }

    /// The first minute of a day that it means.
    private func firstMinute(from earliest: Int64) -> Int64? {
        for hour in earliest / 60..<24 where hours.contains(Int(hour)) {
            let first = hour == earliest / 60 ? earliest % 60 : 0
            if let minute = (first..<60).first(where: { minutes.contains(Int($0)) }) {
                return hour * 60 + minute
            }
        }
        return nil
    }

    private static func remainder(_ number: Int64, _ divisor: Int64) -> Int64 {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
