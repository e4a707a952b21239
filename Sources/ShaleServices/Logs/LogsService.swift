package import ShaleLogs

/// What operations of CloudWatch Logs work on.
package struct LogsService: Sendable {
    /// The logs of the database.
    package var logs: Logs
    /// The region in names of resources.
    package var region: String
    /// The account in names of resources.
    package var account: String
    /// Milliseconds since 1970-01-01 UTC.
    package var now: @Sendable () -> Int64

    /// Puts a service together.
    package init(
        logs: Logs,
        region: String,
        account: String,
        now: @escaping @Sendable () -> Int64
    ) {
        self.logs = logs
        self.region = region
        self.account = account
        self.now = now
    }
}

/// An operation of the JSON protocol: its name, and what it answers.
protocol LogsOperation: SendableMetatype {
    /// Its name.
    static var name: String { get }
    /// Answers a request.
    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply
}

extension LogsService {
    /// Runs what fails in the words of the logs.
    func checked<Answer: Sendable>(
        _ body: () async throws(LogsError) -> Answer
    ) async throws(RestError) -> Answer {
        do throws(LogsError) { return try await body() } catch { throw RestError(error) }
    }

    /// The resource name of a group.
    func resourceName(_ group: String) -> String {
        "arn:aws:logs:\(region):\(account):log-group:\(group)"
    }

    /// The name of a group that is given by it, or by its resource name with or without the `:*` at its end.
    ///
    /// - Throws: for one of another region or account, and for what is no name.
    func groupName(_ identifier: String) throws(RestError) -> String {
        guard identifier.hasPrefix("arn:") else { return identifier }
        let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
        let isGroup =
            parts.count == 7 || (parts.count == 8 && (parts[7] == "*" || parts[7].isEmpty))
        guard isGroup, parts[2] == "logs", parts[5] == "log-group", !parts[6].isEmpty else {
            throw .logs(.invalid, "\(identifier.prefix(256)) is no resource name of a log group.")
        }
        guard parts[3] == region, parts[4] == account else { throw RestError(LogsError.noGroup) }
        return String(parts[6])
    }
}

extension RestError {
    /// An error of the logs.
    init(_ error: LogsError) {
        switch error.code {
        case .alreadyExists: self.init("ResourceAlreadyExistsException", 400, error.message)
        case .notFound: self.init("ResourceNotFoundException", 400, error.message)
        case .invalid: self.init("InvalidParameterException", 400, error.message)
        case .limitExceeded: self.init("LimitExceededException", 400, error.message)
        case .failed: self.init("ServiceUnavailableException", 500, error.message)
        }
    }

    static func logs(_ code: LogsError.Code, _ message: String) -> RestError {
        RestError(LogsError(code, message))
    }

    /// Something of CloudWatch Logs that this server does not have.
    static func absentOfLogs(_ feature: String) -> RestError {
        .logs(.invalid, "\(feature) is not supported by this server; see Docs/Logs.md.")
    }
}
