/// What all edits of a manifest add up to.
///
/// A pure value; `apply` is the only way to change it.
struct ManifestState: Equatable, Sendable {
    var tables: [TableID: EngineTable] = [:]
    var partitions: [PartitionID: PartitionRecord] = [:]
    var files: [FileNumber: RunFileReference] = [:]
    var blobFiles: [FileNumber: BlobFileReference] = [:]
    var segments: [SegmentNumber: SegmentRecord] = [:]
    var spares: [FileNumber: Int] = [:]
    var next = NextNumbers()
    var logSyncedThrough = LogPosition.zero
    /// Where the log's seal begins, if the database was closed cleanly and not opened since.
    var closedAt: LogPosition?

    /// An edit that contradicts what came before it: damage, or a mistake of ours.
    struct Contradiction: Error, Equatable {
        var reason: String
    }

    mutating func apply(_ edit: ManifestEdit) throws(Contradiction) {
        switch edit {
        case .addTable(let table):
            tables[table.id] = table
        case .removeTable(let id):
            guard tables.removeValue(forKey: id) != nil else {
                throw Contradiction(reason: "removes \(id), which is not there")
            }
            for partition in partitions.values where partition.table == id {
                partitions[partition.id] = nil
            }
        case .setPartition(let partition):
            guard tables[partition.table] != nil else {
                throw Contradiction(
                    reason: "gives a partition to \(partition.table), which is not there"
                )
            }
            partitions[partition.id] = partition
        case .removePartition(let id):
            guard partitions.removeValue(forKey: id) != nil else {
                throw Contradiction(reason: "removes partition \(id.rawValue), which is not there")
            }
        case .addFile(let file):
            files[file.number] = file
        case .removeFile(let number):
            guard files.removeValue(forKey: number) != nil else {
                throw Contradiction(reason: "removes file \(number.rawValue), which is not there")
            }
        case .addBlobFile(let file):
            blobFiles[file.number] = file
        case .removeBlobFile(let number):
            guard blobFiles.removeValue(forKey: number) != nil else {
                throw Contradiction(
                    reason: "removes blob segment \(number.rawValue), which is not there"
                )
            }
        default:
            try applyToLog(edit)
        }
    }

    private mutating func applyToLog(_ edit: ManifestEdit) throws(Contradiction) {
        switch edit {
        case .addSegment(let segment):
            segments[segment.number] = segment
        case .removeSegment(let number):
            guard segments.removeValue(forKey: number) != nil else {
                throw Contradiction(
                    reason: "removes segment \(number.rawValue), which is not there"
                )
            }
        case .addSpare(let number, let capacityBytes): spares[number] = capacityBytes
        case .removeSpare(let number): spares[number] = nil
        case .nextNumbers(let numbers): next = numbers
        case .logSynced(let position): logSyncedThrough = max(logSyncedThrough, position)
        case .closed(let position): closedAt = position
        case .opened: closedAt = nil
        default: preconditionFailure("apply handles the other kinds")
        }
    }

    /// The edits that make this state out of nothing, in a fixed order.
    var edits: [ManifestEdit] {
        var edits: [ManifestEdit] = [.nextNumbers(next), .logSynced(logSyncedThrough)]
        edits += tables.values.sorted { $0.id < $1.id }.map { .addTable($0) }
        edits += files.values.sorted { $0.number < $1.number }.map { .addFile($0) }
        edits += blobFiles.values.sorted { $0.number < $1.number }.map { .addBlobFile($0) }
        edits += partitions.values.sorted { $0.id < $1.id }.map { .setPartition($0) }
        edits += segments.values.sorted { $0.number < $1.number }.map { .addSegment($0) }
        edits += spares.sorted { $0.key < $1.key }
            .map { .addSpare($0.key, capacityBytes: $0.value) }
        if let closedAt { edits.append(.closed(closedAt)) }
        return edits
    }

    /// Run files that some partition still refers to.
    var referencedFiles: Set<FileNumber> {
        var referenced: Set<FileNumber> = []
        for partition in partitions.values {
            for run in partition.runs {
                for piece in run.pieces { referenced.insert(piece.file) }
            }
        }
        return referenced
    }

    /// How many bytes of each blob segment entries of runs refer to: nothing else says that a blob is
    /// needed.
    ///
    /// Follows from the partitions alone, so it changes only together with them. A section that two
    /// partitions share counts once, and as a whole even where a compaction has moved a part of it: so
    /// it may be more than what is needed, and never less.
    var liveBlobBytes: [FileNumber: Int] {
        var seen: [FileNumber: Set<Int>] = [:]
        var live: [FileNumber: Int] = [:]
        for partition in partitions.values {
            for run in partition.runs {
                for piece in run.pieces where !piece.blobs.shares.isEmpty {
                    guard seen[piece.file, default: []].insert(piece.section).inserted else {
                        continue
                    }
                    for share in piece.blobs.shares {
                        live[share.file, default: 0] += share.sizeBytes
                    }
                }
            }
        }
        return live
    }

    /// What is named and not needed any more, ascending.
    var unreferenced: (files: [FileNumber], blobFiles: [FileNumber]) {
        let runs = referencedFiles
        let blobs = liveBlobBytes
        return (
            files.keys.filter { !runs.contains($0) }.sorted(),
            blobFiles.keys.filter { blobs[$0] == nil }.sorted()
        )
    }
}
