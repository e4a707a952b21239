internal import ShalePlatform

/// The rule that a zone keeps year after year, as POSIX writes it in the variable TZ.
///
///     CET-1CEST,M3.5.0,M10.5.0/3    standard time, summer time, when it begins, when it ends
///
/// As RFC 9636, section 3.3 has it: hours west of UTC are positive; a time is from -167 to 167 hours, 2 o'clock without; the
/// offset of summer time is an hour more than the standard one without.
struct ZoneRule: Sendable, Equatable {
    /// A day of each year, and a time of it.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// From 1 to 365; the leap day is not counted.
            case julian(Int64)
            /// From 0 to 365; the leap day is counted.
            case zeroBased(Int64)
            /// A weekday (0 is Sunday) of a week (5 is the last) of a month.
            case weekday(month: Int64, week: Int64, weekday: Int64)
        }

        var day: Day
        /// Seconds of local time.
        var seconds: Int64 = 7_200
    }

    /// Seconds east of UTC.
    var standard: Int64
    /// Summer time; nil where there is none.
    var summer: (offset: Int64, begin: Change, end: Change)?

    static func == (left: ZoneRule, right: ZoneRule) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset
            && left.summer?.begin == right.summer?.begin && left.summer?.end == right.summer?.end
    }

    /// Seconds east of UTC at a moment.
    func offset(at seconds: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilDate(seconds: seconds + standard).year
        let begin = summer.begin.seconds(in: year) - standard
        let end = summer.end.seconds(in: year) - summer.offset
        let isSummer =
            begin < end
            ? begin <= seconds && seconds < end : !(end <= seconds && seconds < begin)
        return isSummer ? summer.offset : standard
    }
}

extension ZoneRule.Change {
    /// Local seconds since 1970-01-01.
    func seconds(in year: Int64) -> Int64 {
        let days: Int64
        switch day {
        case .julian(let number):
            let isBehindLeapDay = number >= 60 && CivilDate.isLeap(year)
            let first = CivilDate.days(year: year, month: 1, day: 1)
            days = first + number - 1 + (isBehindLeapDay ? 1 : 0)
        case .zeroBased(let number):
            days = CivilDate.days(year: year, month: 1, day: 1) + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDate.days(year: year, month: month, day: 1)
            let firstWeekday = Int64(
                CivilDate(seconds: first * CivilDate.secondsPerDay).weekday
            )
            let day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            let length = CivilDate.daysInMonth(year: year, month: month)
            days = first + (day < length ? day : day - 7)
        }
        return days * CivilDate.secondsPerDay + seconds
    }
}

extension ZoneRule {
    /// Reads a rule; nil where it is none.
    init?(_ text: String) {
        var reader = RuleReader(text)
        guard reader.skipName(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.isAtEnd else { return }
        guard reader.skipName() else { return nil }
        let offset = reader.isAt(",") ? standard + 3_600 : reader.time().map { -$0 }
        guard let offset, let begin = reader.change(), let end = reader.change(), reader.isAtEnd
        else { return nil }
        summer = (offset, begin, end)
    }
}

/// Takes a rule apart from its beginning.
private struct RuleReader {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ letter: Character) -> Bool { rest.first == letter }

    private mutating func take(_ letter: Character) -> Bool {
        guard rest.first == letter else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func take(while isMeant: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: isMeant)
        rest = rest[taken.endIndex...]
        return taken
    }

    /// Three letters or more, or anything in angle brackets.
    mutating func skipName() -> Bool {
        if take("<") {
            _ = take { $0 != ">" }
            return take(">")
        }
        return take { $0.isASCII && $0.isLetter }.count >= 3
    }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        let digits = take { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), range.contains(number) else { return nil }
        return number
    }

    /// Seconds: `-1`, `+5:30`, `2:00:00`.
    mutating func time() -> Int64? {
        let sign: Int64 = take("-") ? -1 : 1
        if sign > 0 { _ = take("+") }
        guard var seconds = number(0...167).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] as [Int64] where take(":") {
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    /// A change behind its comma.
    mutating func change() -> ZoneRule.Change? {
        guard take(","), let day = day() else { return nil }
        guard take("/") else { return ZoneRule.Change(day: day) }
        return time().map { ZoneRule.Change(day: day, seconds: $0) }
    }

    private mutating func day() -> ZoneRule.Change.Day? {
        if take("J") { return number(1...365).map { .julian($0) } }
        guard take("M") else { return number(0...365).map { .zeroBased($0) } }
        guard let month = number(1...12), take("."), let week = number(1...5), take("."),
            let weekday = number(0...6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }
}
