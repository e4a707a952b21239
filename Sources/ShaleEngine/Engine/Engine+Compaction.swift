internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Starts the compactions that are needed and not under way.
    func requestCompactions() {
        for partition in map.partitions
        where CompactionPicker.pick(partition.runs.map(\.sizeBytes)) != nil {
            start(partition.id)
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
            while !takeCompaction(partition.id) {
                let gate = world.scheduler.makeGate()
                background.whenSomethingEnds { gate.open() }
                if background.state.withLock({ !$0.compacting.contains(partition.id) }) {
                    background.somethingEnded()
                }
                gate.wait()
                // The compaction that was waited for may be one that fails and is tried for ever.
                if let failure = background.state.withLock({ $0.failure }) { throw failure }
                _ = try lane()
            }
            defer { endCompaction(partition.id, nil) }
            guard let current = map.partitions.first(where: { $0.id == partition.id }),
                current.runs.count > 1 || (current.runs.first?.tombstoneCount ?? 0) > 0
            else { continue }
            let job = CompactionJob(self, current, 0..<current.runs.count)
            do throws(EngineError) {
                while try !job.step() {}
            } catch {
                job.abandon()
                throw error
            }
        }
    }

    private func start(_ partition: PartitionID) {
        guard takeCompaction(partition) else { return }
        world.scheduler.schedule(.compaction) { self.beginCompaction(partition) }
    }

    private func takeCompaction(_ partition: PartitionID) -> Bool {
        background.state.withLock { !$0.isClosed && $0.compacting.insert(partition).inserted }
    }

    private func beginCompaction(_ id: PartitionID) {
        guard !background.isClosed,
            let partition = map.partitions.first(where: { $0.id == id }),
            let range = CompactionPicker.pick(partition.runs.map(\.sizeBytes))
        else { return endCompaction(id, nil) }
        let job = CompactionJob(self, partition, range)
        let inputBytes = partition.runs[range].reduce(0) { $0 + $1.sizeBytes }
        world.scheduler.schedule(.compaction) { self.continueCompaction(job, inputBytes) }
    }

    private func continueCompaction(_ job: CompactionJob, _ inputBytes: Int) {
        do throws(EngineError) {
            if background.isClosed {
                job.abandon()
                return endCompaction(job.partition, nil)
            }
            guard try job.step() else {
                return world.scheduler.schedule(.compaction) {
                    self.continueCompaction(job, inputBytes)
                }
            }
            counters.compactions.add(1, ordering: .relaxed)
            counters.compactedBytes.add(inputBytes, ordering: .relaxed)
            emit(.compacted(inputBytes: inputBytes))
            endCompaction(job.partition, nil)
            splitIfLarge(job.partition)
            requestCompactions()
            requestFlushIfWanted()
        } catch {
            job.abandon()
            emit(.backgroundFailed(error))
            // The partition stays taken until it is time to try again.
            let partition = job.partition
            background.somethingEnded(error)
            world.scheduler.schedule(.compaction, after: Self.retryDelay) {
                self.endCompaction(partition, nil)
                self.requestCompactions()
            }
        }
    }

    private func endCompaction(_ partition: PartitionID, _ failure: EngineError?) {
        _ = background.state.withLock { $0.compacting.remove(partition) }
        background.somethingEnded(failure)
    }

    /// A flush that waited for a compaction is asked for again.
    private func requestFlushIfWanted() {
        if account.sizeBytes > memtableShareBytes { requestFlush() }
    }
}
