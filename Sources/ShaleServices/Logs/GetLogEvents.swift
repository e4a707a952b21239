internal import ShaleEngine
internal import ShaleItems
internal import ShaleLogs

/// Lines of a stream: the latest or the first, and from there on forwards and backwards.
///
/// A token names a place between two lines, and a direction; where nothing more is there, the answer has the same token again.
enum GetLogEvents: LogsOperation {
    static let name = "GetLogEvents"

    private static let shape =
        LogsShapes.either + [
            .required("logStreamName", LogsShapes.stream),
            Member("startTime", LogsShapes.time), Member("endTime", LogsShapes.time),
            Member("nextToken", LogsShapes.token),
            Member("limit", .whole(1...LogsLimits.linesPerRead)),
            Member("startFromHead", .flag), Member("unmask", .flag),
        ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        let group = try service.group(members)
        let side = try service.text(members, "nextToken").map(LogsToken.side)
        var range = Logs.Range()
        range.from = service.whole(members, "startTime").map { Int64($0) }
        range.to = service.whole(members, "endTime").map { Int64($0) }
        var isForward = members["startFromHead"]?.boolValue ?? false
        switch side {
        case .forward(let place):
            range.start = place
            isForward = true
        case .backward(let place):
            range.before = place
            isForward = false
        case nil: break
        }
        let (wanted, direction) = (range, isForward)
        let lines = try await service.checked { () async throws(LogsError) in
            try await service.logs.lines(
                of: service.text(members, "logStreamName") ?? "",
                in: group,
                wanted,
                limit: service.whole(members, "limit") ?? LogsLimits.linesPerRead,
                direction ? .ascending : .descending
            )
        }
        let (start, end) = bounds(lines, side, wanted)
        return RestReply([
            "events": .list(lines.map { .map($0.told) }),
            "nextForwardToken": .string(LogsToken.text(.forward(end))),
            "nextBackwardToken": .string(LogsToken.text(.backward(start))),
        ])
    }

    /// The places before the first and behind the last line that is answered.
    private static func bounds(
        _ lines: [LogLine],
        _ side: LogsToken.Side?,
        _ range: Logs.Range
    ) -> (start: LogPlace, end: LogPlace) {
        if let first = lines.first, let last = lines.last {
            return (first.place, last.place.behind)
        }
        switch side {
        case .forward(let place), .backward(let place): return (place, place)
        case nil:
            let start = LogPlace.start(of: range.from ?? 0)
            return (start, start)
        }
    }
}

extension LogLine {
    /// A line as the service tells it.
    var told: Item {
        [
            "timestamp": .number(Number(place.milliseconds)), "message": .string(text),
            "ingestionTime": .number(Number(ingestedMilliseconds)),
        ]
    }
}
