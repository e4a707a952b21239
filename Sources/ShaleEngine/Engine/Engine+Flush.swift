internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// After a failure, background work is tried again this much later.
    static let retryDelay = Duration.seconds(1)

    /// Flushes all memtables in the background, soon.
    func requestFlush() {
        // At the cap a compaction that ends asks again: to try before would only go around in a circle.
        guard !hasTooManyRuns else { return requestCompactions() }
        let mustStart = background.state.withLock { state in
            guard !state.isClosed else { return false }
            guard !state.isFlushing else {
                state.isFlushWanted = true
                return false
            }
            state.isFlushing = true
            return true
        }
        if mustStart { world.scheduler.schedule(.flush) { self.beginFlush() } }
    }

    /// Everything written so far becomes sorted runs.
    public func flush() async throws(EngineError) {
        _ = try lane()
        while !memtablesAreEmpty {
            let failure: EngineError? = await withCheckedContinuation { continuation in
                background.whenSomethingEnds {
                    continuation.resume(returning: self.background.state.withLock { $0.failure })
                }
                requestFlush()
            }
            if let failure { throw failure }
        }
    }

    /// `flush` for a thread that may block.
    public func flushBlocking() throws(EngineError) {
        _ = try lane()
        while !memtablesAreEmpty {
            let gate = world.scheduler.makeGate()
            background.whenSomethingEnds { gate.open() }
            requestFlush()
            gate.wait()
            if let failure = background.state.withLock({ $0.failure }) { throw failure }
        }
    }

    private var memtablesAreEmpty: Bool {
        map.partitions.allSatisfy { $0.oldestUnflushed == nil }
    }

    private func beginFlush() {
        do throws(EngineError) {
            let start = durations.now
            let job = try FlushJob(self)
            world.scheduler.schedule(.flush) { self.continueFlush(job, since: start) }
        } catch {
            endFlush(error, again: true)
        }
    }

    private func continueFlush(_ job: FlushJob, since start: UInt64) {
        do throws(EngineError) {
            guard let flushed = try job.step() else {
                return world.scheduler.schedule(.flush) {
                    self.continueFlush(job, since: start)
                }
            }
            try install(flushed)
            durations.note(.flush, since: start)
            endFlush(nil, again: false)
        } catch {
            job.abandon()
            endFlush(error, again: true)
        }
    }

    private func endFlush(_ failure: EngineError?, again: Bool) {
        let mustStart = background.state.withLock { state in
            state.isFlushing = false
            state.sealedBytes = 0
            defer { state.isFlushWanted = false }
            return state.isFlushWanted && failure == nil && !state.isClosed
        }
        if let failure { emit(.backgroundFailed(failure)) }
        if let failure { noteFullDisk(failure) }
        if diskSpace.isFull { segments?.retryIfWanted() }
        background.somethingEnded(failure)
        resumeParked()
        requestCompactions()
        expectSettling()
        if mustStart { requestFlush() }
        if again, !background.isClosed {
            world.scheduler.schedule(.flush, after: Self.retryDelay) { self.requestFlush() }
        }
    }

    /// Enters the runs of a finished flush into the manifest, then into the map, and frees the log.
    private func install(_ flushed: FlushedRuns) throws(EngineError) {
        // No run enters the manifest before the log is synced through what the run contains.
        let synced = try lane().synced
        precondition(synced >= flushed.through, "the flush has waited for the log")
        let names = flushed.files.map(\.number)
        let blobNames = flushed.blobFiles.map(\.number)
        do throws(EngineError) {
            try turn.hold(world.scheduler) { () throws(EngineError) in
                try syncDirectory()
                for file in flushed.files { runFiles.register(file) }
                for file in flushed.blobFiles { runFiles.blobs.register(file) }
                let replacements = flushed.replacements(in: map, runFiles, numbers)
                let used = Set(
                    replacements.flatMap { $0.runs.first?.record.pieces.map(\.file) ?? [] }
                )
                var edits: [ManifestEdit] = [numbers.edit, .logSynced(synced)]
                edits += flushed.files.filter { used.contains($0.number) }.map { .addFile($0) }
                let usedBlobs = Set(
                    replacements.flatMap { $0.runs.first?.record.blobs.shares.map(\.file) ?? [] }
                )
                edits += flushed.blobFiles.filter { usedBlobs.contains($0.number) }
                    .map { .addBlobFile($0) }
                edits += replacements.map { .setPartition($0.record) }
                try manifest.commit(edits)
                let flushed = map.flushedMemtables(replacements)
                changeMap { map, _ in map.replacing(replacements) }
                background.state.withLock { $0.sealedBytes = 0 }
                for memtable in flushed { memtable.leave() }
                runFiles.retire(names.filter { !used.contains($0) })
                runFiles.blobs.retire(blobNames.filter { !usedBlobs.contains($0) })
                noteRuns()
                expectScrub()
            }
        } catch {
            // What the manifest may name stays; the next opening removes what it does not name.
            if error.code == .diskFull {
                runFiles.retire(names)
                runFiles.blobs.retire(blobNames)
            }
            throw error
        }
        openAhead(names)
        counters.flushes.add(1, ordering: .relaxed)
        counters.flushedBytes.add(flushed.sizeBytes, ordering: .relaxed)
        backgroundPause(after: flushed.sizeBytes)
        earnSettling(flushed.sizeBytes)
        emit(.flushed(entries: flushed.entryCount, bytes: flushed.sizeBytes))
        try freeLog()
        keepReserve()
    }

    /// Opens new files before a reader needs them; a failure changes nothing and is told.
    func openAhead(_ numbers: [FileNumber]) {
        do throws(EngineError) {
            try runFiles.openAhead(numbers)
        } catch {
            emit(.backgroundFailed(error))
        }
    }

    func syncDirectory() throws(EngineError) {
        do throws(FileError) {
            try world.files.syncDirectory(directory)
        } catch {
            throw EngineError(error)
        }
    }

    /// Removes run files that no manifest has named; what cannot be removed now is removed at the next
    /// opening.
    func removeRunFiles(_ numbers: [FileNumber]) {
        for number in numbers {
            do throws(FileError) {
                try world.files.remove(directory + "/" + number.fileName(RunFormat.suffix))
            } catch {
                emit(.backgroundFailed(EngineError(error)))
            }
        }
    }

    /// Remembers how many runs the partition with the most has, and how much hidden space.
    func noteRuns() {
        let partitions = map.partitions
        let most = partitions.reduce(0) { max($0, $1.runs.count) }
        background.mostRuns.store(most, ordering: .relaxed)
        let hidden = background.state.withLock { state in
            partitions.reduce(0) { most, partition in
                // What is hidden is known when upper runs have met the bottom run once.
                guard partition.runs.count > 1, let share = state.overwrittenShares[partition.id]
                else { return most }
                let claims = state.compacting.filter { $0.partition == partition.id }
                return max(most, hiddenThousandths(of: partition, claims, share))
            }
        }
        background.mostHidden.store(hidden, ordering: .relaxed)
    }

    /// What upper runs hide of the bottom run.
    ///
    /// As far as a merge into it has come, its output is bottom run, and the runs that it merges hide
    /// nothing: so writers may go on as fast as it does. Some memtables' worth does not count: a small
    /// partition is merged seldom.
    private func hiddenThousandths(
        of partition: PartitionView,
        _ claims: [CompactionClaim],
        _ overwrittenShare: Double
    ) -> Int {
        guard let last = partition.runs.last?.record.id else { return 0 }
        let merge = claims.first { $0.inputs.last == last }
        var (gathered, merged, output, rest) = (0, 0, 0, 0)
        for run in partition.runs {
            let size = run.sizeBytes(in: partition.range)
            switch run.record.id {
            case last: rest += size
            case merge?.output: output += size
            case let id where merge?.has(id) == true: merged += size
            default: gathered += size
            }
        }
        let bottom = Double(max(1, output + rest))
        let upper = Double(gathered) + Double(merged) * Double(rest) / bottom
        guard upper > Double(CompactionPicker.fewestUpperRuns * memtableShareBytes) else {
            return 0
        }
        let share = min(1, max(CompactionPicker.smallestOverwrittenShare, overwrittenShare))
        return Int(upper * share * 1_000 / bottom)
    }

    /// Lets go of the log that no memtable needs.
    func freeLog() throws(EngineError) {
        // Records before the visible position are in their memtables; behind it, some may not be yet.
        let visible = self.visible
        let oldest = map.partitions.compactMap(\.oldestUnflushed).min() ?? visible
        try segments?.free(before: min(oldest, visible))
    }
}

