/// What went wrong with a file: what was tried, on which path, and the system's reason.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Code: Sendable, Equatable {
        case notFound, alreadyExists, permissionDenied, noSpace, locked, notSupported,
            tooManyOpenFiles
        /// The device or the kernel failed (EIO and all other codes).
        case inputOutput
    }

    /// The kind of failure.
    public var code: Code
    /// The call that failed, as "sync" or "rename".
    public var operation: String
    /// The path it was made on.
    public var path: String
    /// The system's own words, as "No space left on device".
    public var reason: String

    /// Makes an error.
    public init(_ code: Code, _ operation: String, _ path: String, _ reason: String) {
        self.code = code
        self.operation = operation
        self.path = path
        self.reason = reason
    }

    /// "sync of a/b failed: Input/output error".
    public var description: String { "\(operation) of \(path) failed: \(reason)" }
}
