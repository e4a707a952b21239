internal import ShaleEngine
internal import ShaleItems
internal import Synchronization

/// One version of a table's definition; writers hold it from their first read to their answer.
final class TableVersion: Sendable {
    let definition: TableDefinition
    let generation: UInt64
    // What every request needs, so that none copies the whole definition.
    let engineTable: EngineTable
    let schema: KeySchema
    /// Whether a write of an item writes the item and nothing else, and nobody asks what it costs.
    let isPlain: Bool
    /// Whether writes need not ask where changes go and when items expire.
    let hasNoFollowers: Bool
    /// Where its requests are admitted; nil where it has no limits.
    let gate: CapacityGate?
    /// Counts what its requests use; nil where nobody asks.
    let usage: UsageCounters?

    init(
        _ definition: TableDefinition,
        generation: UInt64,
        _ gate: CapacityGate?,
        _ usage: UsageCounters?
    ) {
        self.usage = usage
        self.definition = definition
        self.generation = generation
        engineTable = definition.engineTable
        schema = definition.key
        hasNoFollowers =
            definition.stream?.isEnabled != true && definition.timeToLive == nil
        self.gate = gate.flatMap { $0.limits(definition) ? $0 : nil }
        isPlain = definition.indexes.isEmpty && hasNoFollowers && self.gate == nil
    }
}

/// A table that requests use: its newest definition, who still writes after an older one, and what
/// it holds.
///
/// Invariants:
/// - A writer works with the version it entered with, so index entries are those of that version.
/// - `publish` answers when no writer of an older version is left. After that every write, whatever it
///   does, keeps the indexes of the new version: a backfill that starts then misses nothing, and the
///   engine's tables that only older versions name may be dropped.
/// - Until then writers of both versions change the same items. So a new index comes in two versions: in
///   the first writers only take its entries out, in the second they put them in as well.
/// - One change at a time (`beginChange`, `endChange`).
final class LiveTable: Sendable {
    private struct State {
        var version: TableVersion
        /// Who writes after the newest version.
        var writers = 0
        /// Who still writes after older ones, by their generations; none has zero.
        var olderWriters: [UInt64: Int] = [:]
        var drains: [(generation: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
        /// What the table holds.
        var tally: Tally
        /// What each index holds.
        var indexTallies: [TableID: Tally]
        /// Whether the catalog's entry holds other tallies.
        var isTallyStale = false
        /// Whether the tally is of all items, and misses none that a crash left uncounted.
        var isCounted = false
        /// Who has the right to change the definition, and who comes next.
        var changer: Changer?
        var nextChanges: [(Changer, CheckedContinuation<Bool, Never>)] = []
        var isDeleted = false
        /// Whether it was being made, and could not be.
        var hasFailed = false
        /// Requests, for the sample of their keys.
        var requests = 0

        /// The oldest version after which somebody writes; nil where nobody does.
        var oldestWritten: UInt64? {
            olderWriters.keys.min() ?? (writers > 0 ? version.generation : nil)
        }

        mutating func renew(_ newest: TableVersion) {
            if writers > 0 { olderWriters[version.generation] = writers }
            writers = 0
            version = newest
        }

        mutating func count(_ table: TableID, _ change: Tally) {
            guard change != Tally() else { return }
            if table == version.engineTable.id {
                tally += change
            } else {
                indexTallies[table, default: Tally()] += change
            }
            isTallyStale = true
        }

        /// - Returns: how many are left of those who write after that version.
        mutating func leave(_ generation: UInt64) -> Int {
            guard generation != version.generation else {
                writers -= 1
                return writers
            }
            let remaining = (olderWriters[generation] ?? 1) - 1
            olderWriters[generation] = remaining > 0 ? remaining : nil
            return remaining
        }
    }

    private enum Changer { case request, background }

    let name: String
    /// Where its changes go.
    let changes = ChangeSwitch()
    /// Where it is remembered when its items expire.
    let expiry: ExpirySwitch
    /// Where its requests are admitted, whenever it has limits; nil where no table ever has.
    let gate: CapacityGate?
    /// Counts what its requests use; nil where nobody asks.
    let usage: UsageCounters?
    /// Which of its keys are asked for most.
    let hotKeys = HotKeys()
    /// Whether the next key that is asked for is looked at.
    private let isSampleDue = Atomic<Bool>(false)
    private let state: Mutex<State>

    /// `tallies` are those of the table and then of its indexes.
    init(
        _ definition: TableDefinition,
        _ tallies: [Tally],
        _ gate: CapacityGate?,
        _ usage: UsageCounters?
    ) {
        name = definition.name
        self.usage = usage
        self.gate = gate
        expiry = ExpirySwitch(definition.timeToLive)
        let indexes = definition.indexes.map(\.engineTable.id)
        state = Mutex(
            State(
                version: TableVersion(definition, generation: 0, gate, usage),
                tally: tallies.first ?? Tally(),
                indexTallies: Dictionary(zip(indexes, tallies.dropFirst())) { first, _ in first }
            )
        )
    }

    /// The newest definition, for readers.
    var definition: TableDefinition { state.withLock { $0.version.definition } }

    /// The newest version, for readers that need only some of its definition.
    var version: TableVersion {
        let (version, requests) = state.withLock { state in
            state.requests &+= 1
            return (state.version, state.requests)
        }
        sample(requests)
        return version
    }

    @inline(__always)
    private func sample(_ requests: Int) {
        if requests % HotKeys.sampledOne == 0 { isSampleDue.store(true, ordering: .relaxed) }
    }

    /// A request asks for this key.
    @inline(__always)
    func note(_ key: EntryKey) {
        if isSampleDue.load(ordering: .relaxed) { noteSampled(key) }
    }

    private func noteSampled(_ key: EntryKey) {
        if isSampleDue.exchange(false, ordering: .relaxed) { hotKeys.note(key) }
    }

    /// Whether the copying of its items has failed, so that it may be deleted.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    func noteFailure() { state.withLock { $0.hasFailed = true } }

    /// Whether the table has been deleted.
    var isDeleted: Bool { state.withLock { $0.isDeleted } }

    // MARK: Writers

    /// Begins a write.
    ///
    /// Ends with `leave`.
    func enter() throws(DatabaseError) -> TableVersion {
        let entered = state.withLock { state -> (TableVersion, Int)? in
            guard !state.isDeleted else { return nil }
            state.writers += 1
            state.requests &+= 1
            return (state.version, state.requests)
        }
        guard let (version, requests) = entered else { throw .tableNotFound }
        sample(requests)
        return version
    }

    /// Ends a write that changed what the table and its indexes hold by `changes`.
    func leave(_ version: TableVersion, _ changes: [(table: TableID, change: Tally)] = []) {
        leave(version) { state in
            for change in changes { state.count(change.table, change.change) }
        }
    }

    /// Ends a write that changed what the table holds by `change`.
    func leave(_ version: TableVersion, _ change: Tally) {
        leave(version) { $0.count(version.engineTable.id, change) }
    }

    private func leave(_ version: TableVersion, _ count: (inout State) -> Void) {
        let drained = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            count(&state)
            let remaining = state.leave(version.generation)
            guard remaining == 0, !state.drains.isEmpty else { return [] }
            let oldest = state.oldestWritten ?? .max
            let ready = state.drains.filter { $0.generation <= oldest }
            state.drains.removeAll { $0.generation <= oldest }
            return ready.map(\.continuation)
        }
        for continuation in drained { continuation.resume() }
    }

