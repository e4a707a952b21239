// A response as bytes.

extension HTTPResponse {
    /// What a client that asked with `Expect: 100-continue` gets first.
    static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Head and body.
    ///
    /// `keepsAlive` is what the connection will do, and what is said about it.
    func bytes(keepsAlive: Bool, toVersion10: Bool, withoutBody: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 256)
        func line(_ parts: String...) {
            for part in parts { bytes.append(contentsOf: part.utf8) }
            bytes.append(contentsOf: [0x0D, 0x0A])
        }
        line("HTTP/1.1 ", String(status), " ", Self.reason(status))
        line("Content-Type: ", contentType)
        line("Content-Length: ", String(body.count))
        for header in headers { line(header.name, ": ", header.value) }
        if !keepsAlive {
            line("Connection: close")
        } else if toVersion10 {
            line("Connection: keep-alive")
        }
        line()
        if !withoutBody { bytes.append(contentsOf: body) }
        return bytes
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}
