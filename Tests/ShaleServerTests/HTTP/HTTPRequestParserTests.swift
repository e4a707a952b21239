import Testing

@testable import ShaleServer

/// Bytes to requests.
///
/// Every text is fed whole and cut at every place, and byte by byte: what comes out must be the
/// same.
struct HTTPRequestParserTests {
    /// What a text amounts to, as one line per event.
    static func events(_ pieces: [[UInt8]], _ limits: HTTPLimits = HTTPLimits()) -> [String] {
        var parser = HTTPRequestParser(limits)
        var events: [String] = []
        for piece in pieces {
            parser.append(piece)
            do throws(HTTPError) {
                while let event = try parser.next() { events.append(describe(event)) }
            } catch {
                return events + ["\(error.status) \(error.reason)"]
            }
        }
        if !parser.isBetweenRequests { events.append(parser.isInsideHead ? "head…" : "body…") }
        return events
    }

    static func describe(_ event: HTTPRequestParser.Event) -> String {
        switch event {
        case .continueExpected: return "continue"
        case .request(let request):
            let query = request.query.isEmpty ? "" : "?" + request.query
            let body = String(decoding: request.body, as: UTF8.self)
            let end = request.keepsAlive ? "" : " close"
            return "\(request.method) \(request.path)\(query) [\(body)]\(end)"
        }
    }

