package import ShaleTables

/// Why logs did not do what they were asked for.
package struct LogsError: Error, Sendable, Equatable {
    /// What went wrong.
    package enum Code: Sendable, Equatable {
        case alreadyExists, notFound, invalid, limitExceeded, failed
    }

    /// What went wrong.
    package var code: Code
    /// What, where, why.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error of what keeps the logs.
    package init(_ error: DatabaseError) { self.init(.failed, error.message) }

    /// A group that is not there.
    package static let noGroup = LogsError(.notFound, "The specified log group does not exist.")
    /// A stream that is not there.
    package static let noStream = LogsError(.notFound, "The specified log stream does not exist.")
}
