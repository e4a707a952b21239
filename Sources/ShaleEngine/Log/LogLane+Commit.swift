internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// Blocks until everything before `position` is visible; leads where nobody does.
    func settleBlocking(_ position: LogPosition) throws(EngineError) {
        while visible < position {
            switch join(position) {
            case .visible: return
            case .failed(let error): throw error
            case .lead: lead(until: position)
            case .wait(let ticket):
                switch ticket.wait() {
                case .visible: return
                case .failed(let error): throw error
                case .lead: lead(until: position)
                }
            }
        }
    }

    /// Suspends until everything before `position` is visible.
    ///
    /// The log is written by the lane's own steps: no cooperative thread blocks.
    func settle(_ position: LogPosition) async throws(EngineError) {
        if visible >= position { return }
        let error: EngineError? = await withCheckedContinuation { continuation in
            whenSettled(position) { continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }

    /// Calls `wake` once, when everything before `position` is visible, or never will be.
    func whenSettled(_ position: LogPosition, _ wake: @escaping @Sendable (EngineError?) -> Void) {
        enum Next { case done(EngineError?), wait, lead }
        let next = state.withLock { state -> Next in
            if visible >= position { return .done(nil) }
            if let failure = state.failure { return .done(failure) }
            state.waiters.append(LogWaiter(position: position, wake: .resume(wake)))
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
        case wait(CommitTicket)
        case failed(EngineError)
    }

    private func join(_ position: LogPosition) -> Joined {
        let ticket = CommitTicket(world.scheduler.makeGate())
        return state.withLock { state in
            if visible >= position { return .visible }
            if let failure = state.failure { return .failed(failure) }
            if !state.isLed, !state.groups.isEmpty {
                state.isLed = true
                return .lead
            }
            state.waiters.append(LogWaiter(position: position, wake: .ticket(ticket)))
            return .wait(ticket)
        }
    }

    private func lead(until position: LogPosition) {
        while visible < position {
            guard let group = takeGroup() else { break }
            commit(group)
        }
        passLeadOn()
    }

    /// Leads for callers that do not block, until nobody waits any more.
    private func leadForOthers() {
        while let group = takeGroup() {
            commit(group)
            if state.withLock({ $0.waiters.isEmpty }) { break }
        }
        passLeadOn()
    }

    private func takeGroup() -> LogGroup? {
        let (group, wakes) = state.withLock { state -> (LogGroup?, [SpaceWake]) in
            guard state.failure == nil, !state.groups.isEmpty else { return (nil, []) }
            let group = state.groups.removeFirst()
            if !group.isClosed { state.tail = group.nextStart }
            // What was gathered is gone: those whom the limit of gathering kept out may try again.
            return (group, Self.takeSpaceWaiters(&state))
        }
        for wake in wakes { wake(nil) }
        return group
    }

    private func passLeadOn() {
        let next = state.withLock { state -> LogWaiter.Wake? in
            state.isLed = false
            guard state.failure == nil, !state.groups.isEmpty else { return nil }
            let written = state.written.last?.end ?? visible
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
        case nil: scheduleMark()
        }
    }

    private func commit(_ group: LogGroup) {
        do throws(FileError) {
            try write(group)
        } catch {
            fail(
                EngineError(
                    .logFailed,
                    file: error.path,
                    offset: group.fileOffset,
                    "the log could not be written (\(error.reason)): the outcome of the writes under "
                        + "way is unknown; open the database anew to find out"
                )
            )
            return
        }
        state.withLock { state in
            state.written.append(Written(end: group.nextStart, inserts: group.inserts))
        }
        _ = group.inserts.finishOne()
        publish()
    }

    private func write(_ group: LogGroup) throws(FileError) {
        var group = group
        var tail = leaderTail.withLock { $0 }
        if group.opensSegment {
            if !tail.isSynced { try lastWritten.withLock { $0 }.file.sync() }
            let header = try group.segment.start(tail.end, base: group.base)
            tail.end = LogEnd(segment: header.number, lengthBytes: 0, checksum: header.checksum)
            tail.synced = max(tail.synced, group.start)
            tail.isSynced = true
            hooks.didStartSegment(header.number, group.base)
        }
        tail.wallMilliseconds = max(tail.wallMilliseconds, world.time.wallMilliseconds)
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
        }
        let result = tail
        leaderTail.withLock { $0 = result }
        lastWritten.withLock { $0 = group.segment }
        advanceSynced(to: result.synced)
    }

    /// Makes the oldest written groups visible whose records are all in their memtables.
    func publish() {
        let wakes = state.withLock { state -> [LogWaiter.Wake] in
            var end: LogPosition?
            while let first = state.written.first, first.inserts.isZero {
                end = first.end
                state.written.removeFirst()
            }
            guard let end else { return [] }
            advanceVisible(to: end)
            var wakes: [LogWaiter.Wake] = []
            state.waiters.removeAll { waiter in
                guard waiter.position <= end else { return false }
                wakes.append(waiter.wake)
                return true
            }
            return wakes
        }
        for wake in wakes {
            switch wake {
            case .ticket(let ticket): ticket.finish(.visible)
            case .resume(let resume): resume(nil)
            }
        }
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
            }
            return (state.waiters, state.spaceWaiters, isFirst)
        }
        for waiter in waiters {
            switch waiter.wake {
            case .ticket(let ticket): ticket.finish(.failed(error))
            case .resume(let resume): resume(error)
            }
        }
        for wake in spaceWaiters { wake(error) }
        if isFirst { hooks.didFail(error) }
    }
}
