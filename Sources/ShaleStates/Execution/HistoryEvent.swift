internal import OrderedCollections
package import ShaleJSON

/// One event of an execution's history, as GetExecutionHistory tells it.
package struct HistoryEvent: Sendable, Equatable {
    /// Counts from 1.
    package let id: Int
    /// The event that led to this one; 0 for the first ones.
    package let previousID: Int
    /// What happened: `PassStateEntered`, `TaskSucceeded` and the like.
    package let type: String
    /// Milliseconds since 1970.
    package let timestamp: Int64
    /// The member that holds the details, `stateEnteredEventDetails` …; nil where an event has none.
    package let detailsName: String?
    private let told: Details

    /// What an event tells.
    ///
    /// Most are of a few kinds, which need no object.
    enum Details: Sendable {
        /// The name of a state where there is one, and the text of its input or output.
        case data(state: String?, Data, String)
        case object(JSONObject)

        /// What a text of data is.
        enum Data { case input, output }
    }

    init(
        id: Int,
        previousID: Int,
        type: String,
        timestamp: Int64,
        detailsName: String?,
        told: Details
    ) {
        self.id = id
        self.previousID = previousID
        self.type = type
        self.timestamp = timestamp
        self.detailsName = detailsName
        self.told = told
    }

    /// An event with details of any kind.
    package init(
        id: Int,
        previousID: Int,
        type: String,
        timestamp: Int64,
        detailsName: String?,
        details: JSONObject
    ) {
        self.init(
            id: id,
            previousID: previousID,
            type: type,
            timestamp: timestamp,
            detailsName: detailsName,
            told: .object(details)
        )
    }

    package static func == (left: HistoryEvent, right: HistoryEvent) -> Bool {
        left.id == right.id && left.previousID == right.previousID && left.type == right.type
            && left.timestamp == right.timestamp && left.detailsName == right.detailsName
            && left.details == right.details
    }

    /// What the event tells.
    package var details: JSONObject { told.object }

    /// About how many bytes the event has: those of the texts that it tells.
    package var sizeBytes: Int { told.sizeBytes }

    /// The event as the service's answer has it; the time in seconds with a fraction.
    package var json: JSONValue {
        var members: JSONObject = [
            "timestamp": .double(Double(timestamp) / 1_000),
            "type": .string(type),
            "id": .integer(Int64(id)),
            "previousEventId": .integer(Int64(previousID)),
        ]
        if let detailsName { members[detailsName] = .object(details) }
        return .object(members)
    }

    /// Appends the bytes of `json`, without making the value.
    package func write(to bytes: inout [UInt8]) {
        var time: [UInt8] = []
        JSONValue.writeSeconds(milliseconds: timestamp, to: &time)
        write(to: &bytes, time: time)
    }

    /// The same; events of one turn have one time, which is then written once.
    package func write(to bytes: inout [UInt8], time: [UInt8]) {
        func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
        append("{\"timestamp\":")
        bytes += time
        append(",\"type\":\"")
        append(type)
        append("\",\"id\":")
        append(String(id))
        append(",\"previousEventId\":")
        append(String(previousID))
        if let detailsName {
            append(",\"")
            append(detailsName)
            append("\":")
            told.write(to: &bytes)
        }
        append("}")
    }
}

extension HistoryEvent.Details {
    /// As the service's answer has them.
    var object: JSONObject {
        switch self {
        case .object(let details): return details
        case .data(let state, let data, let text):
            var details: JSONObject = [:]
            if let state { details["name"] = .string(state) }
            details.setData(data == .input ? "input" : "output", text)
            return details
        }
    }

    /// About how many bytes these are: those of their texts.
    var sizeBytes: Int {
        switch self {
        case .data(_, _, let text): text.utf8.count
        case .object(let details):
            details.values.reduce(0) { sum, value in
                switch value {
                case .string(let text): sum + text.utf8.count
                case .object(let members):
                    sum + members.values.reduce(0) { $0 + ($1.text?.utf8.count ?? 0) }
                default: sum
                }
            }
        }
    }

    /// Appends the bytes of `object`.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .object(let details): JSONValue.object(details).write(to: &bytes)
        case .data(let state, let data, let text):
            func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
            append("{")
            if let state {
                append("\"name\":")
                JSONValue.write(state, to: &bytes)
                append(",")
            }
            append(data == .input ? "\"input\":" : "\"output\":")
            JSONValue.write(text, to: &bytes)
            append(data == .input ? ",\"inputDetails\":" : ",\"outputDetails\":")
            append("{\"truncated\":false}}")
        }
    }
}

extension JSONObject {
    private static let dataDetails = ["input": "inputDetails", "output": "outputDetails"]
    private static let whole: JSONValue = .object(["truncated": .bool(false)])

    /// A text of the data and whether it was cut off, which it never is.
    mutating func setData(_ name: String, _ text: String) {
        self[name] = .string(text)
        self[Self.dataDetails[name] ?? name + "Details"] = Self.whole
    }

    /// An error and its cause, where there are such.
    static func failure(_ failure: StateFailure) -> JSONObject {
        var details = JSONObject()
        if let error = failure.error { details["error"] = .string(error) }
        if let cause = failure.cause { details["cause"] = .string(cause) }
        return details
    }
}
