import ShalePlatform

@testable import ShaleTriggers

/// Moments as tests write them.
enum ScheduleMoments {
    /// Milliseconds since 1970 of a text like `2026-03-29T01:30:00`, taken as UTC.
    static func utc(_ text: String) -> Int64 {
        guard case .at(let local) = ScheduleExpression("at(\(text))") else {
            preconditionFailure("\(text) is no time")
        }
        return local * 1_000
    }

    /// The text of a moment, in UTC, without seconds where they are none.
    static func text(_ milliseconds: Int64) -> String {
        let text = CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: 0).prefix(19)
        return String(text.hasSuffix(":00") ? text.dropLast(3) : text)
    }

    /// Germany's rule since 1996: summer time from the last Sunday of March to that of October.
    static let berlin = zone("CET-1CEST,M3.5.0,M10.5.0/3")
    /// The rule of the United States since 2007, east coast.
    static let newYork = zone("EST5EDT,M3.2.0,M11.1.0")
    /// Lord Howe Island, which changes by half an hour, in the southern summer.
    static let lordHowe = zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")

    static func zone(_ rule: String) -> Zone {
        guard let rule = ZoneRule(rule) else { preconditionFailure("\(rule) is no rule") }
        return Zone(first: rule.standard, rule: rule)
    }
}
