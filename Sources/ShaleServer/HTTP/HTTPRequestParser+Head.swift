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
    mutating func readRequestLine(_ line: Range<Int>) throws(HTTPError) {
        let malformed = HTTPError(400, "a request line has a method, a target and a version")
        let line = buffer[line]
        guard let first = line.firstIndex(of: 0x20), first > line.startIndex,
            line[..<first].allSatisfy(Self.isTokenByte),
            let second = line[(first + 1)...].firstIndex(of: 0x20)
        else { throw malformed }
        let version = line[(second + 1)...]
        guard version.starts(with: "HTTP/".utf8), !version.contains(0x20) else { throw malformed }
        switch version.count == 8
            ? (version[second + 6], version[second + 7], version[second + 8]) : (0, 0, 0)
        {
        case (0x31, 0x2E, 0x31): request.isVersion10 = false
        case (0x31, 0x2E, 0x30):
            request.isVersion10 = true
            request.keepsAlive = false
        default: throw HTTPError(400, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        request.methodRange = place(line.startIndex..<first)
        try readTarget(line[(first + 1)..<second])
    }

    /// A range of the buffer as places in the request.
    private func place(_ range: Range<Int>) -> Range<Int> {
        (range.lowerBound - begin)..<(range.upperBound - begin)
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
        let mark = local.firstIndex(of: UInt8(ascii: "?")) ?? local.endIndex
        request.pathRange = place(local.startIndex..<mark)
        let query = min(mark + 1, local.endIndex)
        request.queryRange = place(query..<local.endIndex)
    }

    // name: value
    mutating func readHeader(_ line: Range<Int>) throws(HTTPError) {
        let (name, value) = try split(line)
        switch name.count {
        case 4 where isName(name, "host"):
            framing.hostCount += 1
            if request.hostRange == nil { request.hostRange = place(value) }
        case 6 where isName(name, "expect"):
            guard text(value).lowercased().utf8.elementsEqual("100-continue".utf8) else {
                throw HTTPError(417, "the only expectation that can be met is 100-continue")
            }
            framing.expectsContinue = true
        case 10 where isName(name, "connection"): readConnection(text(value))
        case 12 where isName(name, "x-amz-target"):
            if request.targetRange == nil { request.targetRange = place(value) }
        case 14 where isName(name, "content-length"): try readContentLength(value)
        case 15 where isName(name, "accept-encoding"):
            if request.acceptedCodingsRange == nil { request.acceptedCodingsRange = place(value) }
        case 16 where isName(name, "content-encoding"):
            guard request.codingRange == nil else {
                throw HTTPError(400, "there are two content encodings")
            }
            request.codingRange = place(value)
        case 17 where isName(name, "transfer-encoding"): try readTransferEncoding(text(value))
        default: break
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: buffer[range], as: UTF8.self)
    }

    /// Whether a header's name is `name`, which is in lower case and as long.
    private func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
        for index in 0..<range.count {
            let byte = buffer[range.lowerBound + index]
            let isUpper = UInt8(ascii: "A") <= byte && byte <= UInt8(ascii: "Z")
            // Safety: the name is as long as the range.
            guard unsafe name.utf8Start[index] == (isUpper ? byte | 0x20 : byte) else {
                return false
            }
        }
        return true
    }

    /// Checks a trailer and forgets it.
    mutating func readTrailer(_ line: Range<Int>) throws(HTTPError) {
        _ = try split(line)
    }

    private mutating func split(
        _ line: Range<Int>
    ) throws(HTTPError) -> (name: Range<Int>, value: Range<Int>) {
        headerCount += 1
        guard headerCount <= limits.headerCount else {
            throw HTTPError(431, "there are more than \(limits.headerCount) headers")
        }
        let bytes = buffer.span
        var colon = line.lowerBound
        while colon < line.upperBound, Self.isTokenByte(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":")
        else {
            throw HTTPError(400, "a header has a name, directly followed by a colon")
        }
        let value = Self.trimmed((colon + 1)..<line.upperBound, bytes)
        for index in value {
            let byte = bytes[index]
            guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else {
                throw HTTPError(400, "a header's value has no control characters")
            }
        }
        return (line.lowerBound..<colon, value)
    }

    /// A range without the spaces and tabs at its ends.
    static func trimmed(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == 0x20 || bytes[lower] == 0x09 { lower += 1 }
        while lower < upper, bytes[upper - 1] == 0x20 || bytes[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }

    private mutating func readContentLength(_ value: Range<Int>) throws(HTTPError) {
        guard framing.contentLength == nil else {
            throw HTTPError(400, "there are two content lengths")
        }
        guard !value.isEmpty else { throw HTTPError(400, "a content length is a number") }
        var length = 0
        for index in value {
            let digit = buffer[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw HTTPError(400, "a content length is a number") }
            // Beyond the limit it is only checked for being a number.
            if length <= bodyLimit { length = length * 10 + Int(digit) }
        }
        guard length <= bodyLimit else { throw bodyTooLarge }
        framing.contentLength = length
    }

    private mutating func readTransferEncoding(_ value: String) throws(HTTPError) {
        guard !framing.isChunked else { throw HTTPError(400, "there are two transfer encodings") }
        guard value.lowercased().utf8.elementsEqual("chunked".utf8) else {
            throw HTTPError(400, "the only transfer encoding is chunked")
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
    mutating func endHead(_ end: Int) throws(HTTPError) -> Event? {
        request.headersRange = request.headersRange.lowerBound..<(end - begin)
        if request.isVersion10 {
            guard !framing.isChunked else { throw HTTPError(400, "HTTP/1.0 has no chunks") }
        } else if framing.hostCount != 1 {
            throw HTTPError(400, "a request has exactly one Host header")
        }
        guard !framing.isChunked || framing.contentLength == nil else {
            throw HTTPError(400, "a body has either a length or chunks")
        }
        let length = framing.contentLength ?? 0
        phase = framing.isChunked ? .chunkSize : .body(length: length)
        if framing.isChunked { beginChunks() }
        let waits = framing.expectsContinue && !request.isVersion10
        return waits && (framing.isChunked || length > 0) ? .continueExpected : nil
    }

    // 1A;extension
    mutating func readChunkSize(_ line: Range<Int>) throws(HTTPError) {
        let line = buffer[line]
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
        guard joinedBodyCount + size <= bodyLimit else { throw bodyTooLarge }
        phase = size == 0 ? .trailers : .chunk(remaining: size)
    }

    /// Code of functions is larger than all else.
    private var bodyLimit: Int {
        let path = begin + request.pathRange.lowerBound..<begin + request.pathRange.upperBound
        guard path.count > 1, !framing.isChunked else { return limits.bodyBytes }
        return buffer[path].starts(with: "/2015-03-31/functions".utf8)
            ? limits.codeBytes : limits.bodyBytes
    }

    private var bodyTooLarge: HTTPError {
        HTTPError(413, "a body has at most \(bodyLimit) bytes")
    }

    private static let chunkSizeDigits = 8

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// The bytes 0x21 to 0x7E that may stand in a method or a header's name, one bit each, from byte 0 on.
    private static let lowTokens: UInt64 = 0x03FF_6CFA_0000_0000
    private static let highTokens: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    /// Whether a byte may stand in a method or a header's name.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        guard byte < 0x80 else { return false }
        return (byte < 0x40 ? lowTokens : highTokens) >> UInt64(byte & 0x3F) & 1 == 1
    }
}