extension PartitionMap {
    /// Sealed memtables that `replacements` no longer have.
    fileprivate func flushedMemtables(_ replacements: [PartitionView]) -> [Memtable] {
        let before = Dictionary(uniqueKeysWithValues: partitions.map { ($0.id, $0) })
        return replacements.flatMap { replacement in
            let left = Set(replacement.sealed.map { ObjectIdentifier($0.memtable) })
            return (before[replacement.id]?.sealed ?? []).map(\.memtable)
                .filter { !left.contains(ObjectIdentifier($0)) }
        }
    }
}

extension FlushedRuns {
    /// The partitions that were flushed and are still there, each with its new run.
    func replacements(
        in map: PartitionMap,
        _ runFiles: RunFiles,
        _ numbers: Numbers
    ) -> [PartitionView] {
        let current = Dictionary(uniqueKeysWithValues: map.partitions.map { ($0.id, $0) })
        return pieces.compactMap { flushed in
            guard let partition = current[flushed.partition] else { return nil }
            var runs = partition.runs
            if !flushed.pieces.isEmpty {
                let record = RunRecord(id: numbers.run(), pieces: flushed.pieces, lowerBound: [])
                runs.insert(runFiles.run(record), at: 0)
            }
            return partition.with(
                flushedThrough: through,
                sealed: partition.sealed.filter { $0.through > through },
                runs: runs
            )
        }
    }
}
