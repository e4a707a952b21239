internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Writes without reading first; answers when the writes are visible.
    ///
    /// Waits for background work as long as it takes.
    /// - Returns: the position of the batch in the log.
    /// - Throws: `.tooLarge`, `.noSuchTable`, `.diskFull`, `.logFailed`, `.closed`.
    @discardableResult
    public func write(
        _ batch: WriteBatch,
        _ durability: Durability = .synced
    ) async throws(EngineError) -> LogPosition {
        var patience = WritePatience(nil)
        while true {
            if !mayWriteAtOnce { try await waitForRoom(&patience) }
            switch append(batch, durability) {
            case .appended(let end):
                let lane = try self.lane()
                if lane.visible < end { try await lane.settle(end) }
                return end
            case .noSpace(let size): try await waitForSpace(size, &patience)
            case .failed(let error): throw error
            }
        }
    }

    /// Owns `keys`, runs `body` on the newest state of them, and writes the batch that it returns.
    ///
    /// Answers when all that `body` has read and written is visible. `body` sees other keys as well, but
    /// only those it owns cannot change meanwhile. It may run more than once, and must have no effect
    /// but its answer. Waits for background work no longer than `limit`, nil as long as it takes.
    ///
    /// - Throws: `.overloaded` behind the limit, and then nothing was written; what `body` throws; as `write`.
    public func update<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        waitingAtMost limit: Duration? = nil,
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Answer {
        let staged = try await stage(owning: keys, durability, waitingAtMost: limit, body)
        let lane = try self.lane()
        if lane.visible < staged.position { try await lane.settle(staged.position) }
        return staged.answer
    }

    /// The first half of `update`: the writes have their place in the log and the keys are free
    /// again, but nothing is durable or visible, and nobody may be told, before `settle` has
    /// answered.
    ///
    /// Several staged updates share one sync.
    ///
    /// - Throws: As `update`.
    public func stage<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        waitingAtMost limit: Duration? = nil,
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Staged<Answer> {
        let stripes = ownership.stripes(of: keys)
        var mode = ReadMode.memoryOnly
        var patience = WritePatience(limit)
        while true {
            if !mayWriteAtOnce { try await waitForRoom(&patience) }
            let attempt: Attempt<Answer>
            if mode == .memoryOnly {
                if !ownership.takeIfFree(stripes) { await ownership.take(stripes) }
                attempt = self.attempt(mode, durability, body)
                ownership.give(stripes)
            } else {
                attempt = await world.scheduler.run(.read) {
                    self.ownership.takeBlocking(stripes, self.world.scheduler)
                    defer { self.ownership.give(stripes) }
                    return self.attempt(.blocking, durability, body)
                }
            }
            switch attempt {
            case .staged(let staged): return staged
            case .needsDisk: mode = .blocking
            case .noSpace(let size): try await waitForSpace(size, &patience)
            case .failed(let error): throw error
            }
        }
    }

    /// Waits until everything up to `position` is visible, which for a write staged as `.synced` includes
    /// that it survives the loss of power.
    public func settle(_ position: LogPosition) async throws(EngineError) {
        try await lane().settle(position)
    }

    /// `write` for a thread that may block.
    @discardableResult
    public func writeBlocking(
        _ batch: WriteBatch,
        _ durability: Durability = .synced
    ) throws(EngineError) -> LogPosition {
        while true {
            if !mayWriteAtOnce { try waitForRoomBlocking() }
            switch append(batch, durability) {
            case .appended(let end):
                try lane().settleBlocking(end)
                return end
            case .noSpace(let size): try waitForSpaceBlocking(size)
            case .failed(let error): throw error
            }
        }
    }

    /// `update` for a thread that may block.
    public func updateBlocking<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        _ body: (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) throws(EngineError) -> Answer {
        let staged = try stageBlocking(owning: keys, durability, body)
        try lane().settleBlocking(staged.position)
        return staged.answer
    }

    private func stageBlocking<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability,
        _ body: (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) throws(EngineError) -> Staged<Answer> {
        let stripes = ownership.stripes(of: keys)
        while true {
            if !mayWriteAtOnce { try waitForRoomBlocking() }
            ownership.takeBlocking(stripes, world.scheduler)
            let attempt = self.attempt(.blocking, durability, body)
            ownership.give(stripes)
            switch attempt {
            case .staged(let staged): return staged
            case .needsDisk: preconditionFailure("a blocking read never asks for a thread")
            case .noSpace(let size): try waitForSpaceBlocking(size)
            case .failed(let error): throw error
            }
        }
    }

    private enum Attempt<Answer: Sendable>: Sendable {
        case staged(Staged<Answer>)
        case needsDisk
        case noSpace(Int)
        case failed(EngineError)
    }

    /// One try, with the keys owned: read, decide, append, and put the writes into the memtables.
    private func attempt<Answer: Sendable>(
        _ mode: ReadMode,
        _ durability: Durability,
        _ body: (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) -> Attempt<Answer> {
        do throws(EngineError) {
            _ = try lane()
            // What `body` reads stays in memory: blocks, and versions, which nobody uses again meanwhile.
            let slot = slots.enter()
            defer { slots.leave(slot) }
            slots.see(visible.rawValue, in: slot)
            let tracker = NewestRead()
            let newest = LogPosition(.max)
            let map = self.map
            let view = ReadView(
                map: Unretained(map),
                position: newest,
                mode: mode,
                tracker: tracker
            )
            let (batch, answer) = try body(view)
            let isEmpty = batch.isEmpty && durability == .synced
            switch isEmpty ? markRead(tracker.end) : append(batch, durability) {
            case .appended(let end):
                return .staged(Staged(position: max(end, tracker.end), answer: answer))
            case .noSpace(let size): return .noSpace(size)
            case .failed(let error): return .failed(error)
            }
        } catch {
            return error.code == .wouldBlock ? .needsDisk : .failed(error)
        }
    }

    private enum AppendAttempt {
        /// Visible from here on; zero where there was nothing to write.
        case appended(LogPosition)
        case noSpace(Int)
        case failed(EngineError)
    }

    /// Of a synced update that found nothing to change: what it has read, which others may have written as
    /// `.buffered`, survives the loss of power before anybody is told.
    private func markRead(_ end: LogPosition) -> AppendAttempt {
        do throws(EngineError) {
            let lane = try self.lane()
            guard lane.synced < end else { return .appended(.zero) }
            switch lane.appendSyncMark() {
            case .appended(let appended): return .appended(appended.end)
            case .noSpace: return .noSpace(lane.syncMarkSizeBytes)
            case .failed(let error): return .failed(error)
            case .stale: preconditionFailure("a mark depends on nothing")
            }
        } catch {
            return .failed(error)
        }
    }

    /// Gives a batch its place in the log and in the memtables.
    private func append(_ batch: WriteBatch, _ durability: Durability) -> AppendAttempt {
        guard !batch.isEmpty else { return .appended(.zero) }
        // What is left of a full disk is for making room.
        if diskSpace.isFull, batch.putCount > 0 { return .failed(diskSpace.refusal) }
        return batch.bytes.withLentBytes { bytes in
            do throws(EngineError) {
                let lane = try self.lane()
                try checkSizes(batch)
                let payload = LogPayload(varint: batch.count, bytes)
                let size = LogGroup.sizeBytes(payload: payload.count)
                guard size <= Limits.recordSizeBytes else {
                    throw EngineError(
                        .tooLarge,
                        "the batch takes \(size) bytes of log, at most \(Limits.recordSizeBytes) are "
                            + "allowed"
                    )
                }
                // While the slot is held the map stays, though nobody counts references to it.
                let slot = slots.enter()
                defer { slots.leave(slot) }
                slots.see(UInt64(Int64.max), in: slot)
                while true {
                    let attempt = try withMap { map throws(EngineError) in
                        try append(batch, bytes, payload, durability, lane, map)
                    }
                    if let attempt { return attempt }
                }
            } catch {
                return .failed(error)
            }
        }
    }

    /// One try; nil if the map was replaced meanwhile.
    private func append(
        _ batch: WriteBatch,
        _ bytes: LentBytes,
        _ payload: LogPayload,
        _ durability: Durability,
        _ lane: LogLane,
        _ map: PartitionMap
    ) throws(EngineError) -> AppendAttempt? {
        for index in batch.tables.indices where !map.has(batch.tables[index]) {
            throw EngineError(.noSuchTable, "there is no \(batch.tables[index])")
        }
        prefetch(batch, bytes, map)
        switch lane.append(.batch, payload, durability, if: { isCurrent(map) }) {
        case .stale: return nil
        case .appended(let appended):
            var reader = BatchReader(bytes, count: batch.count)
            let hasGrown = insert(&reader, appended, map)
            lane.inserted(appended)
            counters.didWrite(batch.count, payload.count)
            if hasGrown { memoryHasGrown() }
            return .appended(appended.end)
        case .noSpace: return .noSpace(LogGroup.sizeBytes(payload: payload.count))
        case .failed(let error): return .failed(error)
        }
    }

    /// What a single write will look for is on its way while the log takes it.
    private func prefetch(_ batch: WriteBatch, _ bytes: LentBytes, _ map: PartitionMap) {
        guard batch.count == 1 else { return }
        var reader = BatchReader(bytes, count: 1)
        guard let write = reader.next(), write.ordinal == nil else { return }
        let hash = RunFormat.keyHash(write.key.span)
        map.withPartition(write.table, write.key) { $0.active.prefetch(write.key, keyHash: hash) }
    }

    /// - Returns: whether a memtable has taken more memory.
    private func insert(
        _ reader: inout BatchReader,
        _ appended: LogLane.Appended,
        _ map: PartitionMap
    ) -> Bool {
        let position = appended.position
        var hasGrown = false
        while let write = reader.next() {
            write.withKey(at: position) { key in
                options.watch?.note(write.table, key, visibleFrom: appended.end)
                let hash = RunFormat.keyHash(key.span)
                // A table that was dropped meanwhile takes no entries; the log record is then passed over by
                // replay as well.
                map.withPartition(write.table, key) { partition in
                    let grew = partition.active.add(
                        key,
                        keyHash: hash,
                        write.value,
                        at: position,
                        horizon: { slots.horizon(visible) }
                    )
                    if grew { hasGrown = true }
                }
            }
        }
        return hasGrown
    }

    private func checkSizes(_ batch: WriteBatch) throws(EngineError) {
        guard batch.count <= Limits.writesPerBatch else {
            throw EngineError(
                .tooLarge,
                "the batch has \(batch.count) writes, at most \(Limits.writesPerBatch) are allowed"
            )
        }
        let largest = batch.largest
        guard largest.partition <= Limits.partitionKeySizeBytes, largest.key <= Limits.keySizeBytes
        else {
            throw EngineError(
                .tooLarge,
                "a key has \(largest.key) bytes, a partition key \(largest.partition); at most "
                    + "\(Limits.keySizeBytes) and \(Limits.partitionKeySizeBytes) are allowed"
            )
        }
        guard batch.stampedCount <= Int(UInt16.max) else {
            throw EngineError(
                .tooLarge,
                "the batch has \(batch.stampedCount) stamped keys, at most \(UInt16.max) are allowed"
            )
        }
        guard largest.value <= Limits.valueSizeBytes else {
            throw EngineError(
                .tooLarge,
                "a value has \(largest.value) bytes, at most \(Limits.valueSizeBytes) are allowed"
            )
        }
    }

    private func memoryHasGrown() {
        let sealed = background.state.withLock { $0.sealedBytes }
        if account.unflushedBytes - sealed > memtableShareBytes { requestFlush() }
    }
}

/// Writes that have their place in the log, and what their body has answered.
public struct Staged<Answer: Sendable>: Sendable {
    /// To settle on.
    public let position: LogPosition
    /// What the body has answered; to be told to nobody before the position is settled.
    public let answer: Answer
}
