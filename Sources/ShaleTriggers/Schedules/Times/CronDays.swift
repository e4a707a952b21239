internal import ShalePlatform

/// The days that a cron expression means: by their number in the month, or by their weekday.
enum CronDays: Sendable, Equatable {
    case numbers(CronField)
    /// `L`: the last of the month.
    case last
    /// `LW`: the last of the month from Monday to Friday.
    case lastWorkday
    /// `15W`: the day from Monday to Friday that is nearest to that one, in the same month.
    case workday(nearest: Int64)
    case weekdays(CronField)
    /// `6L`: the last Friday of the month; 1 is Sunday.
    case lastWeekday(Int64)
    /// `3#2`: the second Tuesday.
    case weekday(Int64, number: Int64)

    /// Reads both fields, of which one is `?`; nil where they are none.
    init?(dayOfMonth: Substring, dayOfWeek: Substring) {
        switch (dayOfMonth == "?", dayOfWeek == "?") {
        case (false, true): self.init(dayOfMonth: dayOfMonth.uppercased())
        case (true, false): self.init(dayOfWeek: dayOfWeek.uppercased())
        default: return nil
        }
    }

    private init?(dayOfMonth text: String) {
        if text == "L" {
            self = .last
        } else if text == "LW" || text == "WL" {
            self = .lastWorkday
        } else if text.hasSuffix("W") {
            guard let day = CronField.digits(text.dropLast()), 1...31 ~= day else { return nil }
            self = .workday(nearest: Int64(day))
        } else {
            guard let field = CronField(text, .days) else { return nil }
            self = .numbers(field)
        }
    }

    private init?(dayOfWeek text: String) {
        let rules = CronField.Rules.weekdays
        if let mark = text.firstIndex(of: "#") {
            let number = CronField.digits(text[text.index(after: mark)...])
            guard let weekday = rules.number(text[..<mark]), let number, 1...5 ~= number else {
                return nil
            }
            self = .weekday(Int64(weekday), number: Int64(number))
        } else if text == "L" {
            // The last day of the week.
            guard let field = CronField("7", rules) else { return nil }
            self = .weekdays(field)
        } else if text.hasSuffix("L") {
            guard let weekday = rules.number(text.dropLast()) else { return nil }
            self = .lastWeekday(Int64(weekday))
        } else {
            guard let field = CronField(text, rules) else { return nil }
            self = .weekdays(field)
        }
    }

    /// Whether a day of a month is one of them.
    ///
    /// - Parameters:
    ///   - day: From 1.
    ///   - length: How many days the month has.
    ///   - firstWeekday: The weekday of its first day: 1 is Sunday.
    /// - Returns: Whether it is.
    func contains(_ day: Int64, of length: Int64, _ firstWeekday: Int64) -> Bool {
        func weekday(_ day: Int64) -> Int64 { (firstWeekday + day - 2) % 7 + 1 }
        switch self {
        case .numbers(let field): return field.contains(Int(day))
        case .last: return day == length
        case .lastWorkday: return day == Self.workday(nearest: length, length, weekday)
        case .workday(let wanted):
            return wanted <= length && day == Self.workday(nearest: wanted, length, weekday)
        case .weekdays(let field): return field.contains(Int(weekday(day)))
        case .lastWeekday(let wanted): return weekday(day) == wanted && day + 7 > length
        case .weekday(let wanted, let number):
            return weekday(day) == wanted && (day - 1) / 7 + 1 == number
        }
    }

    private static func workday(
        nearest day: Int64,
        _ length: Int64,
        _ weekday: (Int64) -> Int64
    ) -> Int64 {
        switch weekday(day) {
        case 7: day > 1 ? day - 1 : day + 2
        case 1: day < length ? day + 1 : day - 2
        default: day
        }
    }
}
