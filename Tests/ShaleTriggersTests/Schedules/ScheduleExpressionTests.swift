import Testing

@testable import ShaleTriggers

@Suite struct ScheduleExpressionTests {
    /// Units as the API's reference lists them: "minute | minutes | hour | hours | day | days".
    @Test(
        arguments: [
            ("rate(1 minute)", 60), ("rate(1 minutes)", 60), ("rate(5 minutes)", 300),
            ("rate(1 hour)", 3_600), ("rate(12 hours)", 43_200), ("rate(1 day)", 86_400),
            ("rate(7 days)", 604_800),
        ] as [(String, Int64)]
    )
    func `a rate is a number and a unit`(text: String, seconds: Int64) {
        #expect(ScheduleExpression(text) == .rate(seconds: seconds))
    }

    @Test(
        arguments: [
            ("at(1970-01-01T00:00:00)", 0), ("at(2026-01-01T00:00:01)", 1_767_225_601),
            ("at(2024-02-29T23:59:59)", 1_709_251_199),
        ] as [(String, Int64)]
    )
    func `a time is that of a clock`(text: String, local: Int64) {
        #expect(ScheduleExpression(text) == .at(local: local))
    }

    /// The first twelve were refused by the service (LocalStack's snapshots of 2025-01-26).
    @Test(arguments: [
        "rate(10 seconds)", "rate(10 years)", "rate()", "rate(10)", "rate(10 minutess)",
        "rate(foo minutes)", "rate(-10 minutes)", "rate( 10 minutes )", " rate(10 minutes)",
        "at(2021-12-31T23:59:59Z)", "at(2021-12-31)", "cron()", "rate(0 minutes)",
        "rate(1.5 hours)", "rate(10 minutes", "rate(10 minutes) ", "Rate(10 minutes)",
        "at(2023-02-29T00:00:00)", "at(2026-13-01T00:00:00)", "at(2026-01-01T24:00:00)",
        "at(2026-01-01 00:00:00)", "every(5 minutes)", "", ")", "(", "rate",
        "rate(99999999999 days)",
    ])
    func `what is no expression is none`(_ text: String) {
        #expect(ScheduleExpression(text) == nil)
    }
}
