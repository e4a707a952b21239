internal import ShaleWire

// The lines of a request: what they say and what is refused.

extension HTTPRequestParser {
    /// What the headers say about where the request ends.
    struct Framing {
        var contentLength: Int?
        var isChunked = false
        var hostCount = 0
        var expectsContinue = false
        var skippedEmptyLine = false
    }

    // METHOD target HTTP/1.1
    mutating func readRequestLine(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(Self.isTokenByte) else {
            throw HTTPError(400, "a request line has a method, a target and a version")
        }
        guard parts[2].starts(with: "HTTP/".utf8) else {
            throw HTTPError(400, "a request line has a method, a target and a version")
        }
        switch String(decoding: parts[2].dropFirst(5), as: UTF8.self) {
        case "1.1": request.isVersion10 = false
        case "1.0":
            request.isVersion10 = true
            request.keepsAlive = false
        default: throw HTTPError(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        request.method = String(decoding: parts[0], as: UTF8.self)
        try readTarget(parts[1])
    }

    private mutating func readTarget(_ target: ArraySlice<UInt8>) throws(HTTPError) {
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPError(400, "a target has only visible ASCII characters")
        }
        var local = target
        if target.first != UInt8(ascii: "/") {
            // The absolute form, as clients send it to a proxy: the authority is left out.
            let scheme = Array("http://".utf8)
            guard target.starts(with: scheme) else {
                throw HTTPError(400, "a target starts with a slash")
            }
            let authority = target.dropFirst(scheme.count)
            local = authority.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        }
        let parts = local.split(
            separator: UInt8(ascii: "?"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let path = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        request.path = path.isEmpty ? "/" : path
        request.query = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
    }

    // name: value
    mutating func readHeader(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        let (name, value) = try split(line)
        switch name {
        case "content-length": try readContentLength(value)
        case "transfer-encoding": try readTransferEncoding(value)
        case "host": framing.hostCount += 1
        case "connection": readConnection(value)
        case "expect":
            guard value.lowercased().utf8.elementsEqual("100-continue".utf8) else {
                throw HTTPError(417, "the only expectation that can be met is 100-continue")
            }
            framing.expectsContinue = true
        default: break
        }
        request.headers.append(HTTPRequest.Header(lowercase: name, value))
    }

    /// Checks a trailer and forgets it.
    mutating func readTrailer(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        _ = try split(line)
    }

    private mutating func split(
        _ line: ArraySlice<UInt8>
    ) throws(HTTPError) -> (name: String, value: String) {
        headerCount += 1
        guard headerCount <= limits.headerCount else {
            throw HTTPError(431, "there are more than \(limits.headerCount) headers")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(Self.isTokenByte)
        else {
            throw HTTPError(400, "a header has a name, directly followed by a colon")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw HTTPError(400, "a header's value has no control characters")
        }
        let name = line[..<colon].map { byte in
            UInt8(ascii: "A") <= byte && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
        }
        return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private mutating func readContentLength(_ value: String) throws(HTTPError) {
        guard framing.contentLength == nil else {
            throw HTTPError(400, "there are two content lengths")
        }
        guard !value.isEmpty, value.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
            throw HTTPError(400, "a content length is a number")
        }
        guard let length = Int(value), length <= limits.bodyBytes else { throw bodyTooLarge }
        framing.contentLength = length
    }

    private mutating func readTransferEncoding(_ value: String) throws(HTTPError) {
        guard !framing.isChunked else { throw HTTPError(400, "there are two transfer encodings") }
        guard value.lowercased().utf8.elementsEqual("chunked".utf8) else {
            throw HTTPError(501, "the only transfer encoding is chunked")
        }
        framing.isChunked = true
    }

    private mutating func readConnection(_ value: String) {
        for option in value.lowercased().split(separator: ",") {
            switch option.filter({ $0 != " " && $0 != "\t" }) {
            case "close": request.keepsAlive = false
            case "keep-alive" where request.isVersion10: request.keepsAlive = true
            default: break
            }
        }
    }

    /// Decides, at the empty line, where the request ends.
    mutating func endHead() throws(HTTPError) -> Event? {
        if request.isVersion10 {
            guard !framing.isChunked else { throw HTTPError(400, "HTTP/1.0 has no chunks") }
        } else if framing.hostCount != 1 {
            throw HTTPError(400, "a request has exactly one Host header")
        }
        guard !framing.isChunked || framing.contentLength == nil else {
            throw HTTPError(400, "a body has either a length or chunks")
        }
        let length = framing.contentLength ?? 0
        phase = framing.isChunked ? .chunkSize : .body(remaining: length)
        request.body.reserveCapacity(min(length, Self.reservedBodyBytes))
        let waits = framing.expectsContinue && !request.isVersion10
        return waits && (framing.isChunked || length > 0) ? .continueExpected : nil
    }

    // 1A;extension
    mutating func readChunkSize(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        let text = String(decoding: digits, as: UTF8.self)
        guard (1...Self.chunkSizeDigits).contains(digits.count),
            digits.allSatisfy(Self.isHexadecimal), let size = Int(text, radix: 16)
        else {
            throw HTTPError(400, "a chunk's size is a hexadecimal number")
        }
        let rest = line.dropFirst(digits.count).drop { $0 == 0x20 || $0 == 0x09 }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";"),
            rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else {
            throw HTTPError(400, "a chunk's size is followed by nothing or an extension")
        }
        guard request.body.count + size <= limits.bodyBytes else { throw bodyTooLarge }
        phase = size == 0 ? .trailers : .chunk(remaining: size)
    }

    private var bodyTooLarge: HTTPError {
        HTTPError(413, "a body has at most \(limits.bodyBytes) bytes")
    }

    /// What is reserved on a client's word; larger bodies grow as they come.
    private static let reservedBodyBytes = 64 * 1024
    private static let chunkSizeDigits = 8

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether a byte may stand in a method or a header's name.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#"),
            UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
