import Testing

@testable import ShaleTriggers

/// Cron expressions in UTC.
///
/// Rules by the service's user guide, "Schedule types on EventBridge Scheduler" (cron-based schedules), where
/// nothing else is said.
@Suite struct CronExpressionTests {
    /// A case: the expression, the moment behind which one asks, the moments that follow.
    typealias Case = (cron: String, after: String, then: [String])

    private static func moments(_ each: Case) -> [String] {
        guard let expression = ScheduleExpression("cron(\(each.cron))") else { return ["invalid"] }
        let occurrences = Occurrences(expression, in: .utc, anchor: 0)
        var moment = ScheduleMoments.utc(each.after)
        var found: [String] = []
        while found.count < each.then.count, let next = occurrences.next(after: moment) {
            found.append(ScheduleMoments.text(next))
            moment = next
        }
        return found
    }

    /// The examples of the guide, with what they mean there.
    @Test(
        arguments: [
            // 10:15 am each day.
            ("15 10 * * ? *", "2026-01-01T10:14:59", ["2026-01-01T10:15", "2026-01-02T10:15"]),
            // 10:15 am on each weekday, beginning with a Friday.
            (
                "15 10 ? * MON-FRI *", "2026-01-02T00:00:00",
                ["2026-01-02T10:15", "2026-01-05T10:15"]
            ),
            // 10:15 am on the last Friday of each month of 2022 to 2023.
            (
                "15 10 ? * 6L 2022-2023", "2023-11-01T00:00:00",
                ["2023-11-24T10:15", "2023-12-29T10:15"]
            ),
            // Each fifth minute.
            ("0/5 * * * ? *", "2026-01-01T00:04:00", ["2026-01-01T00:05", "2026-01-01T00:10"]),
            // Each tenth minute from the first of the hour on.
            ("1/10 * * * ? *", "2026-01-01T00:45:00", ["2026-01-01T00:51", "2026-01-01T01:01"]),
            // 8 am on the first day of each month.
            ("0 8 1 * ? *", "2026-01-01T08:00:00", ["2026-02-01T08:00", "2026-03-01T08:00"]),
            // Each half hour from 8 am to 5:55 pm on weekdays.
            ("0/30 8-17 ? * MON-FRI *", "2026-01-02T17:30:00", ["2026-01-05T08:00"]),
        ] as [Case]
    )
    func `the guide's examples mean what it says`(_ each: Case) {
        #expect(Self.moments(each) == each.then)
    }

    /// "The L wildcard specifies the last day of the month or week", "W specifies a weekday: 3W is the weekday closest to the
    /// third day of the month", "3#2 is the second Tuesday of the month".
    @Test(
        arguments: [
            ("0 0 L * ? *", "2024-02-01T00:00:00", ["2024-02-29T00:00", "2024-03-31T00:00"]),
            ("0 0 L 2 ? *", "2025-01-01T00:00:00", ["2025-02-28T00:00", "2026-02-28T00:00"]),
            // 2026-01-31 is a Saturday.
            ("0 0 LW 1 ? *", "2026-01-01T00:00:00", ["2026-01-30T00:00"]),
            // 2026-01-03 is a Saturday, 2026-10-03 too, 2026-05-03 a Sunday.
            ("0 0 3W 1,5 ? *", "2026-01-01T00:00:00", ["2026-01-02T00:00", "2026-05-04T00:00"]),
            // The nearest stays in its month: 2026-08-01 is a Saturday, 2026-05-31 a Sunday.
            ("0 0 1W 8 ? *", "2026-07-01T00:00:00", ["2026-08-03T00:00"]),
            ("0 0 31W * ? 2026", "2026-04-01T00:00:00", ["2026-05-29T00:00", "2026-07-31T00:00"]),
            ("0 0 ? * 3#2 *", "2026-01-01T00:00:00", ["2026-01-13T00:00", "2026-02-10T00:00"]),
            (
                "0 0 ? * tue#5 2026", "2026-01-01T00:00:00",
                ["2026-03-31T00:00", "2026-06-30T00:00"]
            ),
            ("0 0 ? * L *", "2026-01-01T00:00:00", ["2026-01-03T00:00", "2026-01-10T00:00"]),
            ("0 0 ? * MONL *", "2026-01-01T00:00:00", ["2026-01-26T00:00"]),
        ] as [Case]
    )
    func `days are named from the end, by their nearest weekday, by their number`(_ each: Case) {
        #expect(Self.moments(each) == each.then)
    }

