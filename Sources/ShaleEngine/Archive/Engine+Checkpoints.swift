internal import ShalePlatform

/// Checkpoints that are kept inside of the database's own directory, by paths relative to it.
extension Engine {
    /// The name of the archive's directory.
    public static var archiveName: String { LogArchive.directoryName }

    /// `checkpoint`, to a path in this database's directory, in a directory that is made where it is not there.
    @discardableResult
    public func checkpoint(
        to path: String,
        inDirectoryOf parent: String,
        of tables: Set<TableID>
    ) async throws(EngineError) -> Checkpoint {
        let (path, parent) = (directory + "/" + path, directory + "/" + parent)
        let files = world.files
        let result: Result<Checkpoint, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in
                try DatabaseDirectory(path: parent, files: files).create()
                return try self.checkpointBlocking(to: path, of: tables)
            }
        }
        return try result.get()
    }

    /// Removes a checkpoint that nobody has open; one that is not there is no error.
    public func removeCheckpoint(_ path: String) async throws(EngineError) {
        let path = directory + "/" + path
        let files = world.files
        let result: Result<Void, FileError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(FileError) in try files.removeDatabase(path) }
        }
        do throws(FileError) {
            try result.get()
        } catch {
            throw EngineError(error)
        }
    }

    /// Gives a checkpoint another name in the same directory; survives the loss of power.
    public func renameCheckpoint(_ path: String, to name: String) async throws(EngineError) {
        let (from, to) = (directory + "/" + path, directory + "/" + name)
        let files = world.files
        let result: Result<Void, FileError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(FileError) in
                try files.rename(from, to: to)
                try files.syncDirectory(DatabaseDirectory(path: to, files: files).parent)
            }
        }
        do throws(FileError) {
            try result.get()
        } catch {
            throw EngineError(error)
        }
    }

    /// The names of the directories in one of the database's directory; none if it is not there.
    public func checkpoints(in parent: String) async throws(EngineError) -> [String] {
        let parent = directory + "/" + parent
        let files = world.files
        let result: Result<[String], FileError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(FileError) in
                guard try files.kind(of: parent) == .directory else { return [] }
                var names: [String] = []
                for name in try files.list(parent)
                where try files.kind(of: parent + "/" + name) == .directory {
                    names.append(name)
                }
                return names
            }
        }
        do throws(FileError) {
            return try result.get()
        } catch {
            throw EngineError(error)
        }
    }
}
