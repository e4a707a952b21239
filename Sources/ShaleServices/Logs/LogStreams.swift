internal import ShaleItems
internal import ShaleLogs

// Streams: made, deleted, listed.

/// Makes a stream.
enum CreateLogStream: LogsOperation {
    static let name = "CreateLogStream"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let (group, stream) = try service.namedStream(call)
        try await service.checked { () async throws(LogsError) in
            try await service.logs.createStream(stream, in: group)
        }
        return RestReply()
    }
}

/// Deletes a stream with its lines.
enum DeleteLogStream: LogsOperation {
    static let name = "DeleteLogStream"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let (group, stream) = try service.namedStream(call)
        try await service.checked { () async throws(LogsError) in
            try await service.logs.deleteStream(stream, in: group)
        }
        return RestReply()
    }
}

/// Lists the streams of a group by their names, or by the times of their latest lines.
enum DescribeLogStreams: LogsOperation {
    static let name = "DescribeLogStreams"

    private static let shape =
        LogsShapes.either + [
            Member("logStreamNamePrefix", LogsShapes.stream),
            Member("orderBy", .word(["LogStreamName", "LastEventTime"])),
            Member("descending", .flag), Member("nextToken", LogsShapes.token),
            Member("limit", .whole(1...50)),
        ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        let group = try service.group(members)
        let prefix = service.text(members, "logStreamNamePrefix")
        let isByTime = service.text(members, "orderBy") == "LastEventTime"
        guard !isByTime || prefix == nil else {
            throw .logs(.invalid, "Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        let limit = service.whole(members, "limit") ?? 50
        let last = try service.text(members, "nextToken").map(LogsToken.time)
        var streams = try await service.checked { () async throws(LogsError) in
            try await service.logs.streams(of: group, prefix: prefix ?? "")
        }
        // Streams without lines come first, as if theirs were the oldest.
        func time(_ stream: LogStream) -> Int64 { isByTime ? stream.lastMilliseconds ?? 0 : 0 }
        let isDescending = members["descending"]?.boolValue ?? false
        func precedes(_ left: (Int64, String), _ right: (Int64, String)) -> Bool {
            isDescending ? right < left : left < right
        }
        streams.sort { precedes((time($0), $0.name), (time($1), $1.name)) }
        if let last {
            streams.removeAll { !precedes((last.time, last.name), (time($0), $0.name)) }
        }
        let page = streams.prefix(limit)
        var answer: Item = ["logStreams": .list(page.map { .map(service.told($0)) })]
        if streams.count > limit, let last = page.last {
            answer["nextToken"] = .string(LogsToken.text(time: time(last), name: last.name))
        }
        return RestReply(answer)
    }
}

extension LogsService {
    /// The group and the stream that a request names.
    fileprivate func namedStream(
        _ call: RestCall
    ) throws(RestError) -> (group: String, stream: String) {
        let members = try call.members([
            .required("logGroupName", LogsShapes.group),
            .required("logStreamName", LogsShapes.stream),
        ])
        return (text(members, "logGroupName") ?? "", text(members, "logStreamName") ?? "")
    }

    /// A stream as lists tell it; the service itself has stopped to say how many bytes one has.
    fileprivate func told(_ stream: LogStream) -> Item {
        let name = resourceName(stream.group) + ":log-stream:\(stream.name)"
        var told: Item = [
            "logStreamName": .string(stream.name), "arn": .string(name), "storedBytes": 0,
            "creationTime": .number(Number(stream.createdMilliseconds)),
            "uploadSequenceToken": .string(LogsService.sequenceToken),
        ]
        told["firstEventTimestamp"] = stream.firstMilliseconds.map { .number(Number($0)) }
        told["lastEventTimestamp"] = stream.lastMilliseconds.map { .number(Number($0)) }
        told["lastIngestionTime"] = stream.ingestedMilliseconds.map { .number(Number($0)) }
        return told
    }

    /// What clients of former years passed from one write to the next; it is told, and not asked for.
    static let sequenceToken = String(repeating: "0", count: 55) + "1"
}
