internal import ShalePlatform

/// What a checkpoint holds, in terms of the log.
public struct Checkpoint: Sendable, Equatable {
    /// Everything before this position is in it, and nothing behind it.
    public var position: LogPosition
    /// The wall clock when it was made: no record in it has a later one; milliseconds since 1970.
    public var milliseconds: Int64

    /// Puts both together.
    public init(position: LogPosition, milliseconds: Int64) {
        self.position = position
        self.milliseconds = milliseconds
    }
}

/// Checkpoints: openable copies of the database, as of one position of the log.
///
/// While the structure turn is held no file is freed, and nothing is copied: run files and blob segments get a second
/// name, and the log from the oldest position that is not in runs is held (`SegmentStore.hold`). Its copying
/// (`LogCopy`) comes after that, so a flush or a new segment never waits for it.
extension Engine {
    /// Writes an openable copy of the database, as of now, into the new directory `path`.
    ///
    /// Run files and blob segments are linked, or copied where the file system has no links; the log is copied from the
    /// oldest position that is not in the runs to one cut. Opening the copy is ordinary recovery.
    ///
    /// - Parameters:
    ///   - path: A directory that does not exist, or is empty; the one that holds it does.
    ///   - tables: Those that the copy holds; nil is all. A file is linked when any of them needs a part of it.
    /// - Returns: Where the copy ends.
    /// - Throws: `.invalidArgument` when there is a database already, `.diskFull`, `.inputOutput`; nothing stays then.
    @discardableResult
    public func checkpoint(
        to path: String,
        of tables: Set<TableID>? = nil
    ) async throws(EngineError) -> Checkpoint {
        let result: Result<Checkpoint, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.checkpointBlocking(to: path, of: tables) }
        }
        return try result.get()
    }

    /// `checkpoint` for a thread that may block.
    @discardableResult
    public func checkpointBlocking(
        to path: String,
        of tables: Set<TableID>? = nil
    ) throws(EngineError) -> Checkpoint {
        let target = DatabaseDirectory(path: path, files: world.files)
        guard try target.content() == .empty else {
            throw EngineError(
                .invalidArgument,
                file: path,
                "there is a database already; a checkpoint needs a directory of its own"
            )
        }
        // Everything acknowledged so far is before the cut.
        let mark = try lane().appendMark(.syncMark)
        do throws(EngineError) {
            try target.create()
            return try copyAll(to: path, tables, mark)
        } catch {
            noteFullDisk(error)
            do throws(FileError) {
                try world.files.removeDatabase(path)
            } catch {
                // What cannot be removed is no database: it has no manifest.
                emit(.backgroundFailed(EngineError(error)))
            }
            throw error
        }
    }

    /// What is known of a copy once its files have their names.
    private struct Cut {
        var state: ManifestState
        var checkpoint: Checkpoint
        var log: SegmentStore.Hold
        /// Where the oldest record begins that is not in runs.
        var from: LogPosition
    }

    private func copyAll(
        to path: String,
        _ tables: Set<TableID>?,
        _ mark: LogPosition
    ) throws(EngineError) -> Checkpoint {
        let lane = try lane()
        guard let segments else { preconditionFailure("there is a lane") }
        var cut = try turn.hold(world.scheduler) { () throws(EngineError) in
            // While the turn is held no file is freed, and while the log is held no segment is reused.
            var state = manifest.state
            if let tables { state.keepOnly(tables) }
            let hold = segments.hold()
            do throws(EngineError) {
                try linkRuns(state, to: path)
            } catch {
                segments.release(hold)
                throw error
            }
            // What is before the mark is in its memtables, which stay in the map while the turn is held.
            let oldest = map.partitions.filter { state.tables[$0.table] != nil }
                .compactMap(\.oldestUnflushed).min()
            return Cut(
                state: state,
                checkpoint: lane.syncedNow,
                log: hold,
                from: min(oldest ?? mark, mark)
            )
        }
        defer {
            segments.release(cut.log)
            freeLogSoon()
        }
        let log = LogCopy(
            directory: directory,
            files: world.files,
            live: cut.log.live,
            from: cut.from,
            through: cut.checkpoint.position
        )
        let segment = try log.write(to: path, FileIdentity(drawnFrom: world.randomness))
        cut.state.segments = [segment.number: segment]
        cut.state.spares = [:]
        cut.state.closedAt = nil
        cut.state.logSyncedThrough = cut.checkpoint.position
        var header = manifest.header
        header.generation = 0
        try ManifestStore(cut.state, header, in: path, world.files).close()
        return cut.checkpoint
    }

    private func linkRuns(_ state: ManifestState, to path: String) throws(EngineError) {
        let names =
            state.files.keys.sorted().map { $0.fileName(RunFormat.suffix) }
            + state.blobFiles.keys.sorted().map { $0.fileName(BlobFormat.suffix) }
        for name in names {
            do throws(FileError) {
                let (from, to) = (directory + "/" + name, path + "/" + name)
                try world.files.linkOrCopy(from, to: to)
            } catch {
                throw EngineError(error)
            }
        }
    }
}

extension ManifestState {
    /// Forgets all tables but these, and what only the others need.
    mutating func keepOnly(_ kept: Set<TableID>) {
        for id in tables.keys where !kept.contains(id) { tables[id] = nil }
        for partition in partitions.values where !kept.contains(partition.table) {
            partitions[partition.id] = nil
        }
        let unreferenced = unreferenced
        for file in unreferenced.files { files[file] = nil }
        for file in unreferenced.blobFiles { blobFiles[file] = nil }
    }
}
