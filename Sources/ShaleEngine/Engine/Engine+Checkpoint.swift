internal import ShalePlatform

extension Engine {
    /// Writes an openable copy of the database, as of now, into the new directory `path`.
    ///
    /// Run files and blob segments are linked, or copied where the file system has no links; the log is copied from the
    /// oldest position that is not in the runs to one cut. Opening the copy is ordinary recovery.
    public func checkpoint(to path: String) async throws(EngineError) {
        let result: Result<Void, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.checkpointBlocking(to: path) }
        }
        try result.get()
    }

    /// `checkpoint` for a thread that may block.
    public func checkpointBlocking(to path: String) throws(EngineError) {
        let target = DatabaseDirectory(path: path, files: world.files)
        guard try target.content() == .empty else {
            throw EngineError(
                .invalidArgument,
                file: path,
                "there is a database already; a checkpoint needs a directory of its own"
            )
        }
        // Everything acknowledged so far is before the cut.
        try lane().appendMark(.syncMark)
        do throws(EngineError) {
            try target.create()
            try copyAll(to: path)
        } catch {
            noteFullDisk(error)
            removeCopy(path)
            throw error
        }
    }

    private func copyAll(to path: String) throws(EngineError) {
        try turn.hold(world.scheduler) { () throws(EngineError) in
            // While the turn is held no file is freed and no segment is reused.
            let cut = try lane().synced
            var state = manifest.state
            try copyRuns(state, to: path)
            try copyLog(&state, before: cut, to: path)
            state.spares = [:]
            state.closedAt = nil
            state.logSyncedThrough = cut
            let header = ManifestHeader(database: manifest.header.database, generation: 0)
            try ManifestStore(state, header, in: path, world.files).close()
        }
    }

    /// What was copied before something went wrong does not stay; what cannot be removed is no database.
    private func removeCopy(_ path: String) {
        do throws(FileError) {
            for name in try world.files.list(path) { try world.files.remove(path + "/" + name) }
            try world.files.remove(path)
        } catch {
            emit(.backgroundFailed(EngineError(error)))
        }
    }

    private func copyRuns(_ state: ManifestState, to path: String) throws(EngineError) {
        let names =
            state.files.keys.sorted().map { $0.fileName(RunFormat.suffix) }
            + state.blobFiles.keys.sorted().map { $0.fileName(BlobFormat.suffix) }
        for name in names {
            do throws(FileError) {
                do throws(FileError) {
                    try world.files.link(directory + "/" + name, to: path + "/" + name)
                } catch {
                    if error.code == .noSpace || error.code == .alreadyExists { throw error }
                    try copy(name, to: path)
                }
            } catch {
                throw EngineError(error)
            }
        }
    }

    private func copy(_ name: String, to path: String) throws(FileError) {
        let source = try world.files.open(directory + "/" + name, .read)
        let size = try source.sizeBytes()
        try write(source, size, to: path + "/" + name)
    }

    /// Copies started segments up to the cut; the others are not part of the copy.
    private func copyLog(
        _ state: inout ManifestState,
        before cut: LogPosition,
        to path: String
    ) throws(EngineError) {
        for segment in state.segments.values.sorted(by: { $0.number < $1.number }) {
            guard let base = segments?.base(of: segment.number), base < cut else {
                state.segments[segment.number] = nil
                continue
            }
            let length = min(segment.capacityBytes, Int(cut.rawValue - base.rawValue))
            let name = segment.file.fileName(SegmentFormat.fileSuffix)
            do throws(FileError) {
                let source = try world.files.open(directory + "/" + name, .read)
                let target = path + "/" + name
                try write(source, SegmentFormat.headerSize + length, to: target)
                let copy = try world.files.open(target, .readWrite)
                // Behind the cut there are zeros, as in a new segment.
                try copy.truncate(to: SegmentFormat.headerSize + segment.capacityBytes)
                try copy.sync()
            } catch {
                throw EngineError(error)
            }
        }
    }

    private func write(_ source: any File, _ size: Int, to path: String) throws(FileError) {
        let stretch = 1024 * 1024
        let target = try world.files.open(path, .create)
        var offset = 0
        while offset < size {
            let bytes = try source.read(at: offset, count: min(stretch, size - offset))
            guard !bytes.isEmpty else { break }
            try target.write(bytes, at: offset)
            offset += bytes.count
        }
        try target.sync()
        target.close()
        source.close()
    }
}
