public import ShaleOperations
public import ShaleTables
public import ShaleWire

/// What a server is told when it starts.
public struct ServerConfiguration: Sendable {
    /// The name or address to listen on.
    ///
    /// Without credentials it must be of the loopback interface.
    public var host: String
    /// The port to listen on; 0 takes a free one.
    public var port: Int
    /// The directory of the database, made if it does not exist.
    public var dataDirectory: String
    /// Who may sign requests.
    ///
    /// If nobody, requests need no signature.
    public var credentials: [Credential]
    /// Whose keys those are that may not do everything, by their identity.
    public var callers: [String: Caller] = [:]
    /// The region in names of resources.
    public var region: String
    /// The account in names of resources: twelve digits.
    public var account = "000000000000"
    /// The directories of buckets, by the buckets' names.
    public var buckets: [String: String] = [:]
    /// How functions are run; nil is that none are.
    public var functions: FunctionSettings?
    /// Limits of HTTP.
    public var limits: HTTPLimits
    /// How the database is opened.
    public var database: DatabaseOptions
    /// The origin whose pages may use the server, or `*`; nil is none.
    public var crossOrigin: String?
    /// Whether the database has a clock that is set forward to what executions wait for; for tests.
    public var hasVirtualClock = false
    /// How long closing the database may take at the end.
    public var closeTimeout: Duration

    /// Puts a configuration together.
    public init(
        host: String = "127.0.0.1",
        port: Int = 8_000,
        dataDirectory: String,
        credentials: [Credential] = [],
        region: String = "local",
        limits: HTTPLimits = HTTPLimits(),
        database: DatabaseOptions = DatabaseOptions(),
        closeTimeout: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.dataDirectory = dataDirectory
        self.credentials = credentials
        self.region = region
        self.limits = limits
        self.database = database
        self.closeTimeout = closeTimeout
    }
}
