package import ShaleFunctions
package import ShaleWire

/// What a request of a REST protocol is refused with.
package struct RestError: Error, Sendable, Equatable {
    /// The service's name for it.
    package var name: String
    /// The status of HTTP.
    package var status: Int
    /// What is wrong, and with what.
    package var message: String
    /// Why requests come too often.
    package var reason: String?

    /// Puts an error together.
    package init(_ name: String, _ status: Int, _ message: String, reason: String? = nil) {
        self.name = name
        self.status = status
        self.message = message
        self.reason = reason
    }

    /// An error of the registry or of an invocation.
    package init(_ error: FunctionError) {
        self.init(error.code.rawValue, error.code.status, error.message, reason: error.reason)
    }

    /// An error of reading the request, or of who sent it.
    package init(_ error: WireError) {
        let status =
            switch error.code {
            case .accessDenied, .unrecognizedClient, .invalidSignature, .incompleteSignature,
                .missingAuthenticationToken:
                403
            default: error.code.status
            }
        self.init(error.code.rawValue, status, error.message)
    }

    /// A member whose value has no sense here.
    static func invalidParameter(_ message: String) -> RestError {
        RestError(FunctionError(.invalidParameter, message))
    }

    /// Something that this server does not have.
    static func absent(_ feature: String) -> RestError {
        invalidParameter("\(feature) is not supported by this server; see Docs/Functions.md.")
    }

    /// The error as a reply: the name stands in a header, the rest in the body.
    package var reply: RestReply {
        var writer = JSONWriter()
        writer.beginObject()
        if let reason {
            writer.name("Reason")
            writer.string(reason)
        }
        writer.name("Type")
        writer.string(status < 500 ? "User" : "Service")
        writer.name(Self.capital.contains(name) ? "Message" : "message")
        writer.string(message)
        writer.endObject()
        return RestReply(
            status: status,
            headers: [("x-amzn-ErrorType", name)],
            body: writer.bytes
        )
    }

    /// Errors whose message is a member with a capital, by the service's model.
    private static let capital: Set<String> = [
        "InvalidRuntimeException", "InvalidZipFileException", "ResourceNotFoundException",
        "ServiceException", "ResourceInUseException",
    ]
}

extension FunctionError.Code {
    /// The status of HTTP, by the service's model.
    var status: Int {
        switch self {
        case .codeStorageExceeded, .invalidParameter, .resourceInUse, .unsupported: 400
        case .resourceNotFound, .provisionedNotFound: 404
        case .resourceConflict: 409
        case .preconditionFailed: 412
        case .requestTooLarge: 413
        case .tooManyRequests: 429
        case .service: 500
        case .invalidZip, .invalidRuntime, .resourceNotReady: 502
        }
    }
}
