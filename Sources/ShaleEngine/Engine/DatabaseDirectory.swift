internal import ShalePlatform

/// The directory of a database: whose it is, and what lies in it.
///
///     LOCK           held by the process that has the database open
///     MANIFEST       which files make up the database (`ManifestFormat`)
///     MANIFEST.new   a manifest being written; removed at opening
///     RESERVE        space that is given back when the disk is full (`DiskSpace`)
///     NNNNNN.log     a segment of the log (`SegmentFormat`), or a spare
///     NNNNNN.run     sorted runs (`RunFormat`)
///     NNNNNN.blob    large values (`BlobFormat`)
///     DURATIONS      what background work took in the last life (`DurationsFormat`)
///     SCRUB          how far the scrubber is (`ScrubFormat`)
///     archive/       segments that the log has let go of, and restore points (`LogArchive`)
///     backups/       checkpoints that users asked for, each a directory like this one
struct DatabaseDirectory {
    static let lockName = "LOCK"

    let path: String
    let files: any FileSystem

    /// What a directory holds.
    enum Content: Equatable {
        /// Nothing, or what an interrupted creation has left.
        case empty
        case database
    }

    /// Looks without changing anything.
    func content() throws(EngineError) -> Content {
        let kind: FileKind?
        let names: [String]
        do throws(FileError) {
            kind = try files.kind(of: path)
            names = kind == .directory ? try files.list(path) : []
        } catch {
            throw EngineError(error)
        }
        guard let kind else { return .empty }
        guard kind == .directory else {
            throw EngineError(
                .foreignDirectory,
                file: path,
                "this is not a directory; a database needs one of its own"
            )
        }
        if names.contains(ManifestFormat.fileName) { return .database }
        let foreign = names.filter { !Self.isLeftover($0) }
        guard foreign.isEmpty else {
            throw EngineError(
                .foreignDirectory,
                file: path,
                "the directory is not empty and holds no database of ours (it has "
                    + "\(foreign.prefix(3).joined(separator: ", "))); choose another or an empty one"
            )
        }
        try requireNoLog(names)
        return .empty
    }

    /// A segment is started after the manifest that names it was synced: where there is one, there was a
    /// database, and its manifest is lost.
    private func requireNoLog(_ names: [String]) throws(EngineError) {
        for name in names where FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil {
            let page: [UInt8]
            do throws(FileError) {
                let file = try files.open(path + "/" + name, .read)
                defer { file.close() }
                page = try file.read(at: 0, count: SegmentFormat.headerSize)
            } catch {
                throw EngineError(error)
            }
            guard SegmentHeader(page: page) != nil else { continue }
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                "the manifest is not there, but \(name) holds log of a database: put it back"
            )
        }
    }

    /// What a creation that was interrupted before its first manifest can have left.
    private static func isLeftover(_ name: String) -> Bool {
        name == lockName || name == ManifestFormat.newFileName || name == DiskSpace.reserveName
            || FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil
    }

    func lock() throws(EngineError) -> any FileLock {
        do throws(FileError) {
            return try files.lock(path + "/" + Self.lockName)
        } catch {
            guard error.code == .locked else { throw EngineError(error) }
            throw EngineError(
                .locked,
                file: path,
                "the database is open already, in another process or in this one; only one may have it"
            )
        }
    }

    /// Makes the directory if it is not there, and its name durable.
    ///
    /// The name of one that is there as well: whoever made it may have been killed before that. Where the directory that
    /// holds it may not be read, somebody else has made it.
    func create() throws(EngineError) {
        do throws(FileError) {
            let isThere = try files.kind(of: path) != nil
            if !isThere { try files.createDirectory(path) }
            do throws(FileError) {
                try files.syncDirectory(parent)
            } catch {
                guard isThere, error.code == .permissionDenied else { throw error }
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// The directory that holds this one.
    var parent: String {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }

    /// Gives the space that is kept for a full disk back.
    /// - Returns: whether there was any.
    func giveReserveBack() throws(EngineError) -> Bool {
        do throws(FileError) {
            return try DiskSpace.giveBack(in: path, files)
        } catch {
            throw EngineError(error)
        }
    }

    /// Removes files that the manifest does not name: what a crash has left between two steps.
    func removeOrphans(_ state: ManifestState) throws(EngineError) {
        for name in try orphans(state) {
            do throws(FileError) {
                try files.remove(path + "/" + name)
            } catch {
                throw EngineError(error)
            }
        }
    }

    /// Every blob segment that the manifest names is there; with one missing, values are lost.
    func requireBlobs(_ state: ManifestState) throws(EngineError) {
        guard !state.blobFiles.isEmpty else { return }
        let names: Set<String>
        do throws(FileError) {
            names = Set(try files.list(path))
        } catch {
            throw EngineError(error)
        }
        for number in state.blobFiles.keys.sorted() {
            let name = number.fileName(BlobFormat.suffix)
            guard !names.contains(name) else { continue }
            throw EngineError(
                .corrupted,
                file: name,
                "the manifest names this blob segment, but it is not there: put it back, or copy what "
                    + "is left with `shale salvage`"
            )
        }
    }

    /// Files of ours that the manifest does not name, ascending.
    func orphans(_ state: ManifestState) throws(EngineError) -> [String] {
        let segments = Set(state.segments.values.map(\.file)).union(state.spares.keys)
        let names: [String]
        do throws(FileError) {
            names = try files.list(path)
        } catch {
            throw EngineError(error)
        }
        return names.filter { name in
            if let number = FileNumber(name: name, suffix: RunFormat.suffix) {
                return state.files[number] == nil
            }
            if let number = FileNumber(name: name, suffix: BlobFormat.suffix) {
                return state.blobFiles[number] == nil
            }
            if let number = FileNumber(name: name, suffix: SegmentFormat.fileSuffix) {
                return !segments.contains(number)
            }
            return name == ManifestFormat.newFileName
        }
    }
}
