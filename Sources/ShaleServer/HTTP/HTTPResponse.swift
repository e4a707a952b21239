internal import ShaleServices
internal import ShaleWire

/// One response, whole but for a body that is made while it is sent.
struct HTTPResponse: Sendable {
    var status: Int
    var contentType: String
    /// Headers beside content type, length, connection, date and what `identity` brings.
    var headers: [(name: String, value: String)] = []
    /// Of a response of the API; brings the header of that name, and the checksum of the body.
    var identity: RequestID?
    /// The line of the `Date` header; empty is none.
    var dateLine: [UInt8] = []
    /// Empty where the body is a stream.
    var body: [UInt8]
    /// The body, where it is made while it is sent.
    var stream: (any BodyStream)?
    /// Whether the connection is closed after it, whatever the client wants.
    var closes = false

    /// The last response of a connection whose client breaks HTTP or a limit.
    ///
    /// A body that is too large is told in the API's form: it is what a client of the API can cause.
    static func refusal(_ error: HTTPError) -> HTTPResponse {
        guard error.status == WireError.Code.requestTooLarge.status else {
            return .text(error.status, error.reason, closes: true)
        }
        return HTTPResponse(
            status: error.status,
            contentType: Envelope.contentType,
            body: Envelope.body(of: WireError(.requestTooLarge, error.reason)),
            closes: true
        )
    }

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