    /// Adds to what the table or an index holds.
    func count(_ table: TableID, _ change: Tally) {
        state.withLock { $0.count(table, change) }
    }

    /// What the table and then each index of `definition` holds.
    func tallies(of definition: TableDefinition) -> [Tally] {
        state.withLock { state in
            [state.tally]
                + definition.indexes.map { state.indexTallies[$0.engineTable.id] ?? Tally() }
        }
    }

    /// Whether tallies have changed since the table was opened.
    var isTallyStale: Bool { state.withLock { $0.isTallyStale } }

    /// Whether the tally is of all items: known of system tables alone.
    var isCounted: Bool { state.withLock { $0.isCounted } }

    /// The catalog's entry says that it is counted; `isYet` is false where a crash came behind that.
    func noteCounted(isYet: Bool) {
        state.withLock { state in
            state.isCounted = isYet
            if !isYet { state.isTallyStale = true }
        }
    }

    /// Puts what was counted in place of the tally, for who knows that nobody writes meanwhile.
    func count(all tally: Tally) {
        state.withLock { state in
            state.tally = tally
            state.isCounted = true
            state.isTallyStale = true
        }
    }

    // MARK: Changes

    /// Claims the right to change the definition for a request, or refuses when another request has it.
    ///
    /// Work in the background has it for a moment only, and is waited for.
    func beginChange() async throws(DatabaseError) {
        let isMine = await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                switch state.changer {
                case nil:
                    state.changer = .request
                    return true
                case .request: return false
                case .background:
                    state.nextChanges.append((.request, continuation))
                    return nil
                }
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard isMine else {
            throw DatabaseError(
                .resourceInUse,
                "Attempt to change a resource which is still in use: Table is being updated: "
                    + name
            )
        }
    }

    /// Claims that right for work in the background, as soon as nobody else has it.
    func awaitChange() async {
        _ = await withCheckedContinuation { continuation in
            let isMine = state.withLock { state in
                guard state.changer == nil else {
                    state.nextChanges.append((.background, continuation))
                    return false
                }
                state.changer = .background
                return true
            }
            if isMine { continuation.resume(returning: true) }
        }
    }

    /// Gives that right to who waits for it, or back.
    func endChange() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.nextChanges.isEmpty else {
                state.changer = nil
                return nil
            }
            let (changer, continuation) = state.nextChanges.removeFirst()
            state.changer = changer
            return continuation
        }
        next?.resume(returning: true)
    }

    /// Makes `definition` the newest, and answers when no writer of an older one is left.
    func publish(_ definition: TableDefinition) async {
        gate?.change(to: definition)
        let generation = state.withLock { state in
            let generation = state.version.generation + 1
            state.renew(TableVersion(definition, generation: generation, gate, usage))
            return generation
        }
        await drain(before: generation)
    }

    /// Answers when the writers that are there now have left; others may come meanwhile.
    func awaitWriters() async {
        let generation = state.withLock { state in
            let generation = state.version.generation + 1
            state.renew(TableVersion(state.version.definition, generation: generation, gate, usage))
            return generation
        }
        await drain(before: generation)
    }

    /// Lets no writer in any more, and answers when the last is out.
    func retire() async {
        state.withLock { $0.isDeleted = true }
        await drain(before: .max)
    }

    private func drain(before generation: UInt64) async {
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                guard let oldest = state.oldestWritten, oldest < generation else {
                    return true
                }
                state.drains.append((generation, continuation))
                return false
            }
            if isDrained { continuation.resume() }
        }
    }
}
