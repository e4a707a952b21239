internal import ShaleBytes
public import ShalePlatform
internal import Synchronization

// Provisional: the engine's face over a sorted array, so that the layers above can be written.
public final class Engine: Sendable {
    struct State: Sendable {
        var tables: [EngineTable] = []
        var entries: [TableID: [(key: [UInt8], value: [UInt8])]] = [:]
        var position: UInt64 = 0
        var nextTable: UInt64 = 1
    }
    private let state = Mutex(State())
    private let world: World

    private init(_ world: World) { self.world = world }

    public static func open(
        _ directory: String,
        _ options: EngineOptions = EngineOptions(),
        in world: World
    ) async throws(EngineError) -> Engine { Engine(world) }

    public func createTable() async throws(EngineError) -> EngineTable {
        state.withLock { state in
            let table = EngineTable(id: TableID(state.nextTable), hashSeed: world.randomness.next())
            state.nextTable += 1
            state.tables.append(table)
            return table
        }
    }

    public func dropTable(_ id: TableID) async throws(EngineError) {
        state.withLock { state in
            state.tables.removeAll { $0.id == id }
            state.entries[id] = nil
        }
    }

    public var tables: [EngineTable] { state.withLock { $0.tables } }

    public func table(_ id: TableID) -> EngineTable? { tables.first { $0.id == id } }

    /// Runs `body` on one consistent view of the database: first in memory on the caller's thread;
    /// where it needs the disk, from its beginning on a thread that may block. So `body` may run twice.
    public func read<Answer: Sendable>(
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> Answer
    ) async throws(EngineError) -> Answer {
        try body(ReadView(state: state.withLock { $0 }))
    }

    public func readBlocking<Answer>(
        _ body: (ReadView) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try body(ReadView(state: state.withLock { $0 }))
    }

    /// Writes without reading first.
    @discardableResult
    public func write(
        _ batch: WriteBatch,
        _ durability: Durability = .synced
    ) async throws(EngineError) -> LogPosition {
        state.withLock { Self.apply(batch, &$0) }
    }

    /// Owns `keys`, runs `body` on the newest state of them, and writes the batch it returns.
    /// Answers when all that `body` read and wrote is visible. `body` may run twice.
    public func update<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ durability: Durability = .synced,
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Answer {
        let staged = try await stage(owning: keys, body)
        try await settle(staged.position, durability)
        return staged.answer
    }

    /// The first half of `update`: the writes have their place in the log and the keys are free again,
    /// but nothing is durable or visible, and nobody may be told, before `settle`.
    public func stage<Answer: Sendable>(
        owning keys: [OwnedKey],
        _ body: @escaping @Sendable (ReadView) throws(EngineError) -> (WriteBatch, Answer)
    ) async throws(EngineError) -> Staged<Answer> {
        let result: Result<Staged<Answer>, EngineError> = state.withLock { state in
            do throws(EngineError) {
                let (batch, answer) = try body(ReadView(state: state))
                return .success(Staged(position: Self.apply(batch, &state), answer: answer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Waits until everything up to `position` is visible with this durability.
    public func settle(
        _ position: LogPosition,
        _ durability: Durability = .synced
    ) async throws(EngineError) {}

    public func flush() async throws(EngineError) {}
    public func compact() async throws(EngineError) {}
    /// Cuts the partition of `table` that holds `key` into two at `key`.
    public func split(_ table: TableID, at key: EntryKey) async throws(EngineError) {}
    /// Writes an openable copy of the database into the new directory `path`.
    public func checkpoint(to path: String) async throws(EngineError) {}
    /// Flushes, seals the log and gives the directory back.
    public func close() async throws(EngineError) {}

    private static func apply(_ batch: WriteBatch, _ state: inout State) -> LogPosition {
        for write in batch.writes {
            var list = state.entries[write.table] ?? []
            let index = ReadView.lowerBound(list, write.key.bytes)
            if index < list.count, list[index].key == write.key.bytes { list.remove(at: index) }
            if let value = write.value { list.insert((write.key.bytes, value), at: index) }
            state.entries[write.table] = list
        }
        state.position += UInt64(batch.writes.count)
        return LogPosition(state.position)
    }
}

/// Writes that have their place in the log, and what their body answered.
public struct Staged<Answer: Sendable>: Sendable {
    public let position: LogPosition
    public let answer: Answer
}

/// The database at one position of the log.
public struct ReadView: Sendable {
    let state: Engine.State

    /// The value of a key.
    public func get(_ table: TableID, _ key: EntryKey) throws(EngineError) -> [UInt8]? {
        let list = state.entries[table] ?? []
        let index = Self.lowerBound(list, key.bytes)
        return index < list.count && list[index].key == key.bytes ? list[index].value : nil
    }

    /// Lends the value of a key.
    public func withValue<Answer>(
        _ table: TableID,
        _ key: EntryKey,
        _ body: (RawSpan) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer? {
        guard let value = try get(table, key) else { return nil }
        return try unsafe body(value.span.bytes)
    }

    /// Visits the entries of a range in the order of their stored key bytes, or in reverse.
    public func scan(
        _ table: TableID,
        _ range: EntryRange,
        _ direction: ScanDirection = .ascending,
        _ visit: (_ key: [UInt8], _ value: [UInt8]) throws(EngineError) -> ScanStep
    ) throws(EngineError) {
        var list = (state.entries[table] ?? []).filter { range.contains($0.key) }
        if direction == .descending { list.reverse() }
        for entry in list where try visit(entry.key, entry.value) == .stop {
            return
        }
    }

    static func lowerBound(_ list: [(key: [UInt8], value: [UInt8])], _ key: [UInt8]) -> Int {
        list.firstIndex { !$0.key.lexicographicallyPrecedes(key) } ?? list.count
    }
}
