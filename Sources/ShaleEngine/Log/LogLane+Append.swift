internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// A record that has its place in the log.
    struct Appended: Sendable {
        /// Where its header is.
        let position: LogPosition
        /// Visible from here on: the first byte behind it.
        let end: LogPosition
        let way: Way

        enum Way: Sendable {
            /// It was copied into the segment, as the record of this number.
            case direct(Int)
            case group(PendingInserts)
        }
    }

    enum AppendOutcome: Sendable {
        case appended(Appended)
        /// What the caller knew does not hold any more: nothing was appended.
        case stale
        /// There is no room now: `waitForSpace`, and append again.
        case noSpace
        case failed(EngineError)
    }

    /// Most bytes that may gather unwritten.
    static let gatheringLimitBytes = 64 * 1024 * 1024

    private enum Place {
        case direct(Appended, LogRecordHeader, WritableBytes, fileOffset: Int, Later)
        case other(AppendOutcome)
    }

    /// Gives a record its position, in the order of all writes, if `holds` still answers true at that
    /// place.
    ///
    /// The caller then puts the writes into their memtables, calls `inserted`, and settles on `end`.
    func append(
        _ kind: LogRecordKind,
        _ payload: LogPayload,
        _ durability: Durability,
        if holds: () -> Bool = { true }
    ) -> AppendOutcome {
        let size = LogGroup.sizeBytes(payload: payload.count)
        let now = world.time.wallMilliseconds
        let place = state.withLock { state -> Place in
            if let failure = state.failure { return .other(.failed(failure)) }
            guard holds() else { return .other(.stale) }
            if durability == .buffered, let mapped = state.mapped, mayWriteDirectly(size, state) {
                return placeDirectly(kind, payload, size, now, mapped, &state)
            }
            return .other(Self.gather(kind, payload, size, durability, &state))
        }
        switch place {
        case .direct(let appended, let header, let mapped, let offset, let later):
            copy(header, payload, size, mapped, at: offset)
            if later.mustMark { scheduleMark() }
            if let complete = later.complete { beginSync(complete) }
            return .appended(appended)
        case .other(let outcome):
            if case .noSpace = outcome { hooks.needsSegment(size) }
            return outcome
        }
    }

    private static func gather(
        _ kind: LogRecordKind,
        _ payload: LogPayload,
        _ size: Int,
        _ durability: Durability,
        _ state: inout State
    ) -> AppendOutcome {
        guard makeRoom(size, &state) else { return .noSpace }
        let last = state.groups.count - 1
        let position = state.groups[last].end
        state.groups[last].append(kind, payload, durability)
        state.groups[last].inserts.add()
        state.tail = state.groups[last].end
        state.lastEnd = state.tail
        state.endsWithMark = kind != .batch
        return .appended(
            Appended(
                position: position,
                end: state.tail,
                way: .group(state.groups[last].inserts)
            )
        )
    }

    /// The record's writes are in their memtables.
    func inserted(_ appended: Appended) {
        switch appended.way {
        case .group(let inserts):
            if inserts.finishOne() { tell(publish()) }
        case .direct(let number):
            let hasAdvanced = direct.finish(number, appended.end) { advanceVisible(to: $0) }
            if hasAdvanced, hasWaiters.load(ordering: .sequentiallyConsistent) {
                tell(state.withLock { takeWaiters(through: visible, &$0) })
            }
        }
    }
}

// Records that their writers copy into the segment themselves.
extension LogLane {
    private func mayWriteDirectly(_ size: Int, _ state: State) -> Bool {
        state.groups.isEmpty && !state.isWriting && state.unpublished.isEmpty
            && Self.fits(size, state) && direct.hasRoom(for: state.directCount)
    }

