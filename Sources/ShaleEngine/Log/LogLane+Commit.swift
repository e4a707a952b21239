internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// Blocks until everything before `position` is visible; leads where nobody does.
    func settleBlocking(_ position: LogPosition) throws(EngineError) {
        var ticket: CommitTicket?
        var mayBeBrief = true
        while visible < position {
            switch join(position, ticket) {
            case .visible: return
            case .failed(let error): throw error
            case .lead: lead(until: position)
            case .mustWait(let isBrief):
                if isBrief && mayBeBrief {
                    mayBeBrief = !pause(until: position)
                } else {
                    ticket = CommitTicket(world.scheduler.makeGate())
                }
            case .wait(let joined):
                ticket = nil
                switch joined.wait() {
                case .visible: return
                case .failed(let error): throw error
                case .lead: lead(until: position)
                }
            }
        }
    }

    /// Stays awake for about as long as it takes to copy a record.
    /// - Returns: whether the position is still not visible.
    private func pause(until position: LogPosition) -> Bool {
        for _ in 0..<200 {
            if visible >= position { return false }
            Pause.briefly()
        }
        return true
    }

    /// Suspends until everything before `position` is visible.
    ///
    /// The log is written by the lane's own steps: no cooperative thread blocks.
    func settle(_ position: LogPosition) async throws(EngineError) {
        if visible >= position { return }
        // Safety: `whenSettled` calls once, always; who checks that takes an object with every write.
        let error: EngineError? = await unsafe withUnsafeContinuation { continuation in
            whenSettled(position) { unsafe continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }

    /// Calls `wake` once, when everything before `position` is visible, or never will be.
    func whenSettled(_ position: LogPosition, _ wake: @escaping @Sendable (EngineError?) -> Void) {
        enum Next { case done(EngineError?), wait, lead }
        let next = state.withLock { state -> Next in
            if visible >= position { return .done(nil) }
            if let failure = state.failure { return .done(failure) }
            if addWaiter(position, .resume(wake), &state) { return .done(nil) }
            guard !state.isLed, !state.groups.isEmpty else { return .wait }
            state.isLed = true
            return .lead
        }
        switch next {
        case .done(let error): wake(error)
        case .wait: break
        case .lead: world.scheduler.schedule(.log) { self.leadForOthers() }
        }
    }

    /// Makes everything appended so far survive the loss of power.
    ///
    /// Appends a sync mark where the last page could otherwise be written again.
    func syncBlocking() throws(EngineError) {
        let target = tail
        guard synced < target || visible < target else { return }
        try appendMark(.syncMark)
    }

    private enum Joined {
        case visible, lead
        /// A ticket is needed; brief if only other writers' copies are waited for.
        case mustWait(isBrief: Bool)
        case wait(CommitTicket)
        case failed(EngineError)
    }

    private func join(_ position: LogPosition, _ ticket: CommitTicket?) -> Joined {
        state.withLock { state in
            if visible >= position { return .visible }
            if let failure = state.failure { return .failed(failure) }
            if !state.isLed, !state.groups.isEmpty {
                state.isLed = true
                return .lead
            }
            guard let ticket else {
                return .mustWait(isBrief: !state.isWriting && state.unpublished.isEmpty)
            }
            return addWaiter(position, .ticket(ticket), &state) ? .visible : .wait(ticket)
        }
    }

    /// Enters a waiter, unless its position is visible now.
    /// - Returns: whether it is.
    private func addWaiter(
        _ position: LogPosition,
        _ wake: LogWaiter.Wake,
        _ state: inout State
    ) -> Bool {
        // In this order: who publishes without the lock looks at the mark after it has published.
        hasWaiters.store(true, ordering: .sequentiallyConsistent)
        if visible >= position {
            hasWaiters.store(!state.waiters.isEmpty, ordering: .sequentiallyConsistent)
            return true
        }
        state.waiters.append(LogWaiter(position: position, wake: wake))
        return false
    }

    /// Those who waited for what is visible now.
    func takeWaiters(through end: LogPosition, _ state: inout State) -> [LogWaiter] {
        guard !state.waiters.isEmpty else { return [] }
        var taken: [LogWaiter] = []
        state.waiters.removeAll { waiter in
            guard waiter.position <= end else { return false }
            taken.append(waiter)
            return true
        }
        hasWaiters.store(!state.waiters.isEmpty, ordering: .sequentiallyConsistent)
        return taken
    }

    func tell(_ waiters: [LogWaiter]) { for waiter in waiters { waiter.tell(nil) } }

    private func lead(until position: LogPosition) {
        while visible < position {
            guard let (group, tail) = takeGroup() else { break }
            let waiters = commit(group, tail)
            if visible >= position {
                // The next leader first: the others wake while it writes.
                passLeadOn()
                return tell(waiters)
            }
            tell(waiters)
        }
        passLeadOn()
    }

    /// Leads for callers that do not block, until nobody waits any more.
    private func leadForOthers() {
        while let (group, tail) = takeGroup() {
            tell(commit(group, tail))
            if state.withLock({ $0.waiters.isEmpty }) { break }
        }
        passLeadOn()
    }

    private func takeGroup() -> (LogGroup, Tail)? {
        let (taken, wakes) = state.withLock { state -> ((LogGroup, Tail)?, [SpaceWake]) in
            guard state.failure == nil, !state.groups.isEmpty else { return (nil, []) }
            let group = state.groups.removeFirst()
            if !group.isClosed { state.tail = group.nextStart }
            state.isWriting = true
            // What was gathered is gone: those whom the limit of gathering kept out may try again.
            return ((group, state.written), Self.takeSpaceWaiters(&state))
        }
        for wake in wakes { wake(nil) }
        return taken
    }

    private func passLeadOn() {
        let next = state.withLock { state -> LogWaiter.Wake? in
            state.isLed = false
            guard state.failure == nil, !state.groups.isEmpty else { return nil }
            let written = state.unpublished.last?.end ?? visible
            guard let index = state.waiters.firstIndex(where: { $0.position > written }) else {
                return nil
            }
            state.isLed = true
            guard case .ticket = state.waiters[index].wake else { return state.waiters[index].wake }
            return state.waiters.remove(at: index).wake
        }
        switch next {
        case .ticket(let ticket): ticket.finish(.lead)
        case .resume: world.scheduler.schedule(.log) { self.leadForOthers() }
        case .leader: preconditionFailure("there is one leader, and it does not wait now")
        case nil: scheduleMark()
        }
    }

    /// Writes a group; answers who waited for what is visible then.
    private func commit(_ group: consuming LogGroup, _ tail: Tail) -> [LogWaiter] {
        var group = group
        let before = tail
        var tail = tail
        waitForCopies(through: group.copiedThrough)
        do throws(FileError) {
            try write(&group, &tail)
        } catch {
            guard let moved = move(group, before, after: error) else { return [] }
            tail = moved
        }
        let written = Written(end: group.nextStart, inserts: group.inserts)
        let buffer = group.takeBuffer()
        state.withLock { state in
            state.unpublished.append(written)
            state.written = tail
            state.isWriting = false
            if buffer.capacity > state.buffer.capacity { state.buffer = buffer }
        }
        _ = written.inserts.finishOne()
        return publish()
    }

    /// Records that their writers copy themselves are in the kernel, all that are before `position`.
    private func waitForCopies(through position: LogPosition) {
        guard visible < position, pause(until: position) else { return }
        let ticket = CommitTicket(world.scheduler.makeGate())
        let isDone = state.withLock { state in
            state.failure != nil || addWaiter(position, .leader(ticket), &state)
        }
        if !isDone { _ = ticket.wait() }
    }

    private func write(_ group: inout LogGroup, _ tail: inout Tail) throws(FileError) {
        if group.opensSegment {
            if !tail.isSynced { try lastWritten.withLock { $0 }.file.sync() }
            let header = try group.segment.start(tail.end, base: group.base)
            tail.end = LogEnd(segment: header.number, lengthBytes: 0, checksum: header.checksum)
            tail.base = group.base
            tail.synced = max(tail.synced, group.start)
            tail.syncedEnd = tail.end
            tail.isSynced = true
            hooks.didStartSegment(header.number, group.base)
        }
        tail.wallMilliseconds = max(tail.wallMilliseconds, world.time.wallMilliseconds)
        groupMilliseconds.store(tail.wallMilliseconds, ordering: .releasing)
        let end = group.end
        tail.end.checksum = group.finish(
            chain: tail.end.checksum,
            syncedThrough: tail.synced,
            now: tail.wallMilliseconds
        )
        tail.end.lengthBytes = Int(end.rawValue - group.base.rawValue)
        try group.segment.file.write(group.bytes, at: group.fileOffset)
        tail.isSynced = group.needsSync
        if group.needsSync {
            try group.segment.file.sync()
            tail.synced = group.nextStart
            tail.syncedEnd = tail.end
        }
        let segment = group.segment
        lastWritten.withLock { $0 = segment }
        advanceSynced(to: tail.synced)
    }

    /// Makes the oldest written groups visible whose records are all in their memtables.
    /// - Returns: who waited for them.
    func publish() -> [LogWaiter] {
        state.withLock { state in
            var end: LogPosition?
            while let first = state.unpublished.first, first.inserts.isZero {
                end = first.end
                state.unpublished.removeFirst()
            }
            guard let end else { return [] }
            advanceVisible(to: end)
            return takeWaiters(through: end, &state)
        }
    }

    /// Nothing is appended any more, not even a mark: the directory belongs to somebody else soon.
    func stop() {
        let error = EngineError(.closed, "the database was closed")
        let waiters = state.withLock { state -> [LogWaiter] in
            guard state.failure == nil else { return [] }
            state.failure = error
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.tell(error) }
    }

    /// The log failed: everyone who waits is told that the outcome is unknown.
    func fail(_ error: EngineError) {
        let (waiters, spaceWaiters, isFirst) = state.withLock { state in
            let isFirst = state.failure == nil
            if isFirst { state.failure = error }
            defer {
                state.waiters = []
                state.spaceWaiters = []
                state.groups = []
                state.isLed = false
                state.isWriting = false
                state.isMoving = false
            }
            return (state.waiters, state.spaceWaiters, isFirst)
        }
        for waiter in waiters { waiter.tell(error) }
        for wake in spaceWaiters { wake(error) }
        if isFirst { hooks.didFail(error) }
    }
}
