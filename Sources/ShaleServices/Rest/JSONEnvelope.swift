internal import ShaleWire

// JSON 1.1: the operation stands in a header, all else in the body.

extension RestReply {
    /// What the bodies of this protocol are.
    package static let json11 = "application/x-amz-json-1.1"
}

extension RestError {
    /// The error as the protocol JSON 1.1 tells it: the name stands in the body, and what a client has done is status 400.
    package var json11Reply: RestReply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("__type")
        writer.string(name)
        writer.name("message")
        writer.string(message)
        writer.endObject()
        return RestReply(
            status: status < 500 ? 400 : status,
            contentType: RestReply.json11,
            body: writer.bytes
        )
    }
}
