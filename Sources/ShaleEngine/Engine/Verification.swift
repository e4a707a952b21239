public import ShalePlatform

/// Checks a closed database: every checksum, and everything that one file says of another.
///
/// Nothing in the directory is changed. What a crash leaves (a torn tail, files that no manifest names
/// yet) is no problem and is told as a note.
public enum Verification {
    /// What was checked and what was found.
    public struct Report: Sendable {
        /// Each with file and offset where there is one; empty means that the database is whole.
        public var problems: [EngineError] = []
        /// What is unusual but harmless.
        public var notes: [String] = []
        /// Run files that were checked.
        public var runFileCount = 0
        /// What they take.
        public var runFileSizeBytes = 0
        /// Blob segments that were checked.
        public var blobFileCount = 0
        /// What they take.
        public var blobFileSizeBytes = 0
        /// What runs refer to of them.
        public var blobLiveBytes = 0
        /// Entries in runs.
        public var entryCount = 0
        /// Records of the log that were checked.
        public var logRecordCount = 0

        /// Whether nothing is wrong.
        public var isWhole: Bool { problems.isEmpty }
    }

    /// Checks the database in `directory`; blocks.
    ///
    /// - Parameters:
    ///   - directory: the database's.
    ///   - world: where it lies.
    ///   - progress: told the number of files checked and of all files.
    /// - Returns: what was found.
    /// - Throws: `.locked`, `.foreignDirectory`, or a file call that failed; damage is in the report.
    public static func run(
        _ directory: String,
        in world: World,
        progress: ((_ done: Int, _ total: Int) -> Void)? = nil
    ) throws(EngineError) -> Report {
        let place = DatabaseDirectory(path: directory, files: world.files)
        guard try place.content() == .database else {
            throw EngineError(.foreignDirectory, file: directory, "there is no database here")
        }
        let lock = try place.lock()
        defer { lock.release() }
        var report = Report()
        var state = try checkLog(place, world, &report)
        if state == nil { state = readManifest(place) }
        guard let state else { return report }
        let blobs = try checkBlobs(state, place, &report)
        let files = state.files.values.sorted { $0.number < $1.number }
        for (index, file) in files.enumerated() {
            progress?(index, files.count)
            try check(file, state, blobs, place, &report)
        }
        progress?(files.count, files.count)
        try checkNames(state, place, &report)
        return report
    }

    /// Checks the runs and blob segments of a database that a process has open, without its lock; blocks.
    ///
    /// Covers every run file and blob segment that the manifest named when it began, byte by byte and against
    /// each other, and the manifest itself as far as it was written then. Does not cover the log, what is only
    /// in memory, files that are newer, and files that were dropped meanwhile: those are notes. Nothing is
    /// changed, and no process waits for it.
    ///
    /// - Throws: `.foreignDirectory`, or a file call that failed; damage is in the report.
    public static func runOnline(
        _ directory: String,
        in world: World,
        progress: ((_ done: Int, _ total: Int) -> Void)? = nil
    ) throws(EngineError) -> Report {
        let place = DatabaseDirectory(path: directory, files: world.files)
        guard try place.content() == .database else {
            throw EngineError(.foreignDirectory, file: directory, "there is no database here")
        }
        var report = Report()
        let state: ManifestState
        do throws(EngineError) {
            // A group that is being written is cut off here, as after a crash.
            state = try ManifestReader(try DatabaseOpening.manifestBytes(place)).state
        } catch {
            guard error.code == .corrupted || error.code == .newerFormat else { throw error }
            report.problems.append(error)
            return report
        }
        let blobs = try checkBlobs(state, place, &report)
        let files = state.files.values.sorted { $0.number < $1.number }
        for (index, file) in files.enumerated() {
            progress?(index, files.count)
            try check(file, state, blobs, place, &report)
        }
        progress?(files.count, files.count)
        try forgetDropped(place, &report)
        return report
    }

    /// What is wrong with one run file or blob segment, for tests that damage one after the other.
    package static func problems(
        of name: String,
        in directory: String,
        _ world: World
    ) throws(EngineError) -> [EngineError] {
        let place = DatabaseDirectory(path: directory, files: world.files)
        let state = try ManifestReader(try DatabaseOpening.manifestBytes(place)).state
        var part = ManifestState()
        part.files = state.files.filter { $0.key.fileName(RunFormat.suffix) == name }
        part.blobFiles = state.blobFiles.filter { $0.key.fileName(BlobFormat.suffix) == name }
        // So that all sections and blobs count as named.
        part.partitions = state.partitions
        var report = Report()
        let blobs = try checkBlobs(part, place, &report)
        report.problems.removeAll { $0.file != name }
        for file in part.files.values { try check(file, part, blobs, place, &report) }
        return report.problems
    }