    private func placeDirectly(
        _ kind: LogRecordKind,
        _ payload: LogPayload,
        _ size: Int,
        _ now: Int64,
        _ mapped: WritableBytes,
        _ state: inout State
    ) -> Place {
        let position = state.tail
        var header = LogRecordHeader(
            kind: kind,
            payloadLength: payload.count,
            payloadChecksum: payload.checksum,
            segment: state.written.end.segment,
            position: position
        )
        state.written.wallMilliseconds = max(state.written.wallMilliseconds, now)
        header.previousChecksum = state.written.end.checksum
        header.syncedThrough = state.written.synced
        header.wallMilliseconds = state.written.wallMilliseconds
        header.seal(seed: state.seed)
        state.tail = position.advanced(by: size)
        state.lastEnd = state.tail
        state.written.end.checksum = header.checksum
        state.written.end.lengthBytes = Int(state.tail.rawValue - state.base.rawValue)
        state.written.isSynced = false
        state.copiedThrough = state.tail
        state.endsWithMark = kind != .batch
        let later = Later(mustMark: !state.isMarkScheduled, complete: Self.completed(&state))
        defer { state.directCount += 1 }
        return .direct(
            Appended(position: position, end: state.tail, way: .direct(state.directCount)),
            header,
            mapped,
            fileOffset: SegmentFormat.headerSize + Int(position.rawValue - state.base.rawValue),
            later
        )
    }

    /// What a writer has to see to once its record is copied.
    private struct Later {
        var mustMark: Bool
        /// A stretch that is nearly as good as complete: only other writers' copies may be missing.
        var complete: Stretch?
    }

    /// Bytes of a segment's file.
    private struct Stretch {
        var segment: LogSegment
        var range: Range<Int>
    }

    /// Of what was written directly the sync is begun in stretches of this size.
    ///
    /// When a segment is full its end waits for the last one and for those that are under way. A
    /// stretch begins and ends at a multiple of its size in the file, and so do the large pages of the
    /// system's cache, which are written and protected as a whole: one that is still written to must
    /// not be among them.
    private static let syncStretchBytes = 4 * 1024 * 1024

    /// So far behind a stretch writers have copied what is in it, nearly always.
    private static let syncDistanceBytes = 256 * 1024

    private static func completed(_ state: inout State) -> Stretch? {
        let begun = state.beganSyncOffset
        let tail = SegmentFormat.headerSize + Int(state.tail.rawValue - state.base.rawValue)
        guard tail >= begun + syncStretchBytes + syncDistanceBytes else { return nil }
        state.beganSyncOffset = begun + syncStretchBytes
        return Stretch(segment: state.segment, range: begun..<(begun + syncStretchBytes))
    }

    /// The end of a segment must wait until all of it is synced: so that is begun long before.
    private func beginSync(_ stretch: Stretch) {
        world.scheduler.schedule(.housekeeping) {
            stretch.segment.mapping?.letGo(stretch.range)
            stretch.segment.file.beginSync(
                from: stretch.range.lowerBound,
                count: stretch.range.count
            )
        }
    }

    /// Copies a record to its place; the zeros behind it are part of it.
    private func copy(
        _ header: LogRecordHeader,
        _ payload: LogPayload,
        _ size: Int,
        _ mapped: WritableBytes,
        at offset: Int
    ) {
        mapped.store(header.words, at: offset)
        payload.copy(to: mapped, at: offset + LogRecordFormat.headerSize)
        let end = offset + LogRecordFormat.headerSize + payload.count
        mapped.zero(end..<(offset + size))
    }
}

// Room: groups, segments, and those who wait for one.
extension LogLane {
    typealias SpaceWake = @Sendable (EngineError?) -> Void

    /// Calls `wake` when a segment may have room, or with the reason why there will be none now.
    func waitForSpace(_ size: Int, _ wake: @escaping SpaceWake) {
        let answer = state.withLock { state -> (isDone: Bool, error: EngineError?) in
            if let failure = state.failure { return (true, failure) }
            if !state.isMoving, Self.fits(size, state) || Self.makeRoom(size, &state) {
                return (true, nil)
            }
            state.spaceWaiters.append(wake)
            return (false, nil)
        }
        if answer.isDone {
            wake(answer.error)
        } else {
            hooks.needsSegment(size)
        }
    }

