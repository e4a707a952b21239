internal import ShaleItems
internal import ShaleLogs
internal import ShaleWire

/// Lines of a group that a pattern matches, of all its streams in the order of their times.
///
/// One request looks at a bounded number of lines; a page may so be short or empty, and says where to go on.
enum FilterLogEvents: LogsOperation {
    static let name = "FilterLogEvents"

    private static let shape =
        LogsShapes.either + [
            Member("logStreamNames", .list(LogsShapes.stream, 1...100)),
            Member("logStreamNamePrefix", LogsShapes.stream),
            Member("startTime", LogsShapes.time), Member("endTime", LogsShapes.time),
            Member("filterPattern", .text(0...1_024)), Member("nextToken", LogsShapes.token),
            Member("limit", .whole(1...LogsLimits.linesPerRead)), Member("interleaved", .flag),
            Member("unmask", .flag),
        ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        let group = try service.group(members)
        let pattern = try FilterPattern(service.text(members, "filterPattern") ?? "")
        let limit = service.whole(members, "limit") ?? LogsLimits.linesPerRead
        let names = members["logStreamNames"]?.listValue?.compactMap(\.stringValue)
        let prefix = service.text(members, "logStreamNamePrefix")
        guard names == nil || prefix == nil else {
            throw .logs(.invalid, "logStreamNames and logStreamNamePrefix cannot both be given.")
        }
        let last = try service.text(members, "nextToken").map(LogsToken.line)
        let page = try await service.checked { () async throws(LogsError) in
            var streams = try await service.logs.streams(of: group, prefix: prefix ?? "")
            if let names {
                streams.removeAll { !names.contains($0.name) }
                guard streams.count == Set(names).count else { throw LogsError.noStream }
            }
            var lines = MergedLines(
                service.logs,
                streams,
                from: service.whole(members, "startTime").map { Int64($0) },
                through: service.whole(members, "endTime").map { Int64($0) },
                after: last
            )
            return try await lines.page(limit: limit, pattern.matches)
        }
        var answer: Item = [
            "events": .list(page.lines.map { .map(event($0)) }), "searchedLogStreams": [],
        ]
        if let last = page.last { answer["nextToken"] = .string(LogsToken.text(line: last)) }
        return RestReply(answer)
    }

    private static func event(_ line: LogLine) -> Item {
        var event = line.told
        event["logStreamName"] = .string(line.stream)
        // Two streams may have a line at one place.
        let stream = String(CRC32.checksum(Array(line.stream.utf8)))
        let padding = String(repeating: "0", count: 10 - stream.utf8.count)
        event["eventId"] = .string(line.place.text + padding + stream)
        return event
    }
}
