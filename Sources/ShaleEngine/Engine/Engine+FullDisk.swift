internal import ShalePlatform
internal import Synchronization

/// What the engine does while the disk is full, and when it is so no longer; and when its log has moved.
extension Engine {
    /// Files of runs and large values, and segments of the log.
    private var databaseBytes: Int {
        let state = manifest.state
        let runs = state.files.values.reduce(0) { $0 + $1.sizeBytes }
        let blobs = state.blobFiles.values.reduce(0) { $0 + $1.sizeBytes }
        return runs + blobs + state.segments.values.reduce(0) { $0 + $1.capacityBytes }
    }

    /// What the directory keeps for a full disk; nil if that cannot be found out.
    ///
    /// Asks for a file's size; `statistics` has what an open database knows by itself.
    public var reserveOnDiskBytes: Int? {
        do throws(FileError) {
            return try diskSpace.sizeBytes()
        } catch {
            return nil
        }
    }

    /// Something failed; if it was because the disk is full, gives the reserve back, refuses new values, and looks
    /// every second whether there is space.
    func noteFullDisk(_ error: EngineError) {
        guard error.code == .diskFull, !isClosed else { return }
        runFiles.removal.hurry()
        do throws(FileError) {
            guard try diskSpace.fill(error) else { return }
        } catch {
            // What cannot be removed now helps nobody; the next opening or the next full disk tries again.
            emit(.backgroundFailed(EngineError(error)))
        }
        emit(.diskFull(error))
        // Who waits for room to put values is refused when it tries again.
        readWriteLane?.wakeSpaceWaiters()
        probeLater()
    }

    /// What `body` throws is noted, if it is that the disk is full.
    func notingFullDisk<Answer>(
        _ body: () throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        do throws(EngineError) {
            return try body()
        } catch {
            noteFullDisk(error)
            throw error
        }
    }

    /// Somebody waits for log that a flush would free.
    func flushForSpace() {
        // Without anything to flush there is nothing to wait for.
        guard map.partitions.contains(where: { $0.oldestUnflushed != nil }) else {
            segments?.retryIfWanted()
            return
        }
        requestFlush()
    }

    private func probeLater() {
        world.scheduler.schedule(.housekeeping, after: DiskSpace.probeDelay) { [weak self] in
            self?.probe()
        }
    }

    private func probe() {
        guard !isClosed, diskSpace.isFull else { return }
        // Nobody waits for ever for log that does not become free.
        segments?.retryIfWanted()
        do throws(FileError) {
            guard try diskSpace.resume(databaseBytes: databaseBytes) else { return probeLater() }
        } catch {
            return probeLater()
        }
        emit(.diskHasSpace)
        segments?.request(minimumCapacityBytes: 0)
        requestFlushIfWanted()
        requestCompactions()
    }

    /// Makes the reserve, or makes it larger.
    func keepReserve() {
        guard !isClosed, readWriteLane != nil else { return }
        do throws(FileError) {
            try diskSpace.keep(databaseBytes: databaseBytes)
        } catch {
            // Without a reserve everything goes on but on a full disk.
            emit(.backgroundFailed(EngineError(error)))
        }
    }

    /// The log goes on in another segment.
    func logDidMove(_ move: LogMove) {
        segments?.didMove(move)
        counters.logMoves.add(1, ordering: .relaxed)
        emit(
            .logMoved(
                EngineError(
                    .inputOutput,
                    file: move.error.path,
                    "a segment of the log could not be written (\(move.error.reason)); the log goes on in "
                        + move.to.fileNumber.fileName(SegmentFormat.fileSuffix)
                        + ", nothing is lost. See to the disk"
                )
            )
        )
        segments?.request(minimumCapacityBytes: 0)
    }
}
