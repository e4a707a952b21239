/// A function that is a closure of the program itself.
///
/// It passes the door that all functions pass: it is described, counted in, told in the log and counted in what was used. It has no
/// code that could be fetched or changed, and so no versions and no layers.
package struct FunctionClosure: Sendable {
    /// Answers JSON, or throws what its caller is told; untyped, since it is the user's.
    package typealias Body = @Sendable (ClosureCall) async throws -> [UInt8]

    /// What it is told to be.
    package var description: String
    /// Seconds that a call may take, 1 to 900; the task of one that takes longer is cancelled, and its caller told.
    package var timeoutSeconds: Int
    /// What is run.
    package let body: Body

    /// Puts a closure together.
    package init(description: String = "", timeoutSeconds: Int = 3, _ body: @escaping Body) {
        self.description = description
        self.timeoutSeconds = timeoutSeconds
        self.body = body
    }
}

/// One call of a closure.
package struct ClosureCall: Sendable {
    /// What it is called with, JSON.
    package let payload: [UInt8]
    /// A UUID.
    package let requestID: String
    /// Which function, with the qualifier that the caller used.
    package let resourceName: String
    /// What the caller said of itself, in Base64.
    package let clientContext: String?
    /// Writes a line to the function's log.
    package let log: @Sendable (String) -> Void
}
