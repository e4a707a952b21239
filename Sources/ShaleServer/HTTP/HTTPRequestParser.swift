/// Bytes of an HTTP/1 connection to requests: a pure state machine.
///
///     request line → headers → body of known length ─────────────→ request
///                            → chunk size → chunk → chunk end ↺ → trailers → request
///
/// Total: every sequence of bytes, cut anywhere, gives the same requests and the same error.
/// Strict where leniency lets two parsers disagree about where a request ends (RFC 9112, section
/// 11.2): lines end with CR LF, one length or one coding, no white space before a colon, no folded
/// lines. Invariants:
///
/// - `consumed <= scanned <= buffer.count`; bytes before `consumed` are done with, and no line end
///   lies between `consumed` and `scanned`.
/// - After an error every call gives that error again.
struct HTTPRequestParser {
    /// What the bytes so far amount to.
    enum Event {
        /// A whole request.
        case request(HTTPRequest)
        /// The client waits for leave to send the body (`Expect: 100-continue`).
        case continueExpected
    }

    /// Where in a request the parser stands.
    enum Phase: Equatable {
        case requestLine, headers, body(remaining: Int)
        case chunkSize, chunk(remaining: Int), chunkEnd, trailers
        case failed(HTTPError)
    }

    let limits: HTTPLimits
    var phase = Phase.requestLine
    var request = HTTPRequest()
    var framing = Framing()
    var headerBytes = 0
    var headerCount = 0
    private var buffer: [UInt8] = []
    private var consumed = 0
    private var scanned = 0

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// How many bytes wait for `next`.
    var bufferedCount: Int { buffer.count - consumed }
    /// Whether nothing of a next request has come.
    var isBetweenRequests: Bool { phase == .requestLine && bufferedCount == 0 }
    /// Whether the head of a request has begun and has not ended.
    var isInsideHead: Bool {
        phase == .headers || (phase == .requestLine && bufferedCount > 0)
    }

    /// Takes bytes as they come.
    mutating func append(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next event, or nil when more bytes are needed.
    mutating func next() throws(HTTPError) -> Event? {
        if case .failed(let error) = phase { throw error }
        do throws(HTTPError) {
            let event = try step()
            compact()
            return event
        } catch {
            phase = .failed(error)
            buffer = []
            consumed = 0
            scanned = 0
            throw error
        }
    }

    private mutating func step() throws(HTTPError) -> Event? {
        while true {
            switch phase {
            case .requestLine:
                guard let line = try line(limit: limits.requestLineBytes, tooLong: 414) else {
                    return nil
                }
                // A line end left over from the request before is allowed once in a row.
                if line.isEmpty, !framing.skippedEmptyLine {
                    framing.skippedEmptyLine = true
                } else {
                    try readRequestLine(line)
                    phase = .headers
                }
            case .headers:
                guard let line = try headerLine() else { return nil }
                if !line.isEmpty {
                    try readHeader(line)
                } else if let event = try endHead() {
                    return event
                }
            case .body(let remaining):
                let rest = takeBody(upTo: remaining)
                phase = .body(remaining: rest)
                guard rest == 0 else { return nil }
                return finishRequest()
            case .chunkSize:
                guard let line = try line(limit: limits.requestLineBytes, tooLong: 400) else {
                    return nil
                }
                try readChunkSize(line)
            case .chunk(let remaining):
                let rest = takeBody(upTo: remaining)
                phase = rest == 0 ? .chunkEnd : .chunk(remaining: rest)
                guard rest == 0 else { return nil }
            case .chunkEnd:
                guard let line = try line(limit: 2, tooLong: 400) else { return nil }
                guard line.isEmpty else { throw HTTPError(400, "a chunk is longer than its size") }
                phase = .chunkSize
            case .trailers:
                guard let line = try headerLine() else { return nil }
                if line.isEmpty { return finishRequest() }
                try readTrailer(line)
            case .failed(let error):
                throw error
            }
        }
    }

    /// Gives the request away and stands before the next one.
    private mutating func finishRequest() -> Event {
        let finished = request
        request = HTTPRequest()
        framing = Framing()
        headerBytes = 0
        headerCount = 0
        phase = .requestLine
        return .request(finished)
    }

    // MARK: Bytes

    /// The next line without its end, or nil when it has not ended.
    private mutating func line(
        limit: Int,
        tooLong status: Int
    ) throws(HTTPError) -> ArraySlice<UInt8>? {
        while scanned < buffer.count, buffer[scanned] != 0x0A { scanned += 1 }
        guard scanned - consumed <= limit else {
            throw HTTPError(status, "a line is longer than \(limit) bytes")
        }
        guard scanned < buffer.count else { return nil }
        guard scanned > consumed, buffer[scanned - 1] == 0x0D else {
            throw HTTPError(400, "a line must end with CR LF")
        }
        let line = buffer[consumed..<(scanned - 1)]
        scanned += 1
        consumed = scanned
        return line
    }

    private mutating func headerLine() throws(HTTPError) -> ArraySlice<UInt8>? {
        let line = try line(limit: max(limits.headerBytes - headerBytes, 2), tooLong: 431)
        headerBytes += line.map { $0.count + 2 } ?? 0
        return line
    }

    /// Moves bytes to the body and says how many are missing.
    private mutating func takeBody(upTo wanted: Int) -> Int {
        let count = min(wanted, bufferedCount)
        request.body.append(contentsOf: buffer[consumed..<(consumed + count)])
        consumed += count
        scanned = consumed
        return wanted - count
    }

    /// Drops bytes that are done with, so that what is held is what has not been read.
    private mutating func compact() {
        if consumed == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
        } else if consumed >= Self.keptCapacity {
            buffer.removeFirst(consumed)
        } else {
            return
        }
        scanned -= consumed
        consumed = 0
    }

    /// The buffer that an idle connection keeps.
    private static let keptCapacity = 16 * 1024
}
