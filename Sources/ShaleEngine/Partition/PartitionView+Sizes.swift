internal import ShaleBytes

extension PartitionView {
    /// What the entries of a range take in the partition's runs and in blob segments, to a block; shared files count in
    /// part, and what is only in memory does not.
    func estimatedBytes(in range: EntryRange, _ mode: ReadMode) throws(EngineError) -> Int {
        var bytes = 0
        for run in runs {
            for section in run.sections(in: range) {
                let own = try section.estimatedBytes(in: run.clip(range), mode)
                let summary = try section.summary(mode)
                let share = Double(own) / Double(max(1, summary.fileRange.count))
                bytes += own + Int(share * Double(summary.blobs.sizeBytes))
            }
        }
        return bytes
    }
}

extension ReadView {
    /// About how many bytes the entries of a range take on disk; what is only in memory does not count.
    ///
    /// - Complexity: reads the block index at both ends of the range, not what lies between.
    /// - Throws: `.noSuchTable`, `.corrupted`, `.ioError`.
    public func estimatedBytes(
        _ table: TableID,
        _ range: EntryRange
    ) throws(EngineError) -> Int {
        try map.with { map throws(EngineError) in
            guard let partitions = map.tables[table]?.partitions else { throw noSuchTable(table) }
            var bytes = 0
            for partition in partitions {
                guard let clipped = partition.clip(range) else { continue }
                bytes += try partition.estimatedBytes(in: clipped, mode)
            }
            return bytes
        }
    }
}
