package import ShaleTables

/// What schedules can run, of one kind: functions, state machines.
package protocol ScheduleTarget: Sendable {
    /// Whether a resource name names one of this kind, here or not.
    func isNamed(by resourceName: String) -> Bool
    /// Checks what it is to be given, when a schedule is made; nil is the service's own event.
    ///
    /// - Throws: `.refused`.
    func check(input: [UInt8]?) throws(ScheduleTargetError)
    /// Prepares a start, which happens once its writes are written.
    ///
    /// - Parameters:
    ///   - resourceName: Which one.
    ///   - input: What it is given.
    ///   - firing: What the start is known by.
    /// - Returns: What is to be written in the record that notes that the schedule has fired.
    /// - Throws: `.refused` where it is not there or takes no more, `.failed`.
    func start(
        _ resourceName: String,
        input: [UInt8],
        _ firing: FiringIdentity
    ) async throws(ScheduleTargetError) -> ScheduledStart
}

/// What a start is known by to what is started.
package struct FiringIdentity: Sendable {
    /// A UUID: another one for each attempt.
    package var attempt: String
    /// A text that is the same for each attempt of one time of one schedule, and no other's.
    package var occurrence: String

    /// Puts it together.
    package init(attempt: String, occurrence: String) {
        self.attempt = attempt
        self.occurrence = occurrence
    }
}

/// A start that is prepared.
package struct ScheduledStart: Sendable {
    /// What makes it happen, once it is written.
    package var writes: SystemWrites
    /// Called once it is written.
    package var begin: @Sendable () async -> Void

    /// Puts a start together.
    package init(_ writes: SystemWrites, _ begin: @escaping @Sendable () async -> Void) {
        self.writes = writes
        self.begin = begin
    }
}

/// Why a target was not started.
package struct ScheduleTargetError: Error, Sendable, Equatable {
    /// Whose fault it is.
    package enum Code: Sendable {
        /// The target's: it counts as an attempt.
        case refused
        /// This server's: it does not count.
        case failed
    }

    /// Whose fault it is.
    package var code: Code
    /// What is wrong.
    package var message: String

    /// Puts an error together.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
