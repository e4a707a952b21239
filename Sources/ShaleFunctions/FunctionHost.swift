/// Where functions run: processes, or closures of the program itself.
package protocol FunctionHost: Sendable {
    /// Says whether a runtime is here.
    ///
    /// - Throws: `.invalidParameter` with what is missing.
    func require(_ runtime: String) throws(FunctionError)
    /// Says whether an archive can be unpacked.
    ///
    /// - Returns: Bytes of its files together, unpacked.
    /// - Throws: `.invalidParameter` with what is wrong.
    func unzippedBytes(_ archive: [UInt8]) async throws(FunctionError) -> Int
    /// Whether what a function needs is where it is needed, as `prepare` puts it.
    func isPrepared(_ function: FunctionConfiguration) -> Bool
    /// Puts what a function needs where it is needed; answers what should be said about it.
    ///
    /// - Throws: what is wrong with the code or the machine.
    func prepare(
        _ function: FunctionConfiguration,
        code: FunctionCode
    ) async throws(FunctionError)
        -> String?
    /// Starts an environment, which initialises meanwhile.
    ///
    /// - Throws: what the machine refuses.
    func start(
        _ function: FunctionConfiguration,
        stream: String
    ) async throws(FunctionError)
        -> any FunctionEnvironment
}

/// The archives of a function.
package struct FunctionCode: Sendable {
    /// Its own.
    package var archive: [UInt8]
    /// Those of its layers; what is in a later one takes the place of what is in an earlier one.
    package var layers: [[UInt8]]

    /// Puts them together.
    package init(_ archive: [UInt8], layers: [[UInt8]] = []) {
        self.archive = archive
        self.layers = layers
    }
}

/// One environment: it runs one invocation at a time.
package protocol FunctionEnvironment: AnyObject, Sendable {
    /// The stream of the log that its lines go to.
    var stream: String { get }
    /// Whether it can run another invocation.
    var isAlive: Bool { get }
    /// Runs an invocation to its end.
    ///
    /// Where a stream is given, a function that answers piece by piece answers there, and the outcome has no payload.
    func invoke(_ invocation: Invocation, into stream: AnswerStream?) async -> InvocationOutcome
    /// Waits until it has initialised; false where it could not.
    func isInitialised() async -> Bool
    /// Ends it.
    func stop()
}

extension FunctionEnvironment {
    /// One that needs no initialising.
    package func isInitialised() async -> Bool { isAlive }

    /// Runs an invocation to its end, and answers all at once.
    package func invoke(_ invocation: Invocation) async -> InvocationOutcome {
        await invoke(invocation, into: nil)
    }
}

/// One call of a function.
package struct Invocation: Sendable {
    /// A UUID.
    package var requestID: String
    /// Which function, with the qualifier that the caller used.
    package var resourceName: String
    /// What it is called with.
    package var payload: [UInt8]
    /// What the caller said about itself, in Base64.
    package var clientContext: String?

    /// Puts a call together.
    package init(
        requestID: String,
        resourceName: String,
        payload: [UInt8],
        clientContext: String? = nil
    ) {
        self.requestID = requestID
        self.resourceName = resourceName
        self.payload = payload
        self.clientContext = clientContext
    }
}

/// How a call ended.
package struct InvocationOutcome: Sendable {
    /// What the function answered, or what is wrong.
    package var payload: [UInt8]
    /// `Unhandled`, where something is wrong.
    package var functionError: String?
    /// The type of an error behind a part of an answer, as the function told it.
    package var errorType: String?
    /// What the report says of it: `timeout`, `error`; nil is nothing.
    package var status: String?
    /// What initialising took before this call, in nanoseconds; nil where it was over already.
    package var initialisation: UInt64?
    /// What the call took, in nanoseconds.
    package var duration: UInt64
    /// The most memory, in bytes.
    package var residentBytes: Int
    /// The end of what the function wrote.
    package var lines: [String]

    /// Puts an outcome together.
    package init(
        payload: [UInt8],
        functionError: String? = nil,
        status: String? = nil,
        initialisation: UInt64? = nil,
        duration: UInt64 = 0,
        residentBytes: Int = 0,
        lines: [String] = []
    ) {
        self.payload = payload
        self.functionError = functionError
        self.status = status
        self.initialisation = initialisation
        self.duration = duration
        self.residentBytes = residentBytes
        self.lines = lines
    }
}
