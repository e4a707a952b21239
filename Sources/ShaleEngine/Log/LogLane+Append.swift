internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// A record that has its place in the log.
    struct Appended: Sendable {
        /// Where its header is.
        let position: LogPosition
        /// Visible from here on: the first byte behind it.
        let end: LogPosition
        let inserts: PendingInserts
    }

    enum AppendOutcome<Answer: Sendable>: Sendable {
        case appended(Appended, Answer)
        /// There is no room now: `waitForSpace`, and append again.
        case noSpace
        case failed(EngineError)
    }

    /// Most bytes that may gather unwritten.
    static let gatheringLimitBytes = 64 * 1024 * 1024

    /// Gives a record its position, in the order of all writes, and runs `inOrder` at that place.
    ///
    /// The caller then puts the writes into their memtables, calls `inserted`, and settles on `end`.
    func append<Answer: Sendable>(
        _ kind: LogRecordKind,
        _ payload: LogPayload,
        _ durability: Durability,
        inOrder: () -> Answer
    ) -> AppendOutcome<Answer> {
        let size = LogGroup.sizeBytes(payload: payload.bytes.count)
        let outcome = state.withLock { state -> AppendOutcome<Answer> in
            if let failure = state.failure { return .failed(failure) }
            guard Self.makeRoom(size, &state) else { return .noSpace }
            let last = state.groups.count - 1
            let position = state.groups[last].end
            state.groups[last].append(kind, payload, durability)
            state.groups[last].inserts.add()
            state.tail = state.groups[last].end
            state.endsWithMark = kind != .batch
            return .appended(
                Appended(
                    position: position,
                    end: state.tail,
                    inserts: state.groups[last].inserts
                ),
                inOrder()
            )
        }
        if case .noSpace = outcome { hooks.needsSegment(size) }
        return outcome
    }

    /// The record's writes are in their memtables.
    func inserted(_ appended: Appended) {
        if appended.inserts.finishOne() { publish() }
    }

    /// Calls `wake` when a segment may have room, or with the reason why there will be none now.
    func waitForSpace(_ size: Int, _ wake: @escaping SpaceWake) {
        let answer = state.withLock { state -> (isDone: Bool, error: EngineError?) in
            if let failure = state.failure { return (true, failure) }
            if Self.makeRoom(size, &state) { return (true, nil) }
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
    func offer(_ segment: LogSegment) {
        let wakes = state.withLock { state in
            precondition(state.next == nil, "one segment is prepared at a time")
            state.next = segment
            return Self.takeSpaceWaiters(&state)
        }
        for wake in wakes { wake(nil) }
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

    typealias SpaceWake = @Sendable (EngineError?) -> Void

    static func takeSpaceWaiters(_ state: inout State) -> [SpaceWake] {
        let wakes = state.spaceWaiters
        state.spaceWaiters = []
        return wakes
    }

    /// Makes the last group one that can take `size` bytes more; false when only a new segment could.
    private static func makeRoom(_ size: Int, _ state: inout State) -> Bool {
        let gathering = state.groups.reduce(0) { $0 + $1.bytes.count }
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
        state.base = state.tail
        state.next = nil
        state.mustOpenSegment = true
        startGroup(&state)
        return true
    }

    /// A group's padding must fit as well, so a page is kept free.
    private static func fits(_ size: Int, _ state: State) -> Bool {
        let used = Int(state.tail.rawValue - state.base.rawValue)
        return used + size <= state.segment.capacityBytes
    }

    private static func startGroup(_ state: inout State) {
        state.groups.append(
            LogGroup(
                segment: state.segment,
                base: state.base,
                opensSegment: state.mustOpenSegment,
                start: state.tail
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
