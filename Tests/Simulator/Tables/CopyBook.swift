internal import ShaleItems
internal import ShaleTables
internal import Synchronization

/// Backups, restored tables and exports of a history, and what each of them may hold.
///
/// Each has a name that is never used again. One that was acknowledged must be there after every crash, one that was
/// deleted must be gone; one that was asked for may be either, and is whole if it is there.
final class CopyBook: Sendable {
    enum Kind: Sendable { case backup, table, export }

    enum Fate: Sendable {
        /// Asked for.
        case asked
        /// Acknowledged; a table or an export may still be under way.
        case made
        case dropping
        /// Gone, or of no more interest.
        case dropped
    }

    /// For each client, in the order of the histories: its items in the table after any of the changes that may have been
    /// its last.
    typealias Allowed = [[[ItemKey: Item]]]

    struct Entry: Sendable {
        var name: String
        var kind: Kind
        /// The table that it is a copy of.
        var schema: TableSchema
        var fate = Fate.asked
        /// Of each client, how many changes must be in it.
        var least: [Int] = []
        /// Nil as long as it is not known which changes may be.
        var allowed: Allowed?
        /// Whether it was asked for in this life.
        var isFresh = true
        /// Whether its contents are certain: not where a sync forgot what was written before it.
        var isCertain = true
        /// Whether it was under way while an operation of the disk failed.
        var mayFail = false
        /// Whether it is an export that has been compared.
        var isDone = false
        /// Whether it is an export of what was newest: one that a crash interrupts reads the whole millisecond in which it
        /// was asked for, and writes that came behind it are of the same.
        var isOfNewest: Bool { kind == .export && !isOfMoment }
        fileprivate var isOfMoment = false
    }

    private struct State {
        var entries: [Entry] = []
        var hasFault = false
        var compared = 0
    }

    private let state = Mutex(State())

    private static let tablePrefix = "Copy"

    /// Whether a table is one of a restore.
    static func isCopy(_ tableName: String) -> Bool { tableName.hasPrefix(tablePrefix) }

    /// How many were compared with what they may hold.
    var comparedCount: Int { state.withLock { $0.compared } }

    /// Notes one that is about to be asked for, and gives it a name.
    func begin(
        _ kind: Kind,
        of schema: TableSchema,
        least: [Int],
        allowed: Allowed?
    ) -> String {
        state.withLock { state in
            let number = state.entries.count
            let name =
                switch kind {
                case .backup: "backup\(number)"
                case .table: "\(Self.tablePrefix)\(number)"
                case .export: "export\(number)"
                }
            var entry = Entry(name: name, kind: kind, schema: schema)
            entry.least = least
            entry.allowed = allowed
            entry.isOfMoment = allowed != nil
            entry.mayFail = state.hasFault
            state.entries.append(entry)
            return name
        }
    }

    /// It was acknowledged; `allowed` is what it may hold where that was not known before.
    func acknowledge(_ name: String, allowed: Allowed? = nil) {
        change(name) { entry in
            entry.fate = .made
            entry.allowed = entry.allowed ?? allowed
        }
    }

    func set(_ name: String, _ fate: Fate) { change(name) { $0.fate = fate } }

    /// An export was compared, and stays only in what the database remembers.
    func finish(_ name: String) { change(name) { $0.isDone = true } }

    private func change(_ name: String, _ body: (inout Entry) -> Void) {
        state.withLock { state in
            for index in state.entries.indices where state.entries[index].name == name {
                body(&state.entries[index])
            }
        }
    }

    /// Those that are there, the oldest first.
    func present(_ kind: Kind) -> [Entry] {
        state.withLock { state in
            state.entries.filter { $0.kind == kind && $0.fate == .made && !$0.isDone }
        }
    }

    /// Whether operations of the disk fail from now on, so that what is under way may as well.
    func expectFailures(_ hasFault: Bool) {
        state.withLock { state in
            state.hasFault = hasFault
            guard hasFault else { return }
            for index in state.entries.indices { state.entries[index].mayFail = true }
        }
    }

    /// A life has ended: what was asked for and not answered may hold all that was tried, and so may an export of what was
    /// newest.
    func endLife(_ histories: [ClientHistory], forgets: Bool) {
        state.withLock { state in
            for index in state.entries.indices where state.entries[index].isFresh {
                let entry = state.entries[index]
                state.entries[index].isFresh = false
                if forgets, entry.kind != .backup { state.entries[index].isCertain = false }
                guard entry.allowed == nil || entry.isOfNewest else { continue }
                state.entries[index].allowed = zip(histories, entry.least).map { history, least in
                    history.states(
                        of: entry.schema.name,
                        from: least,
                        through: history.triedCount
                    )
                }
            }
        }
    }

    // MARK: Comparing

    /// Compares with the names of all of a kind that an opening found.
    func settle(_ kind: Kind, _ found: Set<String>) throws(Failure) {
        let problem = state.withLock { state -> String? in
            var unknown = found
            for index in state.entries.indices where state.entries[index].kind == kind {
                let name = state.entries[index].name
                let isThere = unknown.remove(name) != nil
                switch state.entries[index].fate {
                case .made: if !isThere { return "\(name) was made and is gone" }
                case .dropped: if isThere { return "\(name) is there, and was deleted or refused" }
                case .asked, .dropping: state.entries[index].fate = isThere ? .made : .dropped
                }
            }
            return unknown.min().map { "\($0) is there, which nobody asked for" }
        }
        if let problem { throw Failure(problem) }
    }

    /// Compares the items of one with what it may hold.
    func compare(_ entry: Entry, _ items: [Item], _ swarm: TableSwarm) throws(Failure) {
        guard entry.isCertain, let allowed = entry.allowed else { return }
        for (client, allowed) in allowed.enumerated() {
            var found: [ItemKey: Item] = [:]
            for item in items
            where CallGenerator.owner(of: item, entry.schema.key, swarm) == .client(client) {
                found[entry.schema.key(of: item)] = item
            }
            guard !allowed.contains(found) else { continue }
            throw Failure(
                "\(entry.name) of \(entry.schema.name) has \(found.count) items of client \(client), "
                    + "which it had after none of \(allowed.count) changes"
            )
        }
        state.withLock { $0.compared += 1 }
    }
}
