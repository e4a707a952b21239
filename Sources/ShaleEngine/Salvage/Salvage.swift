public import ShalePlatform

/// Copies what is whole of a damaged database into a new one: for `shale salvage`.
///
/// Nothing is opened by ordinary recovery, which refuses damage. The manifest is read as far as its
/// groups are whole; then the sorted runs, oldest first, block by block; then the log. So of
/// several versions of an entry the newest that can be read wins. Tables keep their numbers and
/// hash seeds, so stored keys stay what they are. Positions of the log begin anew.
public enum Salvage {
    /// Salvages the database in directory `from` into a new one in `to`, which must be empty or not be
    /// there.
    ///
    /// The old directory is never changed. Blocks: for a thread that may.
    ///
    /// - Throws: `.locked` if the old database is open, `.foreignDirectory` if there is none or `to` is not
    ///   empty, `.newerFormat`; else only what keeps the new database from being written.
    public static func run(
        from: String,
        to: String,
        _ options: EngineOptions = EngineOptions(),
        in world: World,
        progress: (@Sendable (SalvageProgress) -> Void)? = nil
    ) throws(EngineError) -> SalvageReport {
        let old = try OldDatabase(from, world.files)
        let lock = try old.lock()
        defer { lock?.release() }
        try requireEmpty(to, world.files)
        let engine = try Engine.openBlocking(to, options, in: world)
        let target = SalvageTarget(engine, world.randomness, progress)
        do throws(EngineError) {
            return try copy(old, into: target)
        } catch {
            target.abandon()
            throw error
        }
    }

    private static func copy(
        _ old: OldDatabase,
        into target: SalvageTarget
    ) throws(EngineError) -> SalvageReport {
        if let damage = old.manifestDamage {
            let offset = damage.offset
            target.report.lost.append(
                LostRange(
                    file: ManifestFormat.fileName,
                    offset: offset,
                    reason: "\(damage.reason); what the manifest says behind it was not used"
                )
            )
            if old.state.tables.isEmpty {
                target.report.notes.append(
                    "the manifest names no table that can be read: sections of run files cannot be "
                        + "assigned, and only what is in the log was copied"
                )
            }
        }
        try target.adopt(old.state)
        try SalvageRuns(old, into: target).copy()
        try SalvageLog(old, into: target).copy()
        return try target.finish()
    }

    private static func requireEmpty(
        _ path: String,
        _ files: any FileSystem
    ) throws(EngineError) {
        do throws(FileError) {
            guard let kind = try files.kind(of: path) else { return }
            if kind == .directory, try files.list(path).isEmpty { return }
        } catch {
            throw EngineError(error)
        }
        throw EngineError(
            .foreignDirectory,
            file: path,
            "a salvage needs a new or an empty directory to write to"
        )
    }
}
