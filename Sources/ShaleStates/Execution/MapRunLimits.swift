/// What a run of a distributed Map keeps to while it runs.
package struct MapRunLimits: Sendable, Equatable {
    /// The most children at a time; 0 is as many as there may be.
    package let maxConcurrency: Int
    package let toleratedCount: Int?
    /// Of 100.
    package let toleratedPercentage: Double?
    /// Items, or batches of them: 0 until they are read.
    package let childCount: Int
}

extension ExecutionState {
    /// The limits of a run; nil for one that is not there, or no longer.
    package func mapRunLimits(_ task: TaskID) -> MapRunLimits? {
        guard let branch = tasks[task], case .mapRun = branches[branch]?.phase else { return nil }
        let run = self[mapRun: branch]
        return MapRunLimits(
            maxConcurrency: run.limit == Self.childLimit ? 0 : run.limit,
            toleratedCount: run.toleratedCount,
            toleratedPercentage: run.toleratedPercentage,
            childCount: run.inputs.count
        )
    }
}
