internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Starts the compactions that are needed and not under way.
    func requestCompactions() {
        let (overdue, shares) = background.state.withLock { ($0.overdueRuns, $0.overwrittenShares) }
        for partition in map.partitions {
            // Looked at first without the lock: of ten thousand partitions few need anything.
            let runs = candidates(partition, [], overdue)
            let share = shares[partition.id] ?? 1
            guard pick(runs, share, 0) != nil, let claim = claim(partition.id) else { continue }
            world.scheduler.schedule(.compaction) { self.beginCompaction(claim) }
        }
        requestCollection()
    }

    private func pick(
        _ runs: [CompactionPicker.Candidate],
        _ share: Double,
        _ mergesUnderWay: Int
    ) -> Range<Int>? {
        CompactionPicker.pick(
            runs,
            overwrittenShare: share,
            runCap: options.runCap,
            flushBytes: memtableShareBytes,
            mergesUnderWay: mergesUnderWay
        )
    }

    func candidates(
        _ partition: PartitionView,
        _ claims: [CompactionClaim],
        _ overdue: Set<RunID>
    ) -> [CompactionPicker.Candidate] {
        partition.runs.map { run in
            CompactionPicker.Candidate(
                sizeBytes: run.sizeBytes(in: partition.range),
                entryCount: run.entryCount,
                tombstoneCount: run.tombstoneCount,
                isBusy: claims.contains { $0.has(run.record.id) },
                isOverdue: overdue.contains(run.record.id)
            )
        }
    }

    /// Merges all runs of every partition into one, after a flush.
    public func compact() async throws(EngineError) {
        try await flush()
        let result: Result<Void, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.compactBlocking() }
        }
        try result.get()
    }

    /// `compact` for a thread that may block, without the flush.
    public func compactBlocking() throws(EngineError) {
        _ = try lane()
        for partition in map.partitions {
            if let claim = try claimAll(partition.id) { try compactBlocking(claim) }
        }
        while let claim = claimCollection() { try compactBlocking(claim) }
    }

    private func compactBlocking(_ claim: CompactionClaim) throws(EngineError) {
        defer { endCompaction(claim, nil) }
        guard let job = job(claim) else { return }
        do throws(EngineError) {
            while try !job.step() {}
        } catch {
            job.abandon()
            noteFullDisk(error)
            throw error
        }
        didCompact(job)
    }

    /// Takes the runs that need to be merged most, if any do.
    private func claim(_ id: PartitionID) -> CompactionClaim? {
        background.state.withLock { state in
            guard !state.isClosed else { return nil }
            // Looked up inside: a compaction that ends changes the map first and then gives its runs
            // back.
            guard let partition = map.partitions.first(where: { $0.id == id }) else { return nil }
            let claims = state.compacting.filter { $0.partition == id }
            let runs = candidates(partition, claims, state.overdueRuns)
            let share = state.overwrittenShares[id] ?? 1
            guard let range = pick(runs, share, claims.count) else { return nil }
            let claim = claim(partition, range)
            state.compacting.append(claim)
            return claim
        }
    }

    func claim(_ partition: PartitionView, _ range: Range<Int>) -> CompactionClaim {
        CompactionClaim(
            partition: partition.id,
            inputs: partition.runs[range].map(\.record.id),
            output: numbers.run()
        )
    }

    /// Takes all runs of a partition, as soon as nobody else has one; nil if there is nothing to merge.
    private func claimAll(_ id: PartitionID) throws(EngineError) -> CompactionClaim? {
        while true {
            let attempt: CompactionClaim?? = background.state.withLock { state in
                guard !state.compacting.contains(where: { $0.partition == id }) else { return nil }
                guard let partition = map.partitions.first(where: { $0.id == id }),
                    partition.runs.count > 1 || (partition.runs.first?.tombstoneCount ?? 0) > 0
                else { return .some(nil) }
                let claim = claim(partition, 0..<partition.runs.count)
                state.compacting.append(claim)
                return claim
            }
            if let attempt { return attempt }
            let gate = world.scheduler.makeGate()
            background.whenSomethingEnds { gate.open() }
            let isFree = background.state.withLock { state in
                !state.compacting.contains { $0.partition == id }
            }
            if isFree { background.somethingEnded() }
            gate.wait()
            // The compaction that was waited for may be one that fails and is tried for ever.
            if let failure = background.state.withLock({ $0.failure }) { throw failure }
            _ = try lane()
        }
    }

    private func job(_ claim: CompactionClaim) -> CompactionJob? {
        guard !background.isClosed,
            let partition = map.partitions.first(where: { $0.id == claim.partition })
        else { return nil }
        return CompactionJob(self, partition, claim)
    }

    func beginCompaction(_ claim: CompactionClaim) {
        guard let job = job(claim) else { return endCompaction(claim, nil) }
        if !job.reachesBottom { background.state.withLock { $0.upperMergeCount += 1 } }
        scheduleStep(of: job, after: 0)
    }

    func continueCompaction(_ job: CompactionJob) {
        do throws(EngineError) {
            if background.isClosed {
                job.abandon()
                stopsGoingBefore(job)
                return endCompaction(job.claim, nil)
            }
            let before = job.progressBytes
            guard try job.step() else {
                return scheduleStep(of: job, after: job.progressBytes - before)
            }
            didCompact(job)
            stopsGoingBefore(job)
            endCompaction(job.claim, nil)
            splitIfLarge(job.claim.partition)
            requestCompactions()
            expectSettling()
            requestFlushIfWanted()
        } catch {
            job.abandon()
            emit(.backgroundFailed(error))
            noteFullDisk(error)
            stopsGoingBefore(job)
            // The runs stay taken until it is time to try again.
            let claim = job.claim
            background.somethingEnded(error)
            world.scheduler.schedule(.compaction, after: Self.retryDelay) {
                self.endCompaction(claim, nil)
                self.requestCompactions()
            }
        }
    }

    /// A compaction has ended or failed: those below it go on.
    private func stopsGoingBefore(_ job: CompactionJob) {
        guard !job.reachesBottom else { return }
        background.state.withLock { $0.upperMergeCount -= 1 }
        resumeParked()
    }

    private func didCompact(_ job: CompactionJob) {
        durations.note(.compaction, since: job.start)
        counters.compactions.add(1, ordering: .relaxed)
        counters.compactedBytes.add(job.writtenBytes, ordering: .relaxed)
        if let share = job.overwrittenShare {
            background.state.withLock { $0.overwrittenShares[job.claim.partition] = share }
        }
        emit(.compacted(inputBytes: job.inputBytes))
    }

    private func endCompaction(_ claim: CompactionClaim, _ failure: EngineError?) {
        background.state.withLock { state in
            state.compacting.removeAll { $0 == claim }
            if state.collection == claim { state.collection = nil }
            state.overdueRuns.subtract(claim.inputs)
        }
        background.somethingEnded(failure)
    }

    /// A flush that waited for a compaction is asked for again.
    func requestFlushIfWanted() {
        if account.unflushedBytes > memtableShareBytes { requestFlush() }
    }
}