    /// Takes a prepared segment; there is none then.
    /// - Returns: false if the log has gone on in a later one meanwhile: segments are started in the
    ///   order of their numbers.
    func offer(_ segment: LogSegment) -> Bool {
        let (isTaken, wakes) = state.withLock { state -> (Bool, [SpaceWake]) in
            precondition(state.next == nil, "one segment is prepared at a time")
            guard segment.number > state.segment.number else { return (false, []) }
            state.next = segment
            return (true, Self.takeSpaceWaiters(&state))
        }
        for wake in wakes { wake(nil) }
        return isTaken
    }

    /// What waits to be the lane's next segment.
    enum Prepared: Sendable {
        case nothing
        /// Large enough; it stays.
        case enough
        /// It was too small, and the lane gave it back.
        case withdrawn(LogSegment)
    }

    /// Makes way for a segment of `capacityBytes`, unless the one that is prepared will do.
    ///
    /// Several may ask for a segment at once (a writer without room, a segment that was just
    /// started), so that one is prepared already is no mistake of anybody's.
    func makeWay(for capacityBytes: Int) -> Prepared {
        let (prepared, wakes) = state.withLock { state -> (Prepared, [SpaceWake]) in
            guard let next = state.next else { return (.nothing, []) }
            // Who began to wait after that segment was offered has not been told of it.
            if next.capacityBytes >= capacityBytes {
                return (.enough, Self.takeSpaceWaiters(&state))
            }
            state.next = nil
            return (.withdrawn(next), [])
        }
        for wake in wakes { wake(nil) }
        return prepared
    }

    /// Nothing could be prepared: those who wait for room are told why.
    func refuseSpace(_ error: EngineError) {
        for wake in state.withLock({ Self.takeSpaceWaiters(&$0) }) { wake(error) }
    }

    /// Those who wait for room try again, whether there is any or not.
    func wakeSpaceWaiters() {
        for wake in state.withLock({ Self.takeSpaceWaiters(&$0) }) { wake(nil) }
    }

    static func takeSpaceWaiters(_ state: inout State) -> [SpaceWake] {
        guard !state.spaceWaiters.isEmpty else { return [] }
        let wakes = state.spaceWaiters
        state.spaceWaiters = []
        return wakes
    }

    /// Makes the last group one that can take `size` bytes more; false when only a new segment could.
    private static func makeRoom(_ size: Int, _ state: inout State) -> Bool {
        guard !state.isMoving else { return false }
        var gathering = 0
        for index in state.groups.indices { gathering += state.groups[index].bytes.count }
        guard gathering == 0 || gathering + size <= gatheringLimitBytes else { return false }
        if fits(size, state) {
            if state.groups.last.map(\.isClosed) ?? true { startGroup(&state) }
            return true
        }
        guard let next = state.next, next.capacityBytes >= size else { return false }
        closeLastGroup(&state)
        let unit = UInt64(LogRecordFormat.pageSize)
        state.tail = LogPosition((state.tail.rawValue + unit - 1) / unit * unit)
        state.segment = next
        state.mapped = next.mapping?.bytes
        state.seed = next.seed
        state.base = state.tail
        state.next = nil
        state.mustOpenSegment = true
        state.beganSyncOffset = 0
        startGroup(&state)
        return true
    }

    /// A group's padding must fit as well, so a page is kept free.
    private static func fits(_ size: Int, _ state: State) -> Bool {
        let used = Int(state.tail.rawValue - state.base.rawValue)
        return used + size <= state.segment.capacityBytes
    }

    private static func startGroup(_ state: inout State) {
        let buffer = state.buffer
        state.buffer = []
        state.groups.append(
            LogGroup(
                segment: state.segment,
                base: state.base,
                opensSegment: state.mustOpenSegment,
                start: state.tail,
                copiedThrough: state.copiedThrough,
                buffer: buffer
            )
        )
        state.mustOpenSegment = false
    }

    /// Ends gathering; the segment's last group is synced, whatever was promised.
    private static func closeLastGroup(_ state: inout State) {
        guard let last = state.groups.indices.last, !state.groups[last].isClosed else { return }
        state.groups[last].requireSync()
        state.groups[last].isClosed = true
        state.tail = state.groups[last].nextStart
    }
}