    static func check(_ text: String, _ expected: [String], _ limits: HTTPLimits = HTTPLimits()) {
        let bytes = Array(text.utf8)
        #expect(events([bytes], limits) == expected)
        #expect(events(bytes.map { [$0] }, limits) == expected)
        for cut in bytes.indices {
            let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
            #expect(events(pieces, limits) == expected, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / []"]),
        (
            "POST /x?a=b?c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            ["POST /x?a=b?c [abc]"]
        ),
        ("POST / HTTP/1.1\r\nhost:a\r\nCONTENT-LENGTH:  2 \r\n\r\n\r\n", ["POST / [\r\n]"]),
        ("GET / HTTP/1.0\r\n\r\n", ["GET / [] close"]),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", ["GET / []"]),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", ["GET / [] close"]),
        ("GET http://h:1/p?q HTTP/1.1\r\nHost: h\r\n\r\n", ["GET /p?q []"]),
        ("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", ["GET / []"]),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["GET / []"]),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
            ["POST / [abc0123456789]"]
        ),
        (
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
            ["GET /1 []", "POST /2 [x]", "GET /3 []"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
            ["continue", "POST / [x]"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
            ["POST / []"]
        ),
        ("GET / HT", ["head…"]), ("GET / HTTP/1.1\r\nHost: a\r\n", ["head…"]),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", ["body…"]),
    ])
    func `requests come out as they were sent, wherever they are cut`(
        text: String,
        expected: [String]
    ) {
        Self.check(text, expected)
    }

    @Test(arguments: [
        ("GET /\r\n\r\n", "400 a request line has a method, a target and a version"),
        ("GET  / HTTP/1.1\r\n\r\n", "400 a request line has a method, a target and a version"),
        ("G@T / HTTP/1.1\r\n\r\n", "400 a request line has a method, a target and a version"),
        (" GET / HTTP/1.1\r\n\r\n", "400 a request line has a method, a target and a version"),
        (
            "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "400 a request line has a method, a target and a version"
        ),
        ("GET x HTTP/1.1\r\n\r\n", "400 a target starts with a slash"),
        ("GET /ä HTTP/1.1\r\n\r\n", "400 a target has only visible ASCII characters"),
        ("GET / HTTP/2.0\r\n\r\n", "400 only HTTP/1.1 and HTTP/1.0 are spoken here"),
        ("GET / HTTP/1.1\n\n", "400 a line must end with CR LF"),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", "400 a line must end with CR LF"),
        ("GET / HTTP/1.1\r\n\r\n", "400 a request has exactly one Host header"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "400 a request has exactly one Host header"
        ),
        (
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "400 a header has a name, directly followed by a colon"
        ),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", "400 a header has a name, directly followed by a colon"),
        (
            "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
            "400 a header has a name, directly followed by a colon"
        ),
        ("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "400 a header's value has no control characters"),
        ("GET / HTTP/1.1\r\nA: \0\r\n\r\n", "400 a header's value has no control characters"),
        (
            "GET / HTTP/1.1\r\nExpect: fun\r\n\r\n",
            "417 the only expectation that can be met is 100-continue"
        ),
    ])
    func `a malformed head is refused`(text: String, expected: String) {
        Self.check(text, [expected])
    }

    @Test(arguments: [
        ("Content-Length: 1\r\nContent-Length: 1", "400 there are two content lengths"),
        ("Content-Length: 1, 1", "400 a content length is a number"),
        ("Content-Length: +1", "400 a content length is a number"),
        ("Content-Length: -1", "400 a content length is a number"),
        ("Content-Length:", "400 a content length is a number"),
        ("Content-Length: 0x1", "400 a content length is a number"),
        ("Content-Length: 99999999999999999999", "413 a body has at most 16777216 bytes"),
        (
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "400 a body has either a length or chunks"
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 1",
            "400 a body has either a length or chunks"
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "400 there are two transfer encodings"
        ),
        ("Transfer-Encoding: gzip, chunked", "400 the only transfer encoding is chunked"),
        ("Transfer-Encoding: identity", "400 the only transfer encoding is chunked"),
        ("Transfer-Encoding: chunked\u{b}", "400 a header's value has no control characters"),
    ])
    func `a body with two ends is refused`(headers: String, expected: String) {
        Self.check("POST / HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n", [expected])
    }

    @Test(arguments: [
        ("\r\n", "400 a chunk's size is a hexadecimal number"),
        ("x\r\n", "400 a chunk's size is a hexadecimal number"),
        ("0x1\r\n", "400 a chunk's size is a hexadecimal number"),
        ("-1\r\n", "400 a chunk's size is a hexadecimal number"),
        ("111111111\r\n", "400 a chunk's size is a hexadecimal number"),
        ("1 1\r\n", "400 a chunk's size is followed by nothing or an extension"),
        ("FFFFFFFF\r\n", "413 a body has at most 16777216 bytes"),
        ("1\r\nab\r\n", "400 a chunk is longer than its size"),
        ("1\r\naxy\r\n", "400 a line is longer than 2 bytes"),
        ("1\r\nax\r\n", "400 a chunk is longer than its size"),
        ("1\na", "400 a line must end with CR LF"),
    ])
    func `a malformed chunk is refused`(chunks: String, expected: String) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        Self.check(head + chunks, [expected])
    }

    @Test func `each limit allows what it says and no more`() {
        var limits = HTTPLimits()
        limits.requestLineBytes = 32
        limits.headerBytes = 64
        limits.headerCount = 3
        limits.bodyBytes = 4
        func head(_ target: String, _ headers: String) -> String {
            "POST \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
        }
        let path = "/" + String(repeating: "p", count: 16)
        Self.check(head(path, ""), ["POST \(path) []"], limits)
        Self.check(head(path + "p", ""), ["414 a line is longer than 32 bytes"], limits)
        Self.check(head("/", "A: b\r\nC: d\r\n"), ["POST / []"], limits)
        Self.check(
            head("/", "A: b\r\nC: d\r\nE: f\r\n"),
            ["431 there are more than 3 headers"],
            limits
        )
        let long = String(repeating: "v", count: 64)
        #expect(
            Self.events([Array(head("/", "A: \(long)\r\n").utf8)], limits).first?.hasPrefix("431")
                == true
        )
        Self.check(head("/", "Content-Length: 4\r\n") + "abcd", ["POST / [abcd]"], limits)
        Self.check(head("/", "Content-Length: 5\r\n"), ["413 a body has at most 4 bytes"], limits)
        Self.check(
            head("/", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            ["413 a body has at most 4 bytes"],
            limits
        )
    }

    @Test func `a line without an end is refused before it fills memory`() {
        var parser = HTTPRequestParser(HTTPLimits())
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1_024)
        var fed = 0
        var failure: HTTPError?
        while failure == nil, fed < 100_000 {
            parser.append(piece)
            fed += piece.count
            do throws(HTTPError) { _ = try parser.next() } catch { failure = error }
        }
        #expect(failure?.status == 414)
        #expect(fed <= 16 * 1_024)
        #expect(throws: HTTPError.self) { _ = try parser.next() }
    }

    @Test func `no change of a byte makes the parser trap`() {
        let text = Array(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
                .utf8
        )
        var refused = 0
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                let whole = Self.events([changed])
                if whole.last?.first?.isNumber == true { refused += 1 }
                #expect(Self.events([Array(changed[..<index]), Array(changed[index...])]) == whole)
            }
        }
        #expect(refused > text.count)
    }
}
