/// What a run of a distributed Map keeps to while it runs.
package struct MapRunLimits: Sendable, Equatable {
    /// The most children at a time; 0 is as many as there may be.
    package let maxConcurrency: Int
    package let toleratedCount: Int?
    /// Of 100.
    package let toleratedPercentage: Double?

    /// Puts limits together.
    package init(maxConcurrency: Int, toleratedCount: Int?, toleratedPercentage: Double?) {
        self.maxConcurrency = maxConcurrency
        self.toleratedCount = toleratedCount
        self.toleratedPercentage = toleratedPercentage
    }
}

extension MapRun {
    var limits: MapRunLimits {
        MapRunLimits(
            maxConcurrency: limit == ExecutionState.childLimit ? 0 : limit,
            toleratedCount: toleratedCount,
            toleratedPercentage: toleratedPercentage
        )
    }
}

extension ExecutionState {
    /// How many children a run has, items or batches of them: 0 until they are read; nil for a run that is not there, or no longer.
    package func childCount(_ task: TaskID) -> Int? {
        guard let branch = tasks[task], case .mapRun = branches[branch]?.phase else { return nil }
        return self[mapRun: branch].inputs.count
    }
}
