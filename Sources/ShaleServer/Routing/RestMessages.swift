internal import ShaleServices
internal import ShaleWire

// Requests and responses of HTTP, as REST protocols take and give them.

extension RestCall {
    /// What operations read of a request.
    ///
    /// - Throws: `.serialization` for a query that is not encoded right.
    init(_ request: HTTPRequest, identity: String) throws(RestError) {
        guard let query = PercentCoding.pairs(of: request.query) else {
            throw RestError(WireError.serialization("The query is not encoded right."))
        }
        let headers = request.headers.map { ($0.name, $0.value) }
        self.init(
            query: query,
            headers: Dictionary(headers) { first, _ in first },
            body: request.body,
            host: request.hostRange.map { request.text($0) } ?? "",
            identity: identity
        )
    }
}

extension HTTPResponse {
    /// A reply of a REST protocol.
    init(_ reply: RestReply) {
        self.init(
            status: reply.status,
            contentType: reply.contentType,
            headers: reply.headers,
            body: reply.body,
            stream: reply.stream
        )
    }
}
