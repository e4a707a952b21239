internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Turns all memtables into sorted runs, in steps.
///
/// It seals every memtable that has entries at one position of the log, waits until the log is synced
/// through it, and writes each partition's entries as one section. A partition with much to write gets a
/// file of its own; small ones share one, so that ten thousand tables do not make ten thousand files.
///
/// A sealed memtable that an earlier, failed flush left behind is written together with the newer one.
final class FlushJob: Sendable {
    private let engine: Engine
    private let through: LogPosition
    /// Nil while a step has it.
    private let writing: Mutex<FlushWriting?>

    /// Seals, and waits for the log.
    init(_ engine: Engine) throws(EngineError) {
        self.engine = engine
        let (sealed, through) = Self.seal(engine)
        self.through = through
        let bytes = sealed.reduce(0) { $0 + $1.sealedBytes }
        let counts = engine.slots.counts
        let lookups = counts.found &+ counts.missed
        let isRead = engine.background.state.withLock { state in
            state.sealedBytes = bytes
            // To keep a block costs about what it costs to read one: so readers must be worth it.
            defer {
                state.lookupsAtFlushBefore = state.lookupsAtFlush
                state.lookupsAtFlush = lookups
            }
            return lookups &- state.lookupsAtFlush > bytes / engine.options.blockSizeBytes
        }
        writing = Mutex(FlushWriting(sealed, through, isRead: isRead))
        try engine.lane().syncBlocking()
    }

    private static func seal(_ engine: Engine) -> ([PartitionView], LogPosition) {
        engine.turn.takeBlocking(engine.world.scheduler)
        defer { engine.turn.give() }
        var sealed: [PartitionView] = []
        var through = LogPosition.zero
        engine.changeMap { map, position in
            through = position
            sealed = map.partitions.filter { $0.oldestUnflushed != nil }
                .map { $0.sealing(through: position, engine.account) }
            return map.replacing(sealed)
        }
        return (sealed, through)
    }

    /// Writes some more.
    /// - Returns: what was written, when everything is.
    func step() throws(EngineError) -> FlushedRuns? {
        guard var state = writing.withLock({ $0.take() }) else {
            preconditionFailure("steps of a flush follow each other")
        }
        let result = Result { () throws(EngineError) in try state.step(engine) }
        switch result {
        case .success(true):
            return try state.finish()
        case .success(false):
            putBack(state)
            return nil
        case .failure(let error):
            putBack(state)
            throw error
        }
    }

    private func putBack(_ state: consuming FlushWriting) {
        var state: FlushWriting? = consume state
        writing.withLock { $0 = state.take() }
    }

    /// Removes what was written; the memtables stay sealed for the next flush.
    func abandon() {
        guard var state = writing.withLock({ $0.take() }) else { return }
        state.abandon(engine)
    }
}

extension PartitionView {
    /// The same partition with a fresh memtable; the one it had takes no writes at or behind `position`.
    func sealing(through position: LogPosition, _ account: MemtableAccount) -> PartitionView {
        guard !active.isEmpty || sealed.isEmpty else { return self }
        return with(
            active: Memtable(lower: lower, upper: upper, account: account),
            sealed: [Sealed(memtable: active, through: position)] + sealed
        )
    }

    var sealedBytes: Int { sealed.reduce(0) { $0 + $1.memtable.sizeBytes } }
}
