internal import ShalePlatform
internal import Synchronization

/// Keeping the past: the log's segments go into an archive instead of being used again (`LogArchive`), and can be read
/// from there (`LogHistory`).
extension Engine {
    /// Whether the past is kept.
    public var isArchiving: Bool { segments?.archive.isOn ?? false }

    /// The directory of the archive; who keeps the past may have directories in it.
    public var archiveDirectory: String { directory + "/" + LogArchive.directoryName }

    /// Since when the archive fails: the wall clock in milliseconds; nil while it does not.
    ///
    /// Nothing is lost meanwhile: segments that cannot be archived stay, and take space.
    public var archiveFailedMilliseconds: Int64? {
        background.archiveFailedMilliseconds.withLock { $0 }
    }

    /// The wall clock behind which no record of the log lies: milliseconds since 1970.
    public var clockMilliseconds: Int64 {
        max(world.time.wallMilliseconds, readWriteLane?.milliseconds ?? 0)
    }

    /// From now on keeps the past; survives the loss of power.
    public func beginArchiving() async throws(EngineError) {
        try await onArchive { archive throws(EngineError) in try archive.begin() }
    }

    /// Forgets the past; directories that others made in it must be gone.
    public func endArchiving() async throws(EngineError) {
        try await onArchive { archive throws(EngineError) in try archive.end() }
        background.archiveFailedMilliseconds.withLock { $0 = nil }
    }

    /// Forgets what was before `position`, as far as whole segments hold nothing else.
    /// - Returns: bytes of the archived segments that are left.
    @discardableResult
    public func trimArchive(before position: LogPosition) async throws(EngineError) -> Int {
        try await onArchive { archive throws(EngineError) in try archive.trim(before: position) }
    }

    private func onArchive<Answer: Sendable>(
        _ body: @escaping @Sendable (LogArchive) throws(EngineError) -> Answer
    ) async throws(EngineError) -> Answer {
        _ = try lane()
        guard let segments else { preconditionFailure("there is a lane") }
        let result: Result<Answer, EngineError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(EngineError) in
                try segments.withWholeLog { _ throws(EngineError) in try body(segments.archive) }
            }
        }
        return try result.get()
    }

    /// The writes to a table from `start` on whose record's wall clock is at most `milliseconds`, as far as the log is
    /// synced when this answers, and everything acknowledged until now.
    ///
    /// - Throws: `.corrupted` when the past is not kept back to `start`.
    public func history(
        of table: TableID,
        since start: LogPosition,
        through milliseconds: Int64
    ) async throws(EngineError) -> LogHistory {
        let result: Result<LogHistory, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in
                try self.lane().appendMark(.syncMark)
                let segments = try self.wholeLog(since: start)
                return LogHistory(
                    self.world,
                    of: table,
                    since: start,
                    through: milliseconds,
                    in: segments
                )
            }
        }
        return try result.get()
    }

    private func wholeLog(since start: LogPosition) throws(EngineError) -> [LogHistory.Segment] {
        let lane = try lane()
        guard let store = segments else { preconditionFailure("there is a lane") }
        let all = try store.withWholeLog { live throws(EngineError) in
            let end = lane.synced
            var all = try store.archive.segments().map { segment in
                LogHistory.Segment(
                    header: segment.header,
                    path: store.archive.directory + "/" + segment.name
                )
            }
            for segment in live {
                guard let base = segment.base, base < end else { continue }
                // One that an interruption has left in the archive is here as well.
                all.removeAll { $0.header.number == segment.record.number }
                all.append(try open(segment.record, through: end))
            }
            return all
        }
        let first = all.lastIndex { $0.header.base <= start }
        guard let first else {
            throw EngineError(
                .corrupted,
                file: LogArchive.directoryName,
                "the log before \(all.first?.header.base ?? .zero) is not archived, and is needed from "
                    + "\(start) on"
            )
        }
        return Array(all[first...])
    }

    private func open(
        _ record: SegmentRecord,
        through end: LogPosition
    ) throws(EngineError) -> LogHistory.Segment {
        let path = directory + "/" + record.file.fileName(SegmentFormat.fileSuffix)
        do throws(FileError) {
            let file = try world.files.open(path, .read)
            let page = try file.read(at: 0, count: SegmentFormat.headerSize)
            guard let header = SegmentHeader(page: page), header.number == record.number else {
                throw FileError(.inputOutput, "history", path, "header")
            }
            let length = min(record.capacityBytes, Int(end.rawValue - header.base.rawValue))
            return LogHistory.Segment(header: header, path: path, file: file, limitBytes: length)
        } catch {
            guard error.operation == "history" else { throw EngineError(error) }
            let reason = "the header page of a log segment is not whole"
            throw EngineError(.corrupted, file: path, offset: 0, reason)
        }
    }

    /// The archive has failed, or works: said when it is news, and tried again soon.
    func noteArchive(_ error: EngineError?) {
        let now = world.time.wallMilliseconds
        let isNews = background.archiveFailedMilliseconds.withLock { since in
            let isNews = (since == nil) != (error == nil)
            if isNews { since = error == nil ? nil : now }
            return isNews
        }
        guard let error else {
            if isNews { emit(.archiveWorks) }
            return
        }
        if isNews { emit(.archiveFailed(error)) }
        noteFullDisk(error)
        freeLogSoon(after: Self.retryDelay)
    }

    /// Lets go of the log that nobody needs any more, in the background.
    func freeLogSoon(after delay: Duration = .zero) {
        guard !background.isClosed, !background.isFreeingDue.exchange(true, ordering: .relaxed)
        else { return }
        world.scheduler.schedule(.housekeeping, after: delay) { [weak self] in
            guard let self else { return }
            background.isFreeingDue.store(false, ordering: .relaxed)
            guard !background.isClosed else { return }
            do throws(EngineError) {
                try freeLog()
            } catch {
                emit(.backgroundFailed(error))
            }
        }
    }
}

extension Engine {
    /// Everything that was written before this call becomes sorted runs; what is written meanwhile need not.
    public func flushWritten() async throws(EngineError) {
        _ = try lane()
        let position = visible
        while hasUnflushed(before: position) {
            let failure: EngineError? = await withCheckedContinuation { continuation in
                background.whenSomethingEnds {
                    continuation.resume(returning: self.background.state.withLock { $0.failure })
                }
                requestFlush()
            }
            if let failure { throw failure }
        }
    }

    private func hasUnflushed(before position: LogPosition) -> Bool {
        map.partitions.contains { $0.oldestUnflushed.map { $0 < position } ?? false }
    }
}
