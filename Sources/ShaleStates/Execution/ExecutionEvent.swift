package import ShaleJSON

/// Names a timer that an execution has set.
package struct TimerID: Hashable, Sendable, Comparable {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package static func < (left: TimerID, right: TimerID) -> Bool { left.number < right.number }
}

/// Names a task that an execution has scheduled, or a run of a distributed Map.
package struct TaskID: Hashable, Sendable, Comparable {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package static func < (left: TaskID, right: TaskID) -> Bool { left.number < right.number }
}

/// What happens to an execution.
///
/// One that names a timer or task which is no longer there does nothing: it came too late.
package enum ExecutionEvent: Sendable {
    /// The first event of every execution.
    case start
    /// Goes on where the last step stopped for the sake of others.
    case proceed
    case timerFired(TimerID)

    /// A worker or a service has begun with a task; the name is that of a worker of an activity.
    case taskStarted(TaskID, workerName: String?)
    /// The service has taken a task on whose end will be told later; the output is its answer.
    case taskSubmitted(TaskID, output: JSONValue)
    case taskSucceeded(TaskID, output: JSONValue)
    case taskFailed(TaskID, error: String?, cause: String?)
    /// A task could not even be scheduled or started.
    case taskNotStarted(TaskID, error: String?, cause: String?)
    case taskHeartbeat(TaskID)
    /// A child execution or request had no answer in time; time-outs of the definition come as timers.
    case taskTimedOut(TaskID)

    /// The items of a distributed Map, as its reader found them.
    case itemsRead(TaskID, items: [JSONValue])
    case itemsFailed(TaskID, cause: String)
    case childSucceeded(TaskID, index: Int, output: JSONValue)
    case childFailed(TaskID, index: Int, error: String?, cause: String?)
    /// The results of a distributed Map are written; the output says where.
    case resultsWritten(TaskID, output: JSONValue)
    case resultsFailed(TaskID, cause: String)
    /// The limits of a running distributed Map have changed; nil leaves one as it is.
    case mapRunUpdated(
        TaskID,
        maxConcurrency: Int?,
        toleratedCount: Int?,
        toleratedPercentage: Double?
    )

    /// The state has more bytes than whoever keeps it can keep.
    case tooLarge(bytes: Int, limit: Int)
    case stop(error: String?, cause: String?)
    /// Takes a failed, stopped or timed-out execution up again at the states that did not succeed.
    case redrive
}
