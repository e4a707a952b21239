internal import ShaleWire

/// One request as it came over a connection, whole.
struct HTTPRequest: Sendable {
    typealias Header = SignableRequest.Header

    var method = ""
    /// The path as sent, still percent-encoded.
    var path = ""
    /// The query as sent, without its question mark.
    var query = ""
    /// Names in lower case, in the order sent.
    var headers: [Header] = []
    var body: [UInt8] = []
    /// Whether the client wants to go on using the connection.
    var keepsAlive = true
    /// Whether the client speaks HTTP/1.0, and must be told that the connection stays.
    var isVersion10 = false

    /// The first value of a header; `name` in lower case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}

/// One response, whole.
struct HTTPResponse: Sendable, Equatable {
    var status: Int
    var contentType: String
    /// Headers beside content type, length and connection.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
    /// Whether the connection is closed after it, whatever the client wants.
    var closes = false

    static func == (left: HTTPResponse, right: HTTPResponse) -> Bool {
        left.status == right.status && left.contentType == right.contentType
            && left.body == right.body && left.closes == right.closes
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
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

/// What a request breaks of HTTP or of a limit.
///
/// The connection cannot go on after it.
struct HTTPError: Error, Equatable {
    var status: Int
    var reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
