internal import ShaleTables

/// What the records of streams take, as numbers for Prometheus.
extension MetricSample {
    static func samples(of space: StreamSpaceStatistics) -> [MetricSample] {
        [
            MetricSample(
                "shale_streams_bytes",
                "What the records of streams take.",
                .gauge,
                Double(space.takenBytes)
            ),
            MetricSample(
                "shale_streams_budget_bytes",
                "What they may take.",
                .gauge,
                Double(space.budgetBytes)
            ),
            MetricSample(
                "shale_streams_throttled_writes_total",
                "Writes that were throttled because streams have no space.",
                .counter,
                Double(space.throttledWrites)
            ),
        ]
    }
}
