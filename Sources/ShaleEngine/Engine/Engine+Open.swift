public import ShalePlatform
internal import Synchronization

/// What an opened database may be used for.
public enum EngineAccess: Sendable {
    /// Everything.
    case readWrite
    /// Reading what was there when it was opened; the directory is not changed.
    case readOnly
}

extension Engine {
    /// Opens the database in `directory`; creates it where there is none.
    ///
    /// - Throws: `.locked`, `.foreignDirectory`, `.newerFormat`; `.corrupted` with file and offset when log
    ///   or manifest are damaged below what was known to be synced (a torn tail heals silently);
    ///   `.diskFull`, `.inputOutput`.
    public static func open(
        _ directory: String,
        _ options: EngineOptions = EngineOptions(),
        access: EngineAccess = .readWrite,
        in world: World
    ) async throws(EngineError) -> Engine {
        let result: Result<Engine, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in
                try openBlocking(directory, options, access: access, in: world)
            }
        }
        return try result.get()
    }

    /// `open` for a thread that may block.
    public static func openBlocking(
        _ directory: String,
        _ options: EngineOptions = EngineOptions(),
        access: EngineAccess = .readWrite,
        in world: World
    ) throws(EngineError) -> Engine {
        let place = DatabaseDirectory(path: directory, files: world.files)
        let content = try place.content()
        switch access {
        case .readOnly:
            guard content == .database else {
                throw EngineError(.foreignDirectory, file: directory, "there is no database here")
            }
            let lock = try place.lock()
            return try releasing(lock) { () throws(EngineError) in
                let opening = try DatabaseOpening(place, world, options, .read)
                let engine = Engine(try opening.forReading(lock), world, directory, options)
                engine.loadScrub()
                return engine
            }
        case .readWrite:
            if content != .database { try place.create() }
            let lock = try place.lock()
            return try releasing(lock) { () throws(EngineError) in
                do throws(EngineError) {
                    return try openForWriting(place, content, lock, world, options)
                } catch {
                    // To open takes a little space: on a full disk that of the reserve.
                    guard error.code == .diskFull, try place.giveReserveBack() else {
                        throw error
                    }
                    return try openForWriting(place, content, lock, world, options)
                }
            }
        }
    }

    private static func openForWriting(
        _ place: DatabaseDirectory,
        _ content: DatabaseDirectory.Content,
        _ lock: any FileLock,
        _ world: World,
        _ options: EngineOptions
    ) throws(EngineError) -> Engine {
        let opening =
            content == .database
            ? try DatabaseOpening(place, world, options, .readWrite)
            : DatabaseOpening(creating: place, world, options)
        let link = EngineLink()
        let opened = try opening.forWriting(lock, link)
        let engine = Engine(opened, world, place.path, options)
        link.connect(engine)
        engine.begin(opening)
        return engine
    }

    /// The lock is given back if the opening fails.
    private static func releasing<Answer>(
        _ lock: any FileLock,
        _ body: () throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        do throws(EngineError) {
            return try body()
        } catch {
            lock.release()
            throw error
        }
    }

    /// The first background work: a segment to follow the first one, and what recovery has left to do.
    private func begin(_ opening: DatabaseOpening) {
        let outcome = opening.outcome
        emit(.opened(replayedRecords: outcome.records, replayedBytes: outcome.bytes))
        if let cut = outcome.cut { emit(.tailCut(file: cut.file, offset: cut.offset)) }
        noteRuns()
        background.lastWrite.withLock { $0.nanoseconds = world.time.monotonicNanoseconds }
        segments?.request(minimumCapacityBytes: 0)
        if account.unflushedBytes > memtableShareBytes { requestFlush() }
        requestCompactions()
        expectSettling()
        if options.scrubPercentPerHour > 0 {
            loadScrub()
            expectScrub()
        }
        world.scheduler.schedule(.housekeeping) {
            self.keepReserve()
            do throws(EngineError) {
                if !self.background.isClosed { try self.freeLog() }
            } catch {
                self.emit(.backgroundFailed(error))
            }
        }
    }
}

/// Leads from the log's hooks to the engine, which is made after the log.
final class EngineLink: Sendable {
    private struct Target {
        weak var engine: Engine?
    }
    private let target = Mutex(Target())

    func connect(_ engine: Engine) { target.withLock { $0.engine = engine } }

    var engine: Engine? { target.withLock { $0.engine } }
}
