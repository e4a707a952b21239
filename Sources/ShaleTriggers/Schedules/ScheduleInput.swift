internal import ShaleItems
internal import ShalePlatform
internal import ShaleWire

/// What a schedule gives to its target.
struct ScheduleInput {
    let schedule: Schedule
    /// When it was due, in milliseconds since 1970-01-01 UTC.
    let scheduled: Int64
    /// Which attempt this is: 0 is the first.
    let attempt: Int
    /// What the invocation is known by.
    let identity: String

    /// The bytes.
    ///
    /// Where the schedule has an input, that, with values for the context attributes that the service's guide names ("Adding
    /// context attributes"); else the event that the service sends.
    var bytes: [UInt8] {
        guard var text = schedule.input else { return event }
        for (name, value) in [
            ("schedule-arn", schedule.resourceName), ("scheduled-time", time),
            ("execution-id", identity), ("attempt-number", String(attempt + 1)),
        ] {
            text.replace("<aws.scheduler.\(name)>", with: value)
        }
        return Array(text.utf8)
    }

    // 2026-01-01T08:00:00Z
    private var time: String {
        String(CivilDate(seconds: scheduled / 1_000).isoText(milliseconds: 0).prefix(19)) + "Z"
    }

    private var event: [UInt8] {
        // arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME
        let parts = schedule.resourceName.split(separator: ":", maxSplits: 5).map(String.init)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "0")
        writer.member("id", identity)
        writer.member("detail-type", "Scheduled Event")
        writer.member("source", "aws.scheduler")
        writer.member("account", parts.count > 4 ? parts[4] : "")
        writer.member("time", time)
        writer.member("region", parts.count > 3 ? parts[3] : "")
        writer.name("resources")
        writer.beginArray()
        writer.string(schedule.resourceName)
        writer.endArray()
        writer.member("detail", "{}")
        writer.endObject()
        return writer.bytes
    }
}
