internal import OrderedCollections
internal import ShaleFunctions
internal import ShaleItems
internal import ShaleJSON
internal import ShaleStates

/// What of its events an execution writes to a group of logs, and how.
///
/// A line is an event, as the service writes it:
///
///     {"id":"2","type":"PassStateEntered","details":{"name":"P"},"previous_event_id":"0",
///      "event_timestamp":"1700000000000","execution_arn":"…","redrive_count":"0"}
struct ExecutionLogging: Sendable, Equatable {
    enum Level: String, Sendable {
        case all = "ALL"
        case error = "ERROR"
        case fatal = "FATAL"
    }

    var level: Level
    var includesData: Bool
    var group: String

    /// Bytes of an input or an output in a line, as JSON writes them, at most.
    static let dataBytes = 248 * 1_024
}

extension ExecutionLogging {
    /// Reads a machine's configuration; nil where it logs nothing.
    init?(configuration: Item?) {
        guard let configuration,
            let level = configuration["level"]?.stringValue.flatMap(Level.init(rawValue:)),
            let place = configuration["destinations"]?.listValue?.first,
            let group = LoggingRules.group(place)?.split(separator: ":").dropFirst(6).first
        else { return nil }
        self.init(
            level: level,
            includesData: configuration["includeExecutionData"]?.boolValue ?? false,
            group: String(group)
        )
    }

    /// The attribute of an execution's record.
    var item: Item {
        [
            "level": .string(level.rawValue), "data": .bool(includesData), "group": .string(group),
        ]
    }

    /// Reads the attribute; nil where it is none.
    init?(_ item: Item?) {
        guard let item, let group = item["group"]?.stringValue,
            let level = item["level"]?.stringValue.flatMap(Level.init(rawValue:))
        else { return nil }
        self.init(level: level, includesData: item["data"] == true, group: group)
    }

    /// Whether events of a type are written.
    func takes(_ type: String) -> Bool {
        switch level {
        case .all: true
        case .error: type == "FailStateEntered" || Self.isFailure(type)
        case .fatal: type.hasPrefix("Execution") && Self.isFailure(type)
        }
    }

    private static func isFailure(_ type: String) -> Bool {
        ["Failed", "Aborted", "TimedOut"].contains { type.hasSuffix($0) }
    }

    /// The line of an event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - arn: The execution.
    ///   - redrives: How often it was taken up again.
    /// - Returns: JSON.
    func line(_ event: HistoryEvent, of arn: String, redrives: Int) -> String {
        let details =
            includesData
            ? Self.truncated(event.details) : Executions.withoutData(event.details)
        return JSONValue.object([
            "id": .string(String(event.id)), "type": .string(event.type),
            "details": .object(details), "previous_event_id": .string(String(event.previousID)),
            "event_timestamp": .string(String(event.timestamp)), "execution_arn": .string(arn),
            "redrive_count": .string(String(redrives)),
        ]).json
    }

    /// Details whose data fits in a line; what is cut off is told to be.
    private static func truncated(_ details: JSONObject) -> JSONObject {
        var details = details
        for (name, value) in details {
            guard let text = value.text, text.utf8.count > dataBytes / 8,
                let cut = prefix(of: text)
            else { continue }
            details[name] = .string(cut)
            if details[name + "Details"] != nil {
                details[name + "Details"] = .object(["truncated": .bool(true)])
            }
        }
        return details
    }

    /// As much of a text as fits; nil where all of it does.
    private static func prefix(of text: String) -> String? {
        var bytes = 0
        for index in text.unicodeScalars.indices {
            switch text.unicodeScalars[index] {
            case "\"", "\\", "\n", "\r", "\t": bytes += 2
            case "\u{0}"..."\u{1F}": bytes += 6
            case let scalar: bytes += scalar.utf8.count
            }
            if bytes > dataBytes { return String(text[..<index]) }
        }
        return nil
    }
}

extension Executions {
    /// Writes what the log of a machine takes of new events; they are in the history already, or in none.
    func log(_ events: [HistoryEvent], of record: ExecutionRecord) {
        guard let log, let logging = record.logging, !events.isEmpty else { return }
        let arn = arn(record.key)
        let stream = "states/\(record.machineName)/\(logStream)"
        for event in events where logging.takes(event.type) {
            log.write(
                FunctionLine(
                    group: logging.group,
                    stream: stream,
                    text: logging.line(event, of: arn, redrives: record.redrives),
                    milliseconds: event.timestamp
                )
            )
        }
    }

    /// What is behind the machine in names of streams: the minute in which the server began, and eight digits.
    static func logStream(at now: Int64, _ unique: String) -> String {
        let minute = Timestamp.text(of: now).prefix(16).map { "T:".contains($0) ? "-" : $0 }
        return "\(String(minute))/\(unique.prefix(8))"
    }

    /// Details of an event without what users put in and got out.
    static func withoutData(_ details: JSONObject) -> JSONObject {
        var details = details
        for data in ["input", "output", "parameters", "assignedVariables"] {
            details[data] = nil
            details[data + "Details"] = nil
        }
        return details
    }
}
