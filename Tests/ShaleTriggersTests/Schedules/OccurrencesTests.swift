import Testing

@testable import ShaleTriggers

/// Moments in zones, between dates.
///
/// Rules by the service's user guide, "Schedule types on EventBridge Scheduler".
@Suite struct OccurrencesTests {
    private static func moments(
        _ text: String,
        in zone: Zone = .utc,
        after: String,
        until: String,
        anchor: String = "1970-01-01T00:00:00",
        start: String? = nil,
        end: String? = nil
    ) throws -> [String] {
        let occurrences = Occurrences(
            try #require(ScheduleExpression(text)),
            in: zone,
            anchor: ScheduleMoments.utc(anchor),
            start: start.map(ScheduleMoments.utc),
            end: end.map(ScheduleMoments.utc)
        )
        var found: [String] = []
        var moment = ScheduleMoments.utc(after)
        while let next = occurrences.next(after: moment), next <= ScheduleMoments.utc(until) {
            found.append(ScheduleMoments.text(next))
            moment = next
        }
        return found
    }

    /// "When time shifts forward in the spring, if a cron expression falls on a non-existent date and time, your schedule
    /// invocation is skipped." In Berlin 02:00 to 03:00 of 2026-03-29 are not there, in New York those of 2026-03-08.
    @Test func `a time that clocks skip is passed over`() throws {
        #expect(
            try Self.moments(
                "cron(30 2 * * ? *)",
                in: ScheduleMoments.berlin,
                after: "2026-03-28T00:00:00",
                until: "2026-03-30T12:00:00"
            ) == ["2026-03-28T01:30", "2026-03-30T00:30"]
        )
        #expect(
            try Self.moments(
                "cron(0/30 2-3 8 3 ? *)",
                in: ScheduleMoments.newYork,
                after: "2026-03-08T00:00:00",
                until: "2026-03-08T12:00:00"
            ) == ["2026-03-08T07:00", "2026-03-08T07:30"]
        )
    }

    /// "When time shifts backwards in the fall, your schedule runs only once and does not repeat its invocation." That it is
    /// the first of both times is this server's choice: the guide does not say.
    @Test func `a time that clocks show twice is one moment`() throws {
        #expect(
            try Self.moments(
                "cron(30 2 * * ? *)",
                in: ScheduleMoments.berlin,
                after: "2026-10-24T12:00:00",
                until: "2026-10-26T12:00:00"
            ) == ["2026-10-25T00:30", "2026-10-26T01:30"]
        )
        #expect(
            try Self.moments(
                "cron(0/30 * 25 10 ? *)",
                in: ScheduleMoments.berlin,
                after: "2026-10-24T23:30:00",
                until: "2026-10-25T02:30:00"
            ) == ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T02:00", "2026-10-25T02:30"]
        )
        // Half an hour, in the south: 01:30 to 02:00 of 2026-04-05 come twice.
        #expect(
            try Self.moments(
                "cron(45 1 5 4 ? *)",
                in: ScheduleMoments.lordHowe,
                after: "2026-04-04T00:00:00",
                until: "2026-04-06T00:00:00"
            ) == ["2026-04-04T14:45"]
        )
    }

    @Test func `behind a time that clocks show the second time comes none of the first`() throws {
        #expect(
            try Self.moments(
                "cron(0/30 * 25 10 ? *)",
                in: ScheduleMoments.berlin,
                after: "2026-10-25T01:15:00",
                until: "2026-10-25T02:30:00"
            ) == ["2026-10-25T02:00", "2026-10-25T02:30"]
        )
    }

    /// "For rate-based schedules that use days as the unit, 1 day is a 24-hour duration on the clock": over a change of the
    /// clocks the time of day is another.
    @Test func `days of a rate have 24 hours`() throws {
        #expect(
            try Self.moments(
                "rate(1 day)",
                in: ScheduleMoments.berlin,
                after: "2026-03-27T12:00:00",
                until: "2026-03-30T12:00:00",
                anchor: "2026-03-27T12:00:00"
            ) == ["2026-03-28T12:00", "2026-03-29T12:00", "2026-03-30T12:00"]
        )
    }

    /// "With rate-based schedules, you use the StartDate property to set the first occurrence of the schedule. If you do not
    /// provide a StartDate, your schedule starts invoking the target immediately."
    @Test func `a rate begins with its start, and without one at once`() throws {
        #expect(
            try Self.moments(
                "rate(2 hours)",
                after: "2026-01-01T00:00:00",
                until: "2026-01-01T08:00:00",
                anchor: "2026-01-01T00:00:00",
                start: "2026-01-01T03:00:00",
                end: "2026-01-01T07:00:00"
            ) == ["2026-01-01T03:00", "2026-01-01T05:00", "2026-01-01T07:00"]
        )
        #expect(
            try Self.moments(
                "rate(2 hours)",
                after: "2025-12-31T23:59:59",
                until: "2026-01-01T04:00:00",
                anchor: "2026-01-01T00:00:07"
            ) == ["2026-01-01T00:00:07", "2026-01-01T02:00:07"]
        )
    }

    /// `StartDate`: "invocations might occur on, or after, the StartDate"; `EndDate`: "invocations might stop on,
    /// or before, the EndDate".
    ///
    /// Both: "ignored for one-time schedules".
    @Test func `start and end bound a cron expression, and not what happens once`() throws {
        #expect(
            try Self.moments(
                "cron(0 * * * ? *)",
                after: "2026-01-01T00:00:00",
                until: "2026-01-02T00:00:00",
                start: "2026-01-01T05:00:00",
                end: "2026-01-01T07:00:00"
            ) == ["2026-01-01T05:00", "2026-01-01T06:00", "2026-01-01T07:00"]
        )
        #expect(
            try Self.moments(
                "at(2026-01-01T03:00:00)",
                after: "2026-01-01T00:00:00",
                until: "2026-01-02T00:00:00",
                start: "2026-01-01T05:00:00",
                end: "2026-01-01T02:00:00"
            ) == ["2026-01-01T03:00"]
        )
    }

    /// "EventBridge Scheduler evaluates the expression in the time zone that you specify".
    ///
    /// The guide does not say what becomes of a single time that clocks skip: here it is the moment an hour later
    /// on the clock.
    @Test(arguments: [
        ("2026-07-01T12:00:00", "2026-07-01T10:00"), ("2026-12-01T12:00:00", "2026-12-01T11:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30"), ("2026-10-25T02:30:00", "2026-10-25T00:30"),
    ])
    func `what happens once is due by the clocks of its zone`(local: String, due: String) throws {
        #expect(
            try Self.moments(
                "at(\(local))",
                in: ScheduleMoments.berlin,
                after: "2026-01-01T00:00:00",
                until: "2027-01-01T00:00:00"
            ) == [due]
        )
    }

    @Test(
        arguments: [
            ("rate(1 minute)", "2026-06-01T00:00:30", "2026-06-01T00:00"),
            ("rate(7 days)", "2026-01-20T00:00:00", "2026-01-15T00:00"),
            ("cron(0 8 ? * MON *)", "2026-01-10T00:00:00", "2026-01-05T08:00"),
            ("cron(0,1 0 * * ? *)", "2026-01-10T12:00:00", "2026-01-10T00:01"),
            ("cron(0 0 29 2 ? *)", "2031-01-01T00:00:00", "2028-02-29T00:00"),
            ("at(2026-01-02T00:00:00)", "2026-01-05T00:00:00", "2026-01-02T00:00"),
            ("rate(7 days)", "2026-01-07T00:00:00", nil),
        ] as [(String, String, String?)]
    )
    func `of those that were missed the last is found`(
        text: String,
        limit: String,
        last: String?
    ) throws {
        let start = ScheduleMoments.utc("2026-01-01T00:00:00")
        let occurrences = Occurrences(
            try #require(ScheduleExpression(text)),
            in: .utc,
            anchor: start
        )
        let found = occurrences.last(after: start, notAfter: ScheduleMoments.utc(limit))
        #expect(found.map(ScheduleMoments.text) == last)
    }
}
