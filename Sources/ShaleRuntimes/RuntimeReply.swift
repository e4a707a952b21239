internal import ShaleFunctions

/// What a process is answered over the Runtime API.
///
/// Every body is JSON; errors have the members `errorMessage` and `errorType`.
struct RuntimeReply: Equatable {
    var status: Int
    var headers: [Header] = []
    var body: [UInt8]

    struct Header: Equatable {
        var name: String
        var value: String
    }

    /// The answer of a process was taken.
    static let accepted = RuntimeReply(status: 202, body: Array(#"{"status":"OK"}"#.utf8))

    /// An answer to an invocation that the process does not have.
    static let wrongIdentity = error(400, "InvalidRequestID", "Invalid request ID")

    /// An answer where none is due.
    static let wrongTime = error(
        403,
        "InvalidStateTransition",
        "There is no invocation that waits for this."
    )

    /// An answer that is longer than answers may be.
    static let tooLarge = error(
        413,
        "RequestEntityTooLarge",
        "Exceeded maximum allowed payload size (\(FunctionLimits.responseBytes) bytes)."
    )

    /// Not a call of the API.
    static let unknown = error(404, "NotFound", "There is no such call of the Runtime API.")

    private static func error(_ status: Int, _ type: String, _ message: String) -> RuntimeReply {
        let text = #"{"errorMessage":"\#(message)","errorType":"\#(type)"}"#
        return RuntimeReply(status: status, body: Array(text.utf8))
    }

    /// An invocation, with when it must be answered (milliseconds since 1970-01-01 UTC) and a trace.
    static func next(_ invocation: Invocation, deadline: Int64, trace: String) -> RuntimeReply {
        var headers = [
            Header(name: "Lambda-Runtime-Aws-Request-Id", value: invocation.requestID),
            Header(name: "Lambda-Runtime-Deadline-Ms", value: "\(deadline)"),
            Header(name: "Lambda-Runtime-Invoked-Function-Arn", value: invocation.resourceName),
            Header(name: "Lambda-Runtime-Trace-Id", value: trace),
        ]
        if let text = invocation.clientContext, let context = decodedContext(text) {
            headers.append(Header(name: "Lambda-Runtime-Client-Context", value: context))
        }
        // An invocation without a payload is one with an empty object.
        let body = invocation.payload.isEmpty ? Array("{}".utf8) : invocation.payload
        return RuntimeReply(status: 200, headers: headers, body: body)
    }

    /// What a client says of itself, out of its Base64; nil where a header cannot hold it.
    static func decodedContext(_ text: String) -> String? {
        guard let bytes = decodedBase64(text),
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of Base64; nil where it is none.
    static func decodedBase64(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var held = 0
        for letter in text.utf8 where letter != 0x3D {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            held = held << 6 | value
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> bits))
            held &= (1 << bits) - 1
        }
        return bytes
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
}
