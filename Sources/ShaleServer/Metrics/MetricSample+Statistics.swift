internal import ShaleEngine

/// The engine's sizes as numbers for Prometheus.
extension MetricSample {
    static func samples(of statistics: EngineStatistics) -> [MetricSample] {
        func gauge(_ name: String, _ help: String, _ value: Int) -> MetricSample {
            MetricSample("shale_engine_" + name, help, .gauge, Double(value))
        }
        let partitions = statistics.partitions
        let most = partitions.reduce(0) { max($0, $1.runSizesBytes.count) }
        return [
            gauge("tables", "Tables, secondary indexes counted.", statistics.tableCount),
            gauge("partitions", "Partitions.", partitions.count),
            gauge("runs_most", "Sorted runs of the partition that has the most.", most),
            gauge("run_files", "Files of sorted runs.", statistics.runFileCount),
            gauge("run_files_bytes", "What they take.", statistics.runFileSizeBytes),
            gauge("blob_files", "Files of large values.", statistics.blobFileCount),
            gauge("blob_files_bytes", "What they take.", statistics.blobFileSizeBytes),
            gauge("blob_live_bytes", "What is needed of them.", statistics.blobLiveBytes),
            gauge("log_bytes", "Segments that hold log.", statistics.logSizeBytes),
            gauge("log_spare_bytes", "Segments kept for reuse.", statistics.spareLogSizeBytes),
            gauge(
                "memtables_bytes",
                "Writes that are not in runs yet.",
                statistics.memtableSizeBytes
            ),
            gauge("memory_budget_bytes", "What the engine may take.", statistics.memoryBudgetBytes),
            MetricSample(
                "shale_engine_scrubbed_bytes_total",
                "Bytes that the scrubber has read again and checked.",
                .counter,
                Double(statistics.scrub.checkedBytes)
            ),
            MetricSample(
                "shale_engine_written_bytes_total",
                "Bytes of log records.",
                .counter,
                Double(statistics.writtenBytes)
            ),
        ]
    }
}
