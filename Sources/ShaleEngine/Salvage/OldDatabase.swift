internal import ShalePlatform

/// A damaged database as a salvage sees it: what its manifest still says, and the names of its files.
///
/// Nothing in its directory is ever changed.
struct OldDatabase {
    let path: String
    let files: any FileSystem
    let names: [String]
    /// What the whole groups of the manifest add up to; nothing if it cannot be read.
    let state: ManifestState
    /// Why the manifest is not whole, or could not be read at all.
    let manifestDamage: EngineError?
    var isWhole: Bool { manifestDamage == nil }

    init(_ path: String, _ files: any FileSystem) throws(EngineError) {
        self.path = path
        self.files = files
        let names: [String]
        do throws(FileError) {
            guard try files.kind(of: path) == .directory else {
                throw FileError(.notFound, "salvage", path, "there is no such directory")
            }
            names = try files.list(path)
        } catch {
            throw EngineError(error)
        }
        let isOurs = names.contains {
            $0.utf8.elementsEqual(ManifestFormat.fileName.utf8)
                || FileNumber(name: $0, suffix: RunFormat.suffix) != nil
                || FileNumber(name: $0, suffix: SegmentFormat.fileSuffix) != nil
                || FileNumber(name: $0, suffix: BlobFormat.suffix) != nil
        }
        guard isOurs else {
            throw EngineError(.foreignDirectory, file: path, "there is no file of a database here")
        }
        self.names = names
        var state = ManifestState()
        var damage: EngineError?
        do throws(EngineError) {
            let bytes = try Self.read(path + "/" + ManifestFormat.fileName, files)
            let reader = try ManifestReader(salvaging: bytes)
            state = reader.state
            damage = reader.stop
            if reader.groups.isEmpty, damage == nil {
                damage = EngineError(
                    .corrupted,
                    file: ManifestFormat.fileName,
                    offset: reader.end,
                    "the manifest has no group of edits"
                )
            }
        } catch {
            guard error.code != .newerFormat else { throw error }
            damage = error
        }
        self.state = state
        manifestDamage = damage
    }

    /// The lock, so that nobody changes the files meanwhile; nil where there is none to take.
    func lock() throws(EngineError) -> (any FileLock)? {
        // Taking a lock would make the file: that would be a change.
        guard names.contains(where: { $0.utf8.elementsEqual(DatabaseDirectory.lockName.utf8) })
        else { return nil }
        do throws(FileError) {
            return try files.lock(path + "/" + DatabaseDirectory.lockName)
        } catch {
            guard error.code == .locked else { return nil }
            throw EngineError(.locked, file: path, "the database is open: close it first")
        }
    }

    /// All bytes of one of its files.
    func read(_ name: String) throws(EngineError) -> [UInt8] {
        try Self.read(path + "/" + name, files)
    }

    private static func read(
        _ path: String,
        _ files: any FileSystem
    ) throws(EngineError) -> [UInt8] {
        do throws(FileError) {
            let file = try files.open(path, .read)
            defer { file.close() }
            return try file.read(at: 0, count: try file.sizeBytes())
        } catch {
            throw EngineError(error)
        }
    }

    /// The partitions of each table, ascending.
    var partitions: [TableID: [PartitionRecord]] {
        Dictionary(grouping: state.partitions.values, by: \.table)
            .mapValues { $0.sorted { KeyOrder.isAscending($0.lower, $1.lower) } }
    }
}
