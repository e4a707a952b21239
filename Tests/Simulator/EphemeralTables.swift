internal import ShaleEngine
internal import Synchronization

/// Tables that come and go beside the writers', and what is known of each.
final class EphemeralTables: Sendable {
    private enum Fate: Sendable { case created, dropping, dropped }
    private let fates = Mutex<[TableID: Fate]>([:])

    func created(_ id: TableID) { fates.withLock { $0[id] = .created } }
    func dropping(_ id: TableID) { fates.withLock { $0[id] = .dropping } }
    func dropped(_ id: TableID) { fates.withLock { $0[id] = .dropped } }

    /// One that can be dropped.
    var candidate: TableID? {
        fates.withLock { fates in
            fates.filter { $0.value == .created }.keys.min { $0.rawValue < $1.rawValue }
        }
    }

    /// Compares with what an opening found.
    func settle(_ found: Set<TableID>) throws(Failure) {
        let problem = fates.withLock { fates -> String? in
            for (id, fate) in fates {
                switch fate {
                case .created where !found.contains(id): return "\(id) was created and is gone"
                case .dropped where found.contains(id): return "\(id) was dropped and is back"
                case .dropping: fates[id] = found.contains(id) ? .created : .dropped
                default: break
                }
            }
            return nil
        }
        if let problem { throw Failure(problem) }
    }
}
