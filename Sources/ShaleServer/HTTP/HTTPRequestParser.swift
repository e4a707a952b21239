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
/// - `begin <= consumed <= scanned <= buffer.count`; bytes before `begin` are done with, those up to
///   `consumed` are of the request that is being read, and no line end lies between `consumed` and
///   `scanned`.
/// - Places in `request` count from `begin`, or, once it has chunks, from the start of `joined`.
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
        case requestLine, headers, body(length: Int)
        case chunkSize, chunk(remaining: Int), chunkEnd, trailers
        case failed(HTTPError)
    }

    let limits: HTTPLimits
    var phase = Phase.requestLine
    var request = HTTPRequest()
    var framing = Framing()
    var headerBytes = 0
    var headerCount = 0
    private(set) var buffer: [UInt8] = []
    private(set) var begin = 0
    private var consumed = 0
    private var scanned = 0
    /// Head and chunks of a request with chunks.
    private var joined: [UInt8] = []

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// How many bytes wait for `next`.
    var bufferedCount: Int { buffer.count - consumed }
    /// Whether nothing of a next request has come.
    var isBetweenRequests: Bool { phase == .requestLine && bufferedCount == 0 }
    /// Whether the head of a request has begun and has not ended.
    var isInsideHead: Bool {
        phase == .headers || (phase == .requestLine && bufferedCount > 0)
    }
    /// How many bytes of a body with chunks were joined so far.
    var joinedBodyCount: Int { joined.count - request.bodyRange.lowerBound }

    /// Takes bytes as they come.
    mutating func append(_ bytes: some Collection<UInt8>) {
        compact()
        buffer.append(contentsOf: bytes)
    }

    /// The next event, or nil when more bytes are needed.
    mutating func next() throws(HTTPError) -> Event? {
        do throws(HTTPError) {
            return try step()
        } catch {
            phase = .failed(error)
            buffer = []
            joined = []
            begin = 0
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
                    begin = consumed
                } else {
                    try readRequestLine(line)
                    request.headersRange = (consumed - begin)..<(consumed - begin)
                    phase = .headers
                }
            case .headers:
                guard let line = try headerLine() else { return nil }
                if !line.isEmpty {
                    try readHeader(line)
                } else if let event = try endHead(line.lowerBound) {
                    return event
                }
            case .body(let length):
                guard bufferedCount >= length else { return nil }
                request.bodyRange = (consumed - begin)..<(consumed - begin + length)
                consumed += length
                scanned = consumed
                return finishRequest()
            case .chunkSize:
                guard let line = try line(limit: limits.requestLineBytes, tooLong: 400) else {
                    return nil
                }
                try readChunkSize(line)
            case .chunk(let remaining):
                let rest = takeChunk(upTo: remaining)
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

    /// Puts the head aside: the marks between chunks are not kept.
    mutating func beginChunks() {
        joined = Array(buffer[begin..<consumed])
        request.bodyRange = joined.count..<joined.count
        begin = consumed
    }

    /// Gives the request away and stands before the next one.
    private mutating func finishRequest() -> Event {
        if !joined.isEmpty {
            request.bytes = joined
            request.bodyRange = request.bodyRange.lowerBound..<joined.count
            joined = []
        } else if begin == 0, consumed == buffer.count {
            // The usual case: one request came, and its bytes go along with it.
            request.bytes = buffer
            buffer = []
            consumed = 0
            scanned = 0
        } else {
            request.bytes = Array(buffer[begin..<consumed])
        }
        begin = consumed
        let finished = request
        request = HTTPRequest()
        framing = Framing()
        headerBytes = 0
        headerCount = 0
        phase = .requestLine
        return .request(finished)
    }

    // MARK: Bytes

    /// The place of the next line without its end, or nil when it has not ended.
    private mutating func line(
        limit: Int,
        tooLong status: Int
    ) throws(HTTPError) -> Range<Int>? {
        scanned = Self.place(of: 0x0A, from: scanned, in: buffer.span)
        guard scanned - consumed <= limit else {
            throw HTTPError(status, "a line is longer than \(limit) bytes")
        }
        guard scanned < buffer.count else { return nil }
        guard scanned > consumed, buffer[scanned - 1] == 0x0D else {
            throw HTTPError(400, "a line must end with CR LF")
        }
        let line = consumed..<(scanned - 1)
        scanned += 1
        consumed = scanned
        return line
    }

    private mutating func headerLine() throws(HTTPError) -> Range<Int>? {
        let line = try line(limit: max(limits.headerBytes - headerBytes, 2), tooLong: 431)
        headerBytes += line.map { $0.count + 2 } ?? 0
        return line
    }

    /// Where a byte is, or the end; eight at a time.
    private static func place(of byte: UInt8, from start: Int, in bytes: Span<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let wanted = ones &* UInt64(byte)
        // Safety: every bit pattern of a byte is a byte.
        let words = unsafe bytes.bytes
        var place = start
        while bytes.count - place >= 8 {
            // Safety: eight bytes are inside, and every bit pattern is an integer.
            let word = unsafe UInt64(
                littleEndian: words.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            )
            let different = word ^ wanted
            let found = (different &- ones) & ~different & (ones &* 0x80)
            guard found == 0 else { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < bytes.count, bytes[place] != byte { place += 1 }
        return place
    }

    /// Moves bytes to the body and says how many are missing.
    private mutating func takeChunk(upTo wanted: Int) -> Int {
        let count = min(wanted, bufferedCount)
        joined.append(contentsOf: buffer[consumed..<(consumed + count)])
        consumed += count
        scanned = consumed
        begin = consumed
        return wanted - count
    }

    /// Drops bytes that are done with, so that what is held is what has not been read.
    private mutating func compact() {
        if !joined.isEmpty { begin = consumed }
        guard begin > 0 else { return }
        if begin == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
        } else if begin >= Self.keptCapacity {
            buffer.removeFirst(begin)
        } else {
            return
        }
        scanned -= begin
        consumed -= begin
        begin = 0
    }

    /// The buffer that an idle connection keeps.
    private static let keptCapacity = 16 * 1024
}
