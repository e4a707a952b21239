internal import ShaleBytes
internal import ShalePlatform

extension Engine {
    /// Runs `body` on one consistent view of the database: first in memory on the caller's thread,
    /// and, where it needs the disk, from its beginning on a thread that may block.
    ///
    /// So `body` may run twice, and must have no effect but its answer.
    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> Answer
    ) async throws(EngineError) -> Answer {
        do throws(EngineError) {
            return try view(.memoryOnly, body)
        } catch {
            guard error.code == .wouldBlock else { throw error }
        }
        let result: Result<Answer, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.view(.blocking, body) }
        }
        return try result.get()
    }

    /// Runs `body` on one consistent view of the database; blocks where it needs the disk.
    public func readBlocking<Answer>(
        _ body: (ReadView) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try view(.blocking, body)
    }

    /// Runs `body` on one consistent view of the database as far as memory goes; `.wouldBlock` behind that.
    package func readInMemory<Answer>(
        _ body: (ReadView) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try view(.memoryOnly, body)
    }

    /// Whether reads are answered: until the database is closed.
    package var isOpen: Bool { !isClosed }

    private func view<Answer>(
        _ mode: ReadMode,
        _ body: (ReadView) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        if isClosed { throw EngineError(.closed, "the database was closed") }
        let slot = slots.enter()
        defer { slots.leave(slot) }
        while true {
            let (map, position) = withMap { (Unretained($0), visible) }
            // A write that is visible may be in a memtable of a newer map: then the older one must
            // not be read at this position.
            guard map.with({ isCurrent($0) }) else { continue }
            slots.see(position.rawValue, in: slot)
            return try body(ReadView(map: map, position: position, mode: mode, tracker: nil))
        }
    }

    /// Holds a slot while `body` reads blocks: what it finds in the cache stays there.
    func withSlot<Answer>(
        _ body: () throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        let slot = slots.enter()
        defer { slots.leave(slot) }
        return try body()
    }
}

extension EpochSlots {
    /// No open view is older than this, nor will be.
    func horizon(_ visible: LogPosition) -> LogPosition {
        LogPosition(horizon(newest: visible.rawValue))
    }
}
