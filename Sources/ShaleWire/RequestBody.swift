/// The body of a request: a range of the bytes that came, which may hold its head as well.
public struct RequestBody: Sendable {
    /// What came.
    public let bytes: [UInt8]
    /// Where the body is.
    public let range: Range<Int>

    /// A body inside of `bytes`.
    public init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// A body that is all of `bytes`.
    public init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

    /// The body alone.
    public var array: [UInt8] { range.count == bytes.count ? bytes : Array(bytes[range]) }
}
