internal import ShaleItems
internal import ShaleLogs

/// Writes lines to a stream; those that are too old or too new are left out, and that is told.
enum PutLogEvents: LogsOperation {
    static let name = "PutLogEvents"

    private static let day: Int64 = 86_400_000
    private static let oldest = 14 * day
    private static let newest: Int64 = 2 * 3_600_000

    private static let shape: [Member] = [
        .required("logGroupName", LogsShapes.group), .required("logStreamName", LogsShapes.stream),
        .required(
            "logEvents",
            .list(
                .structure([
                    .required("timestamp", LogsShapes.time),
                    .required("message", .text(1...LogsLimits.writeSizeBytes)),
                ]),
                1...LogsLimits.linesPerWrite
            )
        ),
        Member("sequenceToken", .text(1...256)),
    ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        let events = members["logEvents"]?.listValue?.compactMap(\.mapValue) ?? []
        let lines = events.map { event in
            (
                milliseconds: Int64(service.whole(event, "timestamp") ?? 0),
                text: service.text(event, "message") ?? ""
            )
        }
        try check(lines)
        let group = service.text(members, "logGroupName") ?? ""
        let stream = service.text(members, "logStreamName") ?? ""
        let now = service.now()
        let rejected = try await service.checked { () async throws(LogsError) in
            let retention = try await service.logs.group(group).retentionDays
            let horizon = retention.map { now - Int64($0) * day } ?? .min
            let taken = lines.filter { line in
                line.milliseconds >= max(now - oldest, horizon)
                    && line.milliseconds <= now + newest
            }
            try await service.logs.append(taken, to: stream, in: group)
            return rejections(lines.map(\.milliseconds), now, horizon)
        }
        var answer: Item = ["nextSequenceToken": .string(LogsService.sequenceToken)]
        if !rejected.isEmpty { answer["rejectedLogEventsInfo"] = .map(rejected) }
        return RestReply(answer)
    }

    private static func check(
        _ lines: [(milliseconds: Int64, text: String)]
    ) throws(RestError) {
        let size = lines.reduce(0) { $0 + $1.text.utf8.count + LogsLimits.lineOverheadBytes }
        guard size <= LogsLimits.writeSizeBytes else {
            throw .logs(
                .invalid,
                "Upload too large: \(size) bytes exceeds limit of \(LogsLimits.writeSizeBytes)"
            )
        }
        for (line, next) in zip(lines, lines.dropFirst())
        where line.milliseconds > next.milliseconds {
            throw .logs(
                .invalid,
                "Log events in a single PutLogEvents request must be in chronological order."
            )
        }
        guard let first = lines.first, let last = lines.last,
            last.milliseconds - first.milliseconds <= day
        else {
            throw .logs(
                .invalid,
                "The batch of log events in a single PutLogEvents request cannot span more than 24 "
                    + "hours."
            )
        }
    }

    /// How many of the first are too old, and from which on they are too new; times are in order.
    private static func rejections(_ times: [Int64], _ now: Int64, _ horizon: Int64) -> Item {
        let expired = times.filter { $0 < horizon }.count
        let old = times.filter { $0 < now - oldest }.count
        let new = times.firstIndex { $0 > now + newest }
        var rejected: Item = [:]
        if expired > 0 { rejected["expiredLogEventEndIndex"] = .number(Number(expired)) }
        if old > 0 { rejected["tooOldLogEventEndIndex"] = .number(Number(old)) }
        rejected["tooNewLogEventStartIndex"] = new.map { .number(Number($0)) }
        return rejected
    }
}
