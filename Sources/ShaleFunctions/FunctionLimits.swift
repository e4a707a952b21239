/// How much of everything: the service's numbers.
package enum FunctionLimits {
    /// Bytes of a request that brings code.
    package static let codeRequestBytes = 70_167_211
    /// Bytes of code when it is unzipped.
    package static let unzippedBytes = 262_144_000
    /// Layers of a function.
    package static let layers = 5
    /// Bytes that a waited-for invocation takes.
    package static let payloadBytes = 6_291_456
    /// Bytes that a function may answer: the same, and what wraps it.
    package static let responseBytes = 6_291_556
    /// Bytes that a function may answer piece by piece.
    package static let streamedBytes = 200 * 1024 * 1024
    /// Bytes of such an answer that wait for who reads them, before the function waits.
    package static let heldStreamBytes = 256 * 1024
    /// Bytes that an event invocation takes.
    package static let eventBytes = 1_048_576
    /// Invocations of the account that run at the same time.
    package static let concurrency = 1_000
    /// Of these, what no function may reserve.
    package static let unreservedConcurrency = 100
    /// Bytes of the end of the log that a caller gets.
    package static let logTailBytes = 4_096
    /// Bytes of all environment variables.
    package static let variablesBytes = 4_096
    /// Tags of a function.
    package static let tags = 50
    /// Bytes of one line of the log; a longer one is cut in pieces.
    package static let lineBytes = 262_144
    /// Bytes of lines that wait to be kept.
    package static let waitingLogBytes = 16 * 1024 * 1024
    /// Streams of logs that are known to be there.
    static let knownStreams = 10_000
    /// How long initialising may take.
    package static let initialisation = Duration.seconds(10)
    /// How long an environment waits for another invocation.
    package static let idle = Duration.seconds(300)
    /// The most seconds of an invocation.
    package static let timeoutSeconds = 900
}