    /// What was wrong with files that the manifest does not name any more is no problem: they were merged or
    /// collected while they were read, and are gone or about to go.
    private static func forgetDropped(
        _ place: DatabaseDirectory,
        _ report: inout Report
    ) throws(EngineError) {
        guard !report.problems.isEmpty, let state = readManifest(place) else { return }
        let names = Set(
            state.files.keys.map { $0.fileName(RunFormat.suffix) }
                + state.blobFiles.keys.map { $0.fileName(BlobFormat.suffix) }
                + [ManifestFormat.fileName]
        )
        let dropped = report.problems.filter { !names.contains($0.file ?? "") }
        report.problems.removeAll { !names.contains($0.file ?? "") }
        report.notes += Set(dropped.compactMap(\.file)).sorted().map { name in
            "\(name): dropped by the running database while it was checked"
        }
    }

    /// Manifest and log as opening reads them; nil if they do not open.
    private static func checkLog(
        _ place: DatabaseDirectory,
        _ world: World,
        _ report: inout Report
    ) throws(EngineError) -> ManifestState? {
        do throws(EngineError) {
            let opening = try DatabaseOpening(place, world, EngineOptions(), .read)
            report.logRecordCount = opening.outcome.records
            if let cut = opening.outcome.cut {
                report.notes.append(
                    "\(cut.file), offset \(cut.offset): the log ends in a torn record, as after a crash; "
                        + "the next opening cuts it"
                )
            }
            return opening.state
        } catch {
            guard error.code == .corrupted || error.code == .newerFormat else { throw error }
            report.problems.append(error)
            return nil
        }
    }

    /// The manifest as far as it is whole, so that the runs are checked even if the log is damaged.
    private static func readManifest(_ place: DatabaseDirectory) -> ManifestState? {
        do throws(EngineError) {
            return try ManifestReader(try DatabaseOpening.manifestBytes(place)).state
        } catch {
            // It is in the report already: opening has failed with it.
            return nil
        }
    }

    private static func check(
        _ reference: RunFileReference,
        _ state: ManifestState,
        _ blobs: [FileNumber: BlobTable],
        _ place: DatabaseDirectory,
        _ report: inout Report
    ) throws(EngineError) {
        let name = reference.number.fileName(RunFormat.suffix)
        let file: any File
        do throws(FileError) {
            file = try place.files.open(place.path + "/" + name, .read)
        } catch {
            guard error.code == .notFound else { throw EngineError(error) }
            let reason = "the manifest names this file, but it is not there"
            report.problems.append(EngineError(.corrupted, file: name, offset: 0, reason))
            return
        }
        defer { file.close() }
        report.runFileCount += 1
        report.runFileSizeBytes += reference.sizeBytes
        let problems = try RunFileVerifier.problems(of: file, reference, blobs: blobs)
        report.problems += problems
        guard problems.isEmpty else { return }
        let cache = BlockCache(capacityBytes: 0)
        let opened = try OpenedRunFile(file, name: name, reference, cache: cache)
        for partition in state.partitions.values.sorted(by: { $0.id < $1.id }) {
            for run in partition.runs {
                for piece in run.pieces where piece.file == reference.number {
                    checkPiece(piece, opened.sections, name, &report)
                }
            }
        }
    }

    /// What the manifest says of a section against what the file says.
    private static func checkPiece(
        _ piece: RunPiece,
        _ sections: [SectionSummary],
        _ name: String,
        _ report: inout Report
    ) {
        report.entryCount += piece.entryCount
        guard piece.section < sections.count,
            RunPiece(sections[piece.section], file: piece.file, section: piece.section) == piece
        else {
            report.problems.append(
                EngineError(
                    .corrupted,
                    file: name,
                    "section \(piece.section) is not what the manifest says of it"
                )
            )
            return
        }
    }

    /// Runs ascend without overlap, and every name in the directory has a meaning.
    private static func checkNames(
        _ state: ManifestState,
        _ place: DatabaseDirectory,
        _ report: inout Report
    ) throws(EngineError) {
        for partition in state.partitions.values.sorted(by: { $0.id < $1.id }) {
            for run in partition.runs {
                for (left, right) in zip(run.pieces, run.pieces.dropFirst())
                where !KeyOrder.isAscending(left.lastKey, right.firstKey) {
                    report.problems.append(
                        EngineError(
                            .corrupted,
                            file: ManifestFormat.fileName,
                            "pieces of run \(run.id.rawValue) overlap: files \(left.file) and "
                                + "\(right.file)"
                        )
                    )
                }
            }
        }
        let orphans = try place.orphans(state)
        for name in orphans {
            report.notes.append(
                "\(name): the manifest does not name it; the next opening removes it"
            )
        }
    }
}
