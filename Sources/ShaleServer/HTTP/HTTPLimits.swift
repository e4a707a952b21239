/// How large the parts of a request may be, and how long a client may take.
public struct HTTPLimits: Sendable, Equatable {
    /// The bytes of the request line, and of a line of a chunked body.
    public var requestLineBytes = 8 * 1024
    /// The bytes of all headers and trailers together.
    public var headerBytes = 64 * 1024
    /// How many headers and trailers there may be.
    public var headerCount = 100
    /// The bytes of a body, also of one that came compressed: the service's 16 MB.
    public var bodyBytes = 16 * 1024 * 1024
    /// The bytes of a body that may bring the code of a function: the service's limit.
    public var codeBytes = 70_167_211
    /// How many connections may be open.
    public var connections = 10_000
    /// How long a connection may stay open without a request.
    public var idleTimeout = Duration.seconds(120)
    /// How long the head of a request may take, from its first byte.
    public var headTimeout = Duration.seconds(15)
    /// How long a client may send nothing in the middle of a body, or take nothing of a response.
    public var stallTimeout = Duration.seconds(30)
    /// How long a shutdown waits for requests that run.
    public var drainTimeout = Duration.seconds(10)

    /// The defaults.
    public init() {}
}
