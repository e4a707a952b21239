internal import ShaleEngine
internal import Synchronization

/// A key of the model: which table, partition key and sort key.
struct ModelKey: Hashable, Sendable {
    var table: Int
    var partition: [UInt8]
    var sort: [UInt8]
}

/// One batch of a writer.
struct ModelBatch: Sendable {
    /// Never used again, in no life.
    var number: UInt64
    var changes: [ModelKey: [UInt8]?]
    var isSynced: Bool
    /// Its place in the log, once it was acknowledged.
    var position: LogPosition?
}

/// What one writer has done since its state was last known for sure.
///
/// Its keys are its own and its batches come one after the other, so after a crash they hold the state after
/// some prefix of its batches: at least up to the last one that must have survived, at most up to the last one
/// that was tried. Each batch writes its number to the writer's clock, which so says which prefix it is.
final class WriterHistory: Sendable {
    private struct State {
        /// What is known for sure.
        var base: [ModelKey: [UInt8]] = [:]
        var baseNumber: UInt64 = 0
        /// What was tried since, in order.
        var batches: [ModelBatch] = []
    }

    let writer: Int
    private let state = Mutex(State())

    init(writer: Int) { self.writer = writer }

    /// The key whose value is the number of the last batch.
    var clock: ModelKey {
        ModelKey(table: 0, partition: Array("w\(writer)".utf8), sort: Array("clock".utf8))
    }

    func begin(_ batch: ModelBatch) {
        state.withLock { $0.batches.append(batch) }
    }

    /// A batch that was begun was not written, for sure: it must never be there.
    func withdraw(_ number: UInt64) {
        state.withLock { state in state.batches.removeAll { $0.number == number } }
    }

    func acknowledge(_ number: UInt64, at position: LogPosition) {
        state.withLock { state in
            guard let index = state.batches.lastIndex(where: { $0.number == number }) else {
                return
            }
            state.batches[index].position = position
        }
    }

    private static func apply(_ batch: ModelBatch, to entries: inout [ModelKey: [UInt8]]) {
        for (key, value) in batch.changes { entries[key] = value }
    }

    /// The state after the batch with this number; nil if there is none.
    ///
    /// For a reader of a life that goes on.
    func entries(after number: UInt64) -> [ModelKey: [UInt8]]? {
        state.withLock { state in
            guard number != state.baseNumber else { return state.base }
            guard let last = state.batches.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            var entries = state.base
            for batch in state.batches[...last] { Self.apply(batch, to: &entries) }
            return entries
        }
    }

    /// What is found is the state after one of the batches; which one, nobody may ask of a disk that lies.
    func require(_ found: [ModelKey: [UInt8]]) throws(Failure) {
        let number = Numbers.number(found[clock])
        // Nothing at all is the state before the first batch.
        if number == 0, found.isEmpty { return }
        guard let expected = entries(after: number) else {
            throw Failure("writer \(writer): batch \(number) never was, or was long ago")
        }
        try Failure.compare(found, expected, "writer \(writer) after batch \(number)")
    }

    /// The number of the last acknowledged batch; a reader sees at least that.
    var acknowledgedNumber: UInt64 {
        state.withLock { state in
            state.batches.last { $0.position != nil }?.number ?? state.baseNumber
        }
    }

    /// What survived a crash.
    struct Survivors: Sendable {
        /// The newest position of a batch that is known to be there.
        var newest: LogPosition?
        /// The oldest position of an acknowledged batch that is not.
        var oldestLost: LogPosition?
    }

    /// Compares what an opening after a crash found with what may be there, and takes it for sure from now
    /// on.
    ///
    /// With `keepsBuffered`, `.buffered` writes must have survived as well.
    func settle(
        _ found: [ModelKey: [UInt8]],
        keepsBuffered: Bool
    ) throws(Failure) -> Survivors {
        let result: Result<Survivors, Failure> = state.withLock { state in
            Result { () throws(Failure) in
                try Self.settle(&state, found, keepsBuffered, writer, clock)
            }
        }
        return try result.get()
    }

    private static func settle(
        _ state: inout State,
        _ found: [ModelKey: [UInt8]],
        _ keepsBuffered: Bool,
        _ writer: Int,
        _ clock: ModelKey
    ) throws(Failure) -> Survivors {
        let number = Numbers.number(found[clock])
        let included: Int
        if number == state.baseNumber {
            included = 0
        } else if let index = state.batches.firstIndex(where: { $0.number == number }) {
            included = index + 1
        } else {
            throw Failure("writer \(writer): batch \(number) is there, which no longer can be")
        }
        let needed =
            state.batches.lastIndex { $0.position != nil && ($0.isSynced || keepsBuffered) }
            .map { $0 + 1 } ?? 0
        guard included >= needed else {
            throw Failure(
                "writer \(writer): batch \(state.batches[needed - 1].number) was acknowledged and is lost;"
                    + " the last one there is \(number)"
            )
        }
        var expected = state.base
        for batch in state.batches[..<included] { apply(batch, to: &expected) }
        try Failure.compare(found, expected, "writer \(writer) after batch \(number)")
        let survivors = Survivors(
            newest: state.batches[..<included].compactMap(\.position).max(),
            oldestLost: state.batches[included...].compactMap(\.position).min()
        )
        state = State(base: expected, baseNumber: number)
        return survivors
    }
}

/// Numbers in values.
enum Numbers {
    static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// Zero where there is none.
    static func number(_ bytes: [UInt8]?) -> UInt64 {
        guard let bytes, bytes.count >= 8 else { return 0 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
    }
}
