/// What whole tables take: for budgets, which are looked at often and must cost no file call.
extension Engine {
    /// What the entries of these tables take in run files, blob segments and memory.
    ///
    /// What two partitions share since a split counts once; what a compaction has yet to remove counts. Tables that are not
    /// there take nothing. Costs no file call.
    /// - Complexity: O(files of these tables).
    public func footprintBytes(of tables: [TableID]) -> Int {
        let map = map
        return tables.reduce(0) { bytes, table in
            bytes + PartitionView.footprintBytes(map.tables[table]?.partitions ?? [])
        }
    }
}

extension PartitionView {
    /// A part of a run file.
    private struct Section: Hashable {
        var file: FileNumber
        var ordinal: Int
    }

    /// What the partitions of one table take.
    fileprivate static func footprintBytes(_ partitions: [PartitionView]) -> Int {
        var seen: Set<Section> = []
        var bytes = 0
        for partition in partitions {
            bytes += partition.active.sizeBytes + partition.sealedBytes
            for piece in partition.runs.flatMap(\.record.pieces) {
                let section = Section(file: piece.file, ordinal: piece.section)
                guard seen.insert(section).inserted else { continue }
                bytes += piece.sizeBytes + piece.blobs.sizeBytes
            }
        }
        return bytes
    }
}
