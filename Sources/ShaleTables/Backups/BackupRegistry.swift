internal import ShaleEngine
internal import Synchronization

/// The backups and restore points of a database in memory as in the catalog, and who uses them now.
final class BackupRegistry: Sendable {
    private struct State {
        var backups: [BackupIdentity: BackupDefinition]
        /// The oldest first.
        var points: [RestorePoint]
        /// How many restores read each.
        var readers: [BackupIdentity: Int] = [:]
        /// How many restores read the past.
        var pastReaders = 0
    }

    private let state: Mutex<State>
    /// Whose turn it is to change where the past begins: restore points, and which tables keep theirs.
    let recoveryTurn = Turn()
    /// Opened checkpoints.
    let readers = CheckpointReaders()

    init(_ backups: [BackupDefinition], _ points: [RestorePoint]) {
        state = Mutex(
            State(
                backups: Dictionary(uniqueKeysWithValues: backups.map { ($0.identity, $0) }),
                points: points.sorted { $0.checkpoint.position < $1.checkpoint.position }
            )
        )
    }

    // MARK: Backups

    /// All backups, the oldest first.
    var all: [BackupDefinition] {
        state.withLock { Array($0.backups.values) }.sorted { $0.identity < $1.identity }
    }

    subscript(_ identity: BackupIdentity) -> BackupDefinition? {
        state.withLock { $0.backups[identity] }
    }

    func install(_ backup: BackupDefinition) {
        state.withLock { $0.backups[backup.identity] = backup }
    }

    /// Takes a backup out, unless somebody restores from it.
    func remove(_ identity: BackupIdentity) -> Bool {
        state.withLock { state in
            guard state.readers[identity] == nil else { return false }
            state.backups[identity] = nil
            return true
        }
    }

    /// A backup that stays until `endReading`; nil if there is none.
    func beginReading(_ identity: BackupIdentity) -> BackupDefinition? {
        state.withLock { state in
            guard let backup = state.backups[identity] else { return nil }
            state.readers[identity, default: 0] += 1
            return backup
        }
    }

    func endReading(_ identity: BackupIdentity) {
        state.withLock { state in
            let left = (state.readers[identity] ?? 1) - 1
            state.readers[identity] = left > 0 ? left : nil
        }
    }

    // MARK: The past

    /// Restore points, the oldest first.
    var points: [RestorePoint] { state.withLock { $0.points } }

    func install(_ point: RestorePoint) { state.withLock { $0.points.append(point) } }

    func remove(_ point: RestorePoint) { state.withLock { $0.points.removeAll { $0 == point } } }

    /// Nothing of the past is forgotten before `endReadingPast`.
    func beginReadingPast() { state.withLock { $0.pastReaders += 1 } }

    func endReadingPast() { state.withLock { $0.pastReaders -= 1 } }

    var isPastRead: Bool { state.withLock { $0.pastReaders > 0 } }
}
