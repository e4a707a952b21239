package import ShaleStates

/// What users are told of one execution; times are milliseconds since 1970-01-01 UTC.
package struct ExecutionDescription: Sendable {
    package var arn: String
    package var name: String
    package var machineARN: String
    package var versionARN: String?
    package var aliasARN: String?
    package var mapRunARN: String?
    package var status: ExecutionStatus
    package var startMilliseconds: Int64
    package var stopMilliseconds: Int64?
    package var input: String
    package var output: String?
    package var error: String?
    package var cause: String?
    package var traceHeader: String?
    package var redriveCount: Int
    package var redriveMilliseconds: Int64?
    /// Why it cannot be taken up again; nil where it can.
    package var redriveObstacle: String?
    /// Which definition it runs.
    package var revision: String

    /// Whether it can be taken up again; a child of a Map run with the run alone.
    package var redriveStatus: String {
        guard redriveObstacle == nil else { return "NOT_REDRIVABLE" }
        return mapRunARN == nil ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN"
    }
}

/// One line of a list of executions.
package struct ExecutionListing: Sendable {
    package var arn: String
    package var name: String
    package var status: ExecutionStatus
    package var startMilliseconds: Int64
    package var stopMilliseconds: Int64?
    package var versionARN: String?
    package var aliasARN: String?
    package var redriveCount: Int
    package var redriveMilliseconds: Int64?
    /// How many items of a Map run its input holds.
    package var itemCount = 1
    /// Whether it is of an EXPRESS machine.
    package var isExpress = false
}

/// How an execution ended for whose end the caller has waited.
package struct SynchronousEnd: Sendable {
    package var description: ExecutionDescription
    /// Milliseconds from start to end.
    package var durationMilliseconds: Int64
}
