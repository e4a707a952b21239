package import ShaleItems

/// What the Query protocol wraps around answers and errors.
package struct QueryEnvelope: Sendable {
    /// What the bodies of this protocol are.
    package static let contentType = "text/xml"

    /// The name space of the service's answers.
    package let space: String
    /// What the request is known by.
    package let identity: String

    /// An envelope of a service's, for one request.
    package init(space: String, identity: String) {
        self.space = space
        self.identity = identity
    }

    /// The answer of an operation; nil is one without a result.
    package func answer(_ operation: String, _ result: Item?) -> String {
        var writer = XMLWriter()
        writer.element("\(operation)Response", space: space) { writer in
            if let result {
                writer.element("\(operation)Result") { $0.members(result) }
            }
            writer.element("ResponseMetadata") { $0.element("RequestId", text: identity) }
        }
        return writer.text + "\n"
    }

    /// An error.
    package func failure(_ code: String, _ message: String, isSender: Bool = true) -> String {
        var writer = XMLWriter()
        writer.element("ErrorResponse", space: space) { writer in
            writer.element("Error") { writer in
                writer.element("Type", text: isSender ? "Sender" : "Receiver")
                writer.element("Code", text: code)
                writer.element("Message", text: message)
            }
            writer.element("RequestId", text: identity)
        }
        return writer.text + "\n"
    }
}
