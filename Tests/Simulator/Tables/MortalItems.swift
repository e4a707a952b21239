internal import ShaleItems
internal import ShaleTables
internal import Synchronization

/// Items that expire while a history goes on, and what may be there of each.
///
/// One writer writes them, all with `.synced`; beside it only the sweeper touches them. What a crash leaves of a sweep is not
/// certain: it is done again.
final class MortalItems: Sendable {
    /// What was written under a key; nil deletes.
    private struct Write {
        var item: Item?
        var isAcknowledged = false
    }

    private struct State {
        /// Since the last write that must be there, oldest first.
        var writes: [ItemKey: [Write]] = [:]
        /// Where nothing was found in this life, and nothing was written since.
        var gone: Set<ItemKey> = []
        /// Rounds of the sweeper that failed.
        var failures = 0
    }
    private let state = Mutex(State())

    /// Keys that were ever written.
    var keys: [ItemKey] {
        state.withLock { $0.writes.keys.sorted { $0.description < $1.description } }
    }

    /// A write is about to be made.
    func begin(_ key: ItemKey, _ item: Item?) {
        state.withLock { state in
            state.writes[key, default: []].append(Write(item: item))
            state.gone.remove(key)
        }
    }

    /// The last write of a key must be there from now on, whatever happens.
    func acknowledge(_ key: ItemKey) {
        state.withLock { state in
            guard var last = state.writes[key]?.last else { return }
            last.isAcknowledged = true
            state.writes[key] = [last]
        }
    }

    /// The last write was refused.
    func withdraw(_ key: ItemKey) {
        state.withLock { _ = $0.writes[key]?.popLast() }
    }

    /// Somebody looked at `seconds`, and that is possible.
    ///
    /// Who looks while nobody writes.
    /// - Throws: where it is not.
    func saw(_ key: ItemKey, _ found: Item?, at seconds: Int64) throws(Failure) {
        let problem = state.withLock { state -> String? in
            let writes = state.writes[key] ?? []
            let isPossible = writes.contains { $0.item == found }
            let mayBeNothing =
                writes.isEmpty || writes[0].isAcknowledged == false
                || writes.contains { $0.item == nil || Self.isDue($0.item, at: seconds) }
            guard let found else {
                state.gone.insert(key)
                return mayBeNothing ? nil : "nothing is there, and it was not time yet"
            }
            guard isPossible else { return "there is \(found.words), which was overwritten" }
            return state.gone.contains(key) ? "\(found.words) is there again" : nil
        }
        if let problem { throw Failure("\(key), which expires: \(problem)") }
    }

    /// A crash: what was swept may be there again.
    func crash() { state.withLock { $0.gone = [] } }

    /// After a crash this is there, and stays.
    func settle(_ key: ItemKey, _ found: Item?) {
        state.withLock { $0.writes[key] = [Write(item: found, isAcknowledged: true)] }
    }

    // MARK: The sweeper

    /// A round of the sweeper may have failed.
    func note(_ event: DatabaseEvent) {
        switch event {
        case .expiryFailed, .housekeepingFailed: state.withLock { $0.failures += 1 }
        default: return
        }
    }

    /// How many rounds failed.
    var failures: Int { state.withLock { $0.failures } }

    /// Those that a round that begins at `seconds` must delete.
    func due(at seconds: Int64) -> [ItemKey: Item] {
        state.withLock { state in
            var due: [ItemKey: Item] = [:]
            for (key, writes) in state.writes where writes.count == 1 && writes[0].isAcknowledged {
                if Self.isDue(writes[0].item, at: seconds) { due[key] = writes[0].item }
            }
            return due
        }
    }

    private static func isDue(_ item: Item?, at seconds: Int64) -> Bool {
        guard let until = item?[TableSchema.until]?.numberValue?.intValue else { return false }
        return until < seconds
    }
}
