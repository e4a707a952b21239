/// Edits in words, for people.
extension ManifestEdit {
    /// What the edit does; the first line says it, further ones are details.
    var words: [String] {
        switch self {
        case .addTable(let table):
            ["adds \(table.id) with hash seed \(Hexadecimal.text(table.hashSeed))"]
        case .removeTable(let id): ["removes \(id) and its partitions"]
        case .setPartition(let partition): partition.words
        case .removePartition(let id): ["removes partition \(id.rawValue)"]
        case .addFile(let file):
            [
                "adds file \(file.number.fileName(RunFormat.suffix)) of \(file.sizeBytes) bytes, "
                    + "identity \(file.identity), footer checksum "
                    + Hexadecimal.text(file.footerChecksum)
            ]
        case .removeFile(let number): ["removes file \(number.fileName(RunFormat.suffix))"]
        case .addBlobFile(let file):
            [
                "adds blob segment \(file.number.fileName(BlobFormat.suffix)) of \(file.sizeBytes) "
                    + "bytes with \(file.blobCount) blobs of \(file.blobBytes) bytes, identity "
                    + "\(file.identity), footer checksum \(Hexadecimal.text(file.footerChecksum))"
            ]
        case .removeBlobFile(let number):
            ["removes blob segment \(number.fileName(BlobFormat.suffix))"]
        default: [wordsOfLog]
        }
    }

    private var wordsOfLog: String {
        switch self {
        case .addSegment(let segment):
            "adds log segment \(segment.number.rawValue) in file "
                + "\(segment.file.fileName(SegmentFormat.fileSuffix)), identity "
                + "\(segment.identity), \(segment.capacityBytes) bytes"
        case .removeSegment(let number):
            "removes log segment \(number.rawValue)"
        case .addSpare(let number, let capacityBytes):
            "keeps file \(number.fileName(SegmentFormat.fileSuffix)) of \(capacityBytes) bytes "
                + "as a spare"
        case .removeSpare(let number):
            "takes file \(number.fileName(SegmentFormat.fileSuffix)) from the spares"
        case .nextNumbers(let next):
            "next numbers: file \(next.file.rawValue), table \(next.table.rawValue), partition "
                + "\(next.partition.rawValue), run \(next.run.rawValue), segment "
                + "\(next.segment.rawValue)"
        case .logSynced(let position): "the log is synced through \(position)"
        case .closed(let position): "closed cleanly; the seal of the log begins at \(position)"
        case .opened: "open again"
        default: preconditionFailure("words handles the other kinds")
        }
    }
}

extension PartitionRecord {
    /// The partition, then a line for each run and for each of its pieces.
    fileprivate var words: [String] {
        let end = upper.map { EntryKey.words(of: $0) } ?? "the end"
        var lines = [
            "sets partition \(id.rawValue) of \(table), from \(EntryKey.words(of: lower)) to \(end), "
                + "flushed through \(flushedThrough), \(runs.count) runs"
        ]
        for run in runs {
            let bound =
                run.lowerBound.isEmpty ? "" : ", from \(EntryKey.words(of: run.lowerBound)) on"
            lines.append("  run \(run.id.rawValue)\(bound)")
            for piece in run.pieces {
                lines.append(
                    "    section \(piece.section) of \(piece.file.fileName(RunFormat.suffix)): "
                        + "\(piece.entryCount) entries (\(piece.tombstoneCount) tombstones), "
                        + "\(piece.sizeBytes) bytes"
                )
                for share in piece.blobs.shares {
                    lines.append(
                        "      refers to \(share.sizeBytes) bytes of "
                            + share.file.fileName(BlobFormat.suffix)
                    )
                }
            }
        }
        return lines
    }
}
