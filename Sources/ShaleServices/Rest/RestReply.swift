internal import ShaleItems
internal import ShaleWire

/// What a request of a REST protocol is answered with.
package struct RestReply: Sendable {
    /// The status of HTTP.
    package var status: Int
    /// What the body is.
    package var contentType: String
    /// Headers beside those that every answer has.
    package var headers: [(name: String, value: String)]
    /// The body; empty where it is a stream.
    package var body: [UInt8]
    /// The body, where it is made while it is sent.
    package var stream: (any BodyStream)?

    /// Puts a reply together.
    package init(
        status: Int = 200,
        contentType: String = "application/json",
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A reply of members, as JSON.
    init(_ members: Item, status: Int = 200) {
        var writer = JSONWriter()
        writer.document(.map(members))
        self.init(status: status, body: writer.bytes)
    }

    /// A reply without a body.
    static let nothing = RestReply(status: 204)
}
