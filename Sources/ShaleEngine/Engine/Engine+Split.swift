internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Cuts the partition of `table` that holds `key` into two at `key`, without stopping it: both
    /// parts share the runs and read the old memtable until it is flushed.
    ///
    /// - Throws: `.invalidArgument` if a partition begins at `key` already.
    public func split(_ table: TableID, at key: EntryKey) async throws(EngineError) {
        let result: Result<Void, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.splitBlocking(table, at: key) }
        }
        try result.get()
    }

    /// `split` for a thread that may block.
    public func splitBlocking(_ table: TableID, at key: EntryKey) throws(EngineError) {
        _ = try lane()
        takeFlushTurn()
        defer { giveFlushTurn() }
        try turn.hold(world.scheduler) { () throws(EngineError) in
            guard let parent = map.partition(table, key.bytes) else {
                throw EngineError(.noSuchTable, "there is no \(table)")
            }
            guard parent.lower != key.bytes, !key.bytes.isEmpty else {
                throw EngineError(
                    .invalidArgument,
                    "a partition of \(table) begins at this key already"
                )
            }
            try cut(parent, at: key.bytes)
        }
        emit(.split(table))
    }

    private func cut(_ parent: PartitionView, at key: [UInt8]) throws(EngineError) {
        let low = numbers.partition()
        let high = numbers.partition()
        func children(_ parent: PartitionView, _ position: LogPosition) -> [PartitionView] {
            let sealed = parent.sealing(through: position, account).sealed
            return [(low, parent.lower, Optional(key)), (high, key, parent.upper)]
                .map { id, lower, upper in
                    PartitionView(
                        id: id,
                        table: parent.table,
                        lower: lower,
                        upper: upper,
                        flushedThrough: parent.flushedThrough,
                        active: Memtable(lower: lower, upper: upper, account: account),
                        sealed: sealed,
                        runs: parent.runs.compactMap {
                            $0.pieces(in: EntryRange(lower: lower, upper: upper))
                        }
                    )
                }
        }
        let records = children(parent, .zero).map { ManifestEdit.setPartition($0.record) }
        try manifest.commit([numbers.edit, .removePartition(parent.id)] + records)
        changeMap { map, position in
            map.replacing(parent, by: children(parent, position))
        }
    }

    /// Cuts a partition in the middle if what lies in its range has become too large.
    func splitIfLarge(_ id: PartitionID) {
        guard let partition = map.partitions.first(where: { $0.id == id }) else { return }
        do throws(EngineError) {
            let key = try withSlot { () throws(EngineError) -> [UInt8]? in
                let size = try partition.estimatedBytes(in: partition.range, .blocking)
                return size > options.partitionSizeBytes ? try middleKey(of: partition) : nil
            }
            guard let key, KeyOrder.isAscending(partition.lower, key) else { return }
            try splitBlocking(partition.table, at: EntryKey(bytes: key))
        } catch {
            emit(.backgroundFailed(error))
        }
    }

    private func middleKey(of partition: PartitionView) throws(EngineError) -> [UInt8]? {
        guard let largest = partition.runs.max(by: { $0.sizeBytes < $1.sizeBytes }) else {
            return nil
        }
        let sections = largest.sections(in: partition.range)
        guard !sections.isEmpty else { return nil }
        return try sections[sections.count / 2].middleKey(in: partition.range, .blocking)
    }

    /// A flush and a split exclude each other: a flush is of partitions that stay.
    private func takeFlushTurn() {
        while true {
            let isTaken = background.state.withLock { state in
                defer { state.isFlushing = true }
                return !state.isFlushing
            }
            if isTaken { return }
            let gate = world.scheduler.makeGate()
            background.whenSomethingEnds { gate.open() }
            if background.state.withLock({ !$0.isFlushing }) {
                background.somethingEnded(background.state.withLock { $0.failure })
            }
            gate.wait()
        }
    }

    private func giveFlushTurn() {
        let mustStart = background.state.withLock { state in
            state.isFlushing = false
            defer { state.isFlushWanted = false }
            return state.isFlushWanted
        }
        background.somethingEnded(background.state.withLock { $0.failure })
        resumeParked()
        if mustStart { requestFlush() }
    }
}
