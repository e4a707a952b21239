package import ShaleJSON

/// What an execution wants done.
package enum ExecutionCommand: Sendable, Equatable {
    case schedule(TaskRequest)
    /// Nobody waits for the task any more.
    case cancelTask(TaskID)
    /// Tell `timerFired` at a time in milliseconds since 1970, or as soon as possible after it.
    case setTimer(TimerID, due: Int64)
    case cancelTimer(TimerID)

    case readItems(ItemReadRequest)
    case startChildren(ChildRequest)
    /// The child executions of a Map run that still run are to stop.
    case stopChildren(TaskID)
    case writeResults(ResultWriteRequest)
    /// A Map run is there, for DescribeMapRun: told again with their number when items have been read, and without one when its
    /// limits have changed.
    case mapRunStarted(TaskID, arn: String, itemCount: Int?, limits: MapRunLimits)
    /// A Map run has ended; whether its writer has written results.
    case mapRunEnded(TaskID, arn: String, status: ExecutionStatus, hasWritten: Bool = false)

    /// Call again with `proceed`; more is to be done at once.
    case proceed
    case finish(ExecutionEnd)
}

/// A task that is to run.
package struct TaskRequest: Sendable, Equatable {
    package let id: TaskID
    package let resource: TaskResource
    package let arguments: JSONValue
    package let region: String
    /// In seconds, for workers that ask.
    package let timeoutSeconds: Int?
    package let heartbeatSeconds: Int?
    /// The token with which the end of the task is reported; for activities and `waitForTaskToken`.
    package let token: String?
    package let credentials: JSONValue?
}

/// Items of a distributed Map that are to be read.
package struct ItemReadRequest: Sendable, Equatable {
    package let id: TaskID
    package let resource: String
    package let parameters: JSONValue
    /// `ReaderConfig`, with `InputType`, `CSVHeaderLocation` and the like.
    package let configuration: JSONValue
    package let maxItems: Int?
}

/// Child executions that are to start, each with an input.
package struct ChildRequest: Sendable, Equatable {
    package struct Child: Sendable, Equatable {
        /// Which item, or which batch of items.
        package let index: Int
        package let input: JSONValue
        /// How many items the input holds: more than one in a batch.
        package let itemCount: Int
    }

    package let id: TaskID
    package let mapRunARN: String
    /// What they run: a scope of the program that this execution runs.
    package let scope: Int
    /// `STANDARD` or `EXPRESS`.
    package let executionType: String
    package let children: [Child]
}

/// Results of a distributed Map that are to be written.
package struct ResultWriteRequest: Sendable, Equatable {
    package let id: TaskID
    package let mapRunARN: String
    package let resource: String?
    package let parameters: JSONValue
    /// `WriterConfig`, with `Transformation` and `OutputType`.
    package let configuration: JSONValue
    /// `STANDARD` or `EXPRESS`.
    package let executionType: String
    /// The inputs by index.
    package let inputs: [JSONValue]
    /// The outputs by index; nil where a child failed, or has not ended.
    package let results: [JSONValue?]
    /// Which have ended, by index.
    package let isDone: [Bool]
    /// How many have begun: all from the first on, and none behind them.
    package let begun: Int
}

/// How an execution stands.
package enum ExecutionStatus: String, Sendable, Equatable, CaseIterable {
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case timedOut = "TIMED_OUT"
    case aborted = "ABORTED"
}

/// The end of an execution.
package struct ExecutionEnd: Sendable, Equatable {
    package let status: ExecutionStatus
    package let output: JSONValue?
    package let outputText: String?
    package let error: String?
    package let cause: String?
}

/// What one event led to.
package struct ExecutionStep: Sendable {
    package var history: [HistoryEvent] = []
    package var commands: [ExecutionCommand] = []
}
