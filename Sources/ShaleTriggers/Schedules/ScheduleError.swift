/// What is wrong with a request about schedules: the service's name for it, and a sentence.
package struct ScheduleError: Error, Sendable, Equatable {
    /// The service's names.
    package enum Code: String, Sendable {
        case conflict = "ConflictException"
        case notFound = "ResourceNotFoundException"
        case validation = "ValidationException"
        case quotaExceeded = "ServiceQuotaExceededException"
        case failed = "InternalServerException"
    }

    /// The service's name.
    package var code: Code
    /// What is wrong, and with what.
    package var message: String

    /// Puts an error together.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func missing(schedule name: String) -> ScheduleError {
        ScheduleError(.notFound, "Schedule \(name) does not exist.")
    }

    static func missing(group name: String) -> ScheduleError {
        ScheduleError(.notFound, "Schedule group \(name) does not exist.")
    }
}
