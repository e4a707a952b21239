internal import ShaleWire

// A response as bytes.

extension HTTPResponse {
    /// What a client that asked with `Expect: 100-continue` gets first.
    static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Head and body.
    ///
    /// `keepsAlive` is what the connection will do, and what is said about it.
    func bytes(keepsAlive: Bool, toVersion10: Bool, withoutBody: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 320)
        appendHead(keepsAlive: keepsAlive, toVersion10: toVersion10, to: &bytes)
        if !withoutBody { bytes.append(contentsOf: body) }
        return bytes
    }

    /// The head with the empty line that ends it.
    func appendHead(keepsAlive: Bool, toVersion10: Bool, to bytes: inout [UInt8]) {
        append(status == 200 ? "HTTP/1.1 200 OK\r\nContent-Type: " : "HTTP/1.1 ", to: &bytes)
        if status != 200 {
            Self.append(number: status, to: &bytes)
            bytes.append(0x20)
            append(Self.reason(status), to: &bytes)
            if status != Self.noContent { append("\r\nContent-Type: ", to: &bytes) }
        }
        // RFC 9110, section 8.6: what has no content has no length either.
        if status != Self.noContent {
            append(contentType, to: &bytes)
            if stream == nil {
                append("\r\nContent-Length: ", to: &bytes)
                Self.append(number: body.count, to: &bytes)
            } else if !toVersion10 {
                // To the older version, the end of the connection is the end of the body.
                append("\r\nTransfer-Encoding: chunked", to: &bytes)
            }
        }
        append("\r\n", to: &bytes)
        if let identity {
            append("x-amzn-RequestId: ", to: &bytes)
            identity.append(to: &bytes)
            append("\r\nx-amz-crc32: ", to: &bytes)
            Self.append(number: Int(CRC32.checksum(body)), to: &bytes)
            append("\r\n", to: &bytes)
        }
        for header in headers {
            append(header.name, to: &bytes)
            append(": ", to: &bytes)
            append(header.value, to: &bytes)
            append("\r\n", to: &bytes)
        }
        bytes.append(contentsOf: dateLine)
        if !keepsAlive {
            append("Connection: close\r\n", to: &bytes)
        } else if toVersion10 {
            append("Connection: keep-alive\r\n", to: &bytes)
        }
        append("\r\n", to: &bytes)
    }

    /// A piece of a body whose length is not known, as `chunked` has it (RFC 9112, section 7.1).
    static func chunk(_ piece: [UInt8]) -> [UInt8] {
        Array((String(piece.count, radix: 16) + "\r\n").utf8) + piece + [0x0D, 0x0A]
    }

    /// What ends such a body.
    static let lastChunk = Array("0\r\n\r\n".utf8)

    private func append(_ text: String, to bytes: inout [UInt8]) {
        // Safety: the buffer is copied before the closure returns.
        unsafe text.utf8Span.span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private static func append(number: Int, to bytes: inout [UInt8]) {
        var place = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / place % 10))
            place /= 10
        }
    }

    private static let noContent = 204

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case noContent: "No Content"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        default: "Status \(status)"
        }
    }
}
