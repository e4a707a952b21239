internal import ShaleWire

/// One request as it came over a connection, whole: its bytes, and where in them its parts are.
///
/// Nothing is made of a part before somebody asks for it: the data plane looks at the method, the path,
/// the target and the body, all of them where they came.
struct HTTPRequest: Sendable {
    typealias Header = SignableRequest.Header

    /// The head as it came, and behind it the body without the marks of its chunks.
    var bytes: [UInt8] = []
    private var methodPart = Part()
    private var pathPart = Part()
    private var queryPart = Part()
    private var headersPart = Part()
    private var bodyPart = Part()
    private var hostPart = Part.absent
    private var targetPart = Part.absent
    private var codingPart = Part.absent
    private var acceptedCodingsPart = Part.absent
    /// Whether the client wants to go on using the connection.
    var keepsAlive = true
    /// Whether the client speaks HTTP/1.0, and must be told that the connection stays.
    var isVersion10 = false
    /// Which shard of the metrics counts it.
    var shard = 0
    /// Whose request it is; nil where it came over no connection.
    var client: ConnectionPresence?

    var methodRange: Range<Int> {
        get { methodPart.range }
        set { methodPart = Part(newValue) }
    }
    /// Empty stands for a slash.
    var pathRange: Range<Int> {
        get { pathPart.range }
        set { pathPart = Part(newValue) }
    }
    var queryRange: Range<Int> {
        get { queryPart.range }
        set { queryPart = Part(newValue) }
    }
    /// The lines of the headers, each with its end; checked by the parser.
    var headersRange: Range<Int> {
        get { headersPart.range }
        set { headersPart = Part(newValue) }
    }
    var bodyRange: Range<Int> {
        get { bodyPart.range }
        set { bodyPart = Part(newValue) }
    }
    /// The values of the first header of these names.
    var hostRange: Range<Int>? {
        get { hostPart.present }
        set { hostPart = Part(newValue) }
    }
    var targetRange: Range<Int>? {
        get { targetPart.present }
        set { targetPart = Part(newValue) }
    }
    /// The coding of the body, and which codings the client takes for the response.
    var codingRange: Range<Int>? {
        get { codingPart.present }
        set { codingPart = Part(newValue) }
    }
    var acceptedCodingsRange: Range<Int>? {
        get { acceptedCodingsPart.present }
        set { acceptedCodingsPart = Part(newValue) }
    }

    var method: String { text(methodRange) }
    /// The path as sent, still percent-encoded.
    var path: String { pathRange.isEmpty ? "/" : text(pathRange) }
    /// The query as sent, without its question mark.
    var query: String { text(queryRange) }
    var body: [UInt8] { Array(bytes[bodyRange]) }

    /// Whether this is `POST /`, with or without a query.
    var isPostToRoot: Bool {
        isMethod("POST")
            && (pathRange.isEmpty || (pathRange.count == 1 && bytes[pathRange.lowerBound] == 0x2F))
    }

    /// Whether the method is `name`.
    func isMethod(_ name: StaticString) -> Bool {
        guard methodRange.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<name.utf8CodeUnitCount {
            // Safety: the index is below the count of the literal's bytes.
            guard unsafe name.utf8Start[index] == bytes[methodRange.lowerBound + index] else {
                return false
            }
        }
        return true
    }

    /// Names in lower case, in the order sent.
    var headers: [Header] {
        var headers: [Header] = []
        for line in bytes[headersRange].split(separator: 0x0A) {
            let whole = line.dropLast()
            guard let colon = whole.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = whole[..<colon].map { byte in
                UInt8(ascii: "A") <= byte && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            }
            let value = whole[(colon + 1)...]
            headers.append(
                Header(
                    lowercase: String(decoding: name, as: UTF8.self),
                    text(HTTPRequestParser.trimmed(value.startIndex..<value.endIndex, bytes.span))
                )
            )
        }
        return headers
    }

    /// The value of the first header of a name in lower case.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The text of a part.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// A range of a request's bytes in eight bytes.
///
/// A request is handed through several frames, and is far below 4 GiB (`HTTPLimits`).
private struct Part: Sendable {
    private var lower: UInt32 = 0
    private var upper: UInt32 = 0

    /// What is not there ends before it begins.
    static var absent: Part {
        var part = Part()
        part.lower = 1
        return part
    }

    init() {}

    init(_ range: Range<Int>) {
        lower = UInt32(range.lowerBound)
        upper = UInt32(range.upperBound)
    }

    init(_ range: Range<Int>?) {
        guard let range else {
            self = .absent
            return
        }
        self.init(range)
    }

    var range: Range<Int> { Int(lower)..<Int(upper) }
    var present: Range<Int>? { lower <= upper ? range : nil }
}

/// What a request breaks of HTTP or of a limit.
///
/// The connection cannot go on after it.
struct HTTPError: Error, Equatable {
    var status: Int
    var reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
