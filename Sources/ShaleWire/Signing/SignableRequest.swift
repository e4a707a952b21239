/// What a signature covers: everything of an HTTP request but its version.
public struct SignableRequest: Sendable {
    /// One header.
    public struct Header: Sendable, Equatable {
        /// The name in lower case.
        public var name: String
        /// The value as sent.
        public var value: String

        /// Makes a header; the name is put into lower case.
        public init(_ name: String, _ value: String) {
            self.name = name.lowercased()
            self.value = value
        }

        /// Makes a header of a name that is in lower case already.
        public init(lowercase name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method.
    public var method: String
    /// The path as sent, still percent-encoded.
    public var path: String
    /// The query as sent, without its question mark.
    public var query: String
    /// The headers as sent; a name may occur twice.
    public var headers: [Header]
    /// The body.
    public var body: [UInt8]

    /// Makes a request.
    public init(method: String, path: String, query: String, headers: [Header], body: [UInt8]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first value of a header; `name` in lower case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}
