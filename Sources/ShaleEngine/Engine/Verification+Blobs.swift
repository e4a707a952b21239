internal import ShalePlatform

/// Blob segments: every checksum, and that what the manifest says is needed of them is what runs refer to.
extension Verification {
    /// Checks all blob segments.
    /// - Returns: the blobs of each, to compare the references of runs with.
    static func checkBlobs(
        _ state: ManifestState,
        _ place: DatabaseDirectory,
        _ report: inout Report
    ) throws(EngineError) -> [FileNumber: BlobTable] {
        var tables: [FileNumber: BlobTable] = [:]
        let live = state.liveBlobBytes
        for number in live.keys.sorted() where state.blobFiles[number] == nil {
            report.problems.append(
                EngineError(
                    .corrupted,
                    file: ManifestFormat.fileName,
                    "runs refer to blob segment \(number), which the manifest does not name"
                )
            )
        }
        for reference in state.blobFiles.values.sorted(by: { $0.number < $1.number }) {
            let name = reference.number.fileName(BlobFormat.suffix)
            if live[reference.number] == nil {
                let reason = "the manifest names this blob segment, but no run refers to it"
                report.problems.append(EngineError(.corrupted, file: name, reason))
            }
            guard let file = try open(name, place, &report) else { continue }
            defer { file.close() }
            var walk = try BlobFileWalk(file, name: name)
            walk.walk(expecting: reference)
            report.problems += walk.problems
            report.blobFileCount += 1
            report.blobFileSizeBytes += reference.sizeBytes
            report.blobLiveBytes += live[reference.number] ?? 0
            tables[reference.number] = walk.table
        }
        return tables
    }

    /// Nil, with a problem, if the file is not there.
    private static func open(
        _ name: String,
        _ place: DatabaseDirectory,
        _ report: inout Report
    ) throws(EngineError) -> (any File)? {
        do throws(FileError) {
            return try place.files.open(place.path + "/" + name, .read)
        } catch {
            guard error.code == .notFound else { throw EngineError(error) }
            // Opening has failed with it, unless it has failed with something else before.
            let isKnown = report.problems.contains { $0.file == name }
            if !isKnown {
                let reason = "the manifest names this file, but it is not there"
                report.problems.append(EngineError(.corrupted, file: name, offset: 0, reason))
            }
            return nil
        }
    }
}
