internal import ShaleWire

// JSON 1.0 and 1.1: the operation stands in a header, all else in the body.

extension RestReply {
    /// What the bodies of this protocol are.
    package static let json10 = "application/x-amz-json-1.0"
    /// The same of its other version.
    package static let json11 = "application/x-amz-json-1.1"
}

extension RestError {
    /// The error as the protocol tells it: the name stands in the body, and what a client has done is status 400.
    ///
    /// - Parameter contentType: `RestReply.json10` or `RestReply.json11`.
    /// - Returns: The reply.
    package func jsonReply(_ contentType: String) -> RestReply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("__type")
        writer.string(name)
        writer.name("message")
        writer.string(message)
        writer.endObject()
        return RestReply(
            status: status < 500 ? 400 : status,
            contentType: contentType,
            body: writer.bytes
        )
    }
}
