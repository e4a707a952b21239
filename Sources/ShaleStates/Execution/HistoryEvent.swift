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
    package let details: JSONObject

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
        func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
        append("{\"timestamp\":")
        JSONValue.writeSeconds(milliseconds: timestamp, to: &bytes)
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
            JSONValue.object(details).write(to: &bytes)
        }
        append("}")
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
