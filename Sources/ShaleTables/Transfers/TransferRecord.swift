public import ShaleItems
internal import Synchronization

/// Which export or import it is.
public struct TransferIdentity: Hashable, Comparable, Sendable {
    /// The kinds.
    public enum Kind: String, Sendable, CaseIterable {
        /// Items of a table into objects.
        case export
        /// Objects into a new table.
        case `import`
    }

    /// The kind.
    public var kind: Kind
    /// The name of the table.
    public var tableName: String
    /// When it began, in milliseconds since 1970 with 14 digits, and eight random hexadecimal digits.
    public var label: String

    /// An identity.
    public init(kind: Kind, tableName: String, label: String) {
        self.kind = kind
        self.tableName = tableName
        self.label = label
    }

    /// Oldest first.
    public static func < (left: TransferIdentity, right: TransferIdentity) -> Bool {
        left.label.utf8.lexicographicallyPrecedes(right.label.utf8)
    }
}

/// What is remembered of an export or import.
///
/// What the description says is the matter of who makes it.
public struct TransferRecord: Sendable, Equatable {
    /// Which one it is.
    public var identity: TransferIdentity
    /// What its user is told.
    public var description: Item

    /// A record.
    public init(identity: TransferIdentity, description: Item) {
        self.identity = identity
        self.description = description
    }
}

/// How far an export or import is.
public struct TransferProgress: Sendable, Equatable {
    /// Items of an export, bytes of an import's objects.
    public var done: Int
    /// Of the same kind; 0 where nobody knows it, as for exports of changes.
    public var total: Int
    /// Items that were written so far.
    public var items: Int

    /// Progress.
    public init(done: Int, total: Int, items: Int) {
        self.done = done
        self.total = total
        self.items = items
    }
}

/// Exports and imports in memory as in the catalog, and which of them go on in this process.
final class TransferRegistry: Sendable {
    /// Of each kind; older ones are forgotten.
    static let most = 1_000

    private struct State {
        var records: [TransferIdentity: TransferRecord]
        var running: [TransferIdentity: TransferProgress] = [:]
    }

    private let state: Mutex<State>

    init(_ records: [TransferRecord]) {
        state = Mutex(
            State(records: Dictionary(uniqueKeysWithValues: records.map { ($0.identity, $0) }))
        )
    }

    func all(_ kind: TransferIdentity.Kind) -> [TransferRecord] {
        state.withLock { state in state.records.values.filter { $0.identity.kind == kind } }
            .sorted { $0.identity < $1.identity }
    }

    subscript(_ identity: TransferIdentity) -> TransferRecord? {
        state.withLock { $0.records[identity] }
    }

    func install(_ record: TransferRecord) {
        state.withLock { $0.records[record.identity] = record }
    }

    func remove(_ identity: TransferIdentity) { state.withLock { $0.records[identity] = nil } }

    func begin(_ identity: TransferIdentity) {
        note(TransferProgress(done: 0, total: 0, items: 0), of: identity)
    }

    func note(_ progress: TransferProgress, of identity: TransferIdentity) {
        state.withLock { $0.running[identity] = progress }
    }

    func end(_ identity: TransferIdentity) { state.withLock { $0.running[identity] = nil } }

    func progress(of identity: TransferIdentity) -> TransferProgress? {
        state.withLock { $0.running[identity] }
    }

    func isRunning(_ identity: TransferIdentity) -> Bool { progress(of: identity) != nil }
}
