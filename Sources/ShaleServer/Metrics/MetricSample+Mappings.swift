internal import ShaleTriggers

/// How far functions are behind the streams that they read, as numbers for Prometheus.
extension MetricSample {
    static func samples(of mappings: Mappings, now milliseconds: Int64) -> [MetricSample] {
        mappings.reports.map { identity, reports in
            var sample = MetricSample(
                "shale_mapping_iterator_age_seconds",
                "How old the oldest record is that a mapping's function has and has not done.",
                .gauge,
                Double(reports.iteratorAge(now: milliseconds)) / 1_000
            )
            // An identity has nothing that needs an escape.
            sample.label = "mapping=\"\(identity)\""
            return sample
        }
    }
}
