internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Writes without reading first; answers when the writes are visible.
    /// - Returns: the position of the batch in the log.
    /// - Throws: `.tooLarge`, `.noSuchTable`, `.diskFull`, `.logFailed`, `.closed`.
    @discardableResult
    public func write(
        _ batch: WriteBatch,
        _ durability: Durability = .synced
    ) async throws(EngineError) -> LogPosition {
        let staged = try await stage(owning: [], durability) { _ in (batch, ()) }
        try await settle(staged.position)
        return staged.position
    }

    /// Owns `keys`, runs `body` on the newest state of them, and writes the batch that it returns.
    ///
    /// Answers when all that `body` has read and written is visible. `body` sees other keys as well, but
    /// only those it owns cannot change meanwhile. It may run more than once, and must have no effect
    /// but its answer.
    public func update<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Answer {
        let staged = try await stage(owning: keys, durability, body)
        try await settle(staged.position)
        return staged.answer
    }

    /// The first half of `update`: the writes have their place in the log and the keys are free
    /// again, but nothing is durable or visible, and nobody may be told, before `settle` has
    /// answered.
    ///
    /// Several staged updates share one sync.
    public func stage<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Staged<Answer> {
        let stripes = ownership.stripes(of: keys)
        var mode = ReadMode.memoryOnly
        while true {
            try await waitForRoom()
            let attempt: Attempt<Answer>
            if mode == .memoryOnly {
                await ownership.take(stripes)
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
            case .noSpace(let size): try await waitForSpace(size)
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
        let staged = try stageBlocking(owning: [], durability) { _ in (batch, ()) }
        try lane().settleBlocking(staged.position)
        return staged.position
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
            try waitForRoomBlocking()
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
            let lane = try self.lane()
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
            guard !batch.isEmpty else {
                return .staged(Staged(position: tracker.end, answer: answer))
            }
            try check(batch)
            let payload = LogPayload(BatchFormat.encode(batch.writes))
            let size = LogGroup.sizeBytes(payload: payload.bytes.count)
            guard size <= Limits.recordSizeBytes else {
                throw EngineError(
                    .tooLarge,
                    "the batch takes \(size) bytes of log, at most \(Limits.recordSizeBytes) are allowed"
                )
            }
            switch lane.append(.batch, payload, durability, inOrder: { self.map }) {
            case .appended(let appended, let map):
                insert(batch, at: appended.position, map)
                lane.inserted(appended)
                didWrite(batch, payload.bytes.count)
                return .staged(Staged(position: appended.end, answer: answer))
            case .noSpace: return .noSpace(size)
            case .failed(let error): return .failed(error)
            }
        } catch {
            return error.code == .wouldBlock ? .needsDisk : .failed(error)
        }
    }

    private func insert(_ batch: WriteBatch, at position: LogPosition, _ map: PartitionMap) {
        for write in batch.writes {
            // A table that was dropped meanwhile takes no entries; the log record is then passed over by
            // replay as well.
            guard let partition = map.partition(write.table, write.key.bytes) else { continue }
            partition.active.add(write, at: position) { slots.horizon(visible) }
        }
    }

    private func check(_ batch: WriteBatch) throws(EngineError) {
        guard batch.writes.count <= Limits.writesPerBatch else {
            throw EngineError(
                .tooLarge,
                "the batch has \(batch.writes.count) writes, at most \(Limits.writesPerBatch) are allowed"
            )
        }
        let map = self.map
        for write in batch.writes {
            guard map.tables[write.table] != nil else {
                throw EngineError(.noSuchTable, "there is no \(write.table)")
            }
            let partition = EntryKey.partition(in: write.key.bytes).count
            guard partition <= Limits.partitionKeySizeBytes,
                write.key.bytes.count <= Limits.keySizeBytes
            else {
                throw EngineError(
                    .tooLarge,
                    "a key has \(write.key.bytes.count) bytes, \(partition) of them the partition key; at "
                        + "most \(Limits.keySizeBytes) and \(Limits.partitionKeySizeBytes) are allowed"
                )
            }
            guard (write.value?.count ?? 0) <= Limits.valueSizeBytes else {
                throw EngineError(
                    .tooLarge,
                    "a value has \(write.value?.count ?? 0) bytes, at most \(Limits.valueSizeBytes) are "
                        + "allowed"
                )
            }
        }
    }

    private func didWrite(_ batch: WriteBatch, _ bytes: Int) {
        counters.writes.add(batch.writes.count, ordering: .relaxed)
        counters.writtenBytes.add(bytes, ordering: .relaxed)
        if account.sizeBytes - background.state.withLock({ $0.sealedBytes }) > memtableShareBytes {
            requestFlush()
        }
    }
}

/// Writes that have their place in the log, and what their body has answered.
public struct Staged<Answer: Sendable>: Sendable {
    /// To settle on.
    public let position: LogPosition
    /// What the body has answered; to be told to nobody before the position is settled.
    public let answer: Answer
}
