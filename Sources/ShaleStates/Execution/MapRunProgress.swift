/// How a run of a distributed Map stands; what DescribeMapRun tells.
package struct MapRunProgress: Sendable, Equatable {
    package let arn: String
    /// Children in all, and those that wait, run, have succeeded and have failed.
    package let total: Int
    package let pending: Int
    package let running: Int
    package let succeeded: Int
    package let failed: Int
    package let maxConcurrency: Int
    package let toleratedCount: Int?
    package let toleratedPercentage: Double?
}

extension ExecutionState {
    /// How a Map run stands; nil where there is no such run any more.
    package func mapRunProgress(_ task: TaskID) -> MapRunProgress? {
        guard let id = tasks[task], let run = mapRuns[id] else { return nil }
        let succeeded = run.results.count { $0 != nil }
        return MapRunProgress(
            arn: run.arn,
            total: run.inputs.count,
            pending: run.inputs.count - run.running - succeeded - run.failed,
            running: run.running,
            succeeded: succeeded,
            failed: run.failed,
            maxConcurrency: run.limit,
            toleratedCount: run.toleratedCount,
            toleratedPercentage: run.toleratedPercentage
        )
    }
}