    /// Lists, ranges, steps, words; that a range may run over its end is Quartz's rule.
    ///
    /// The last three were taken by the service (LocalStack's issue 13572).
    @Test(
        arguments: [
            (
                "0,30 1 1 JAN,jul ? *", "2026-01-01T01:00:00",
                ["2026-01-01T01:30", "2026-07-01T01:00"]
            ),
            ("0 22-2/2 * * ? *", "2026-01-01T21:00:00", ["2026-01-01T22:00", "2026-01-02T00:00"]),
            ("0 0 ? * SAT-SUN *", "2026-01-01T00:00:00", ["2026-01-03T00:00", "2026-01-04T00:00"]),
            ("0 0 1 1 ? 2199", "2026-01-01T00:00:00", ["2199-01-01T00:00"]),
            ("0 0 29 2 ? *", "2025-01-01T00:00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
            ("0 0 1 1 ? 2026/2", "2026-06-01T00:00:00", ["2028-01-01T00:00"]),
            ("0-15/1 8-8 ? * 2,3,4,5,6,7 *", "2026-01-01T08:15:00", ["2026-01-02T08:00"]),
            ("30-30 13-13 ? * 2,4,6 *", "2026-01-01T00:00:00", ["2026-01-02T13:30"]),
            (
                "1-31/30 1-1 ? * 1,7 *", "2026-01-01T00:00:00",
                ["2026-01-03T01:01", "2026-01-03T01:31"]
            ),
        ] as [Case]
    )
    func `fields have lists, ranges, steps and words`(_ each: Case) {
        #expect(Self.moments(each) == each.then)
    }

    @Test(arguments: ["0 0 30 2 ? *", "0 0 1 1 ? 2020"])
    func `what never comes has no moment`(_ cron: String) {
        #expect(Self.moments((cron, "2026-01-01T00:00:00", ["any"])) == [])
    }

    /// The first five were refused by the service (LocalStack's snapshots of 2025-01-26).
    ///
    /// "You can't use * in both the Day-of-month and Day-of-week fields; if you use it in one, you must use ? in
    /// the other"; "3#1,6#3 is not valid".
    @Test(arguments: [
        "0 1 * * * *", "7 20 * * NOT *", "INVALID", "0 dummy ? * MON-FRI *", "71 8 1 * ? *", "",
        "0 0 1 * MON *", "0 0 ? * ? *", "0 0 ? * 3#1,6#3 *", "0 0 ? * 3#6 *", "0 0 32 * ? *",
        "0 24 * * ? *", "0 0 * 13 ? *", "0 0 ? * 8 *", "0 0 ? * 0 *", "0 0 1 1 ? 1969",
        "0 0 1 1 ? 2200", "0 0 1 1 ?", "0 0 0 1 1 ? *", "0/0 0 1 1 ? *", "*/60 * * * ? *",
        "0 0 W * ? *", "0 0 32W * ? *", "0 0 1-5W * ? *", "1- * * * ? *", "1,,2 * * * ? *",
        " 0 0 1 * ? *", "0 0 1 * ? * ", "? 0 1 * ? *", "0 0 1 * ? -1", "0 0 1 FOO ? *",
    ])
    func `what is no expression is none`(_ cron: String) {
        #expect(ScheduleExpression("cron(\(cron))") == nil)
    }
}
