internal import ShaleWire

/// One response, whole.
struct HTTPResponse: Sendable {
    var status: Int
    var contentType: String
    /// Headers beside content type, length, connection, date and what `identity` brings.
    var headers: [(name: String, value: String)] = []
    /// Of a response of the API; brings the header of that name, and the checksum of the body.
    var identity: RequestID?
    /// The line of the `Date` header; empty is none.
    var dateLine: [UInt8] = []
    var body: [UInt8]
    /// Whether the connection is closed after it, whatever the client wants.
    var closes = false

    /// A line of text.
    static func text(_ status: Int, _ line: String, closes: Bool = false) -> HTTPResponse {
        HTTPResponse(
            status: status,
            contentType: "text/plain; charset=utf-8",
            body: Array((line + "\n").utf8),
            closes: closes
        )
    }
}
