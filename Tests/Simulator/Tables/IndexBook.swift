internal import Synchronization

/// Indexes that are made and deleted while clients work, and what is known of each.
///
/// Their names are never used again.
final class IndexBook: Sendable {
    enum Fate: Sendable {
        /// Asked for.
        case creating
        /// There; it may still be filled.
        case made
        /// Seen to be whole.
        case whole
        case dropping
        case dropped
    }

    struct Entry: Sendable {
        var table: String
        var index: IndexSchema
        var fate: Fate
    }

    private let entries = Mutex<[Entry]>([])

    /// A number for the next one.
    var count: Int { entries.withLock { $0.count } }

    func add(_ index: IndexSchema, to table: String) {
        entries.withLock { $0.append(Entry(table: table, index: index, fate: .creating)) }
    }

    func set(_ name: String, _ fate: Fate) {
        entries.withLock { entries in
            for index in entries.indices where entries[index].index.name == name {
                entries[index].fate = fate
            }
        }
    }

    func fate(of name: String) -> Fate? {
        entries.withLock { $0.first { $0.index.name == name }?.fate }
    }

    /// Those of a table that are there and not being deleted.
    func present(in table: String) -> [Entry] {
        entries.withLock { entries in
            entries.filter { $0.table == table && ($0.fate == .made || $0.fate == .whole) }
        }
    }

    /// Compares with what an opening found: names of the indexes of a table, and which of them are whole.
    func settle(_ table: String, _ found: Set<String>, whole: Set<String>) throws(Failure) {
        let problem = entries.withLock { entries -> String? in
            for position in entries.indices where entries[position].table == table {
                let name = entries[position].index.name
                let isThere = found.contains(name)
                switch entries[position].fate {
                case .made, .whole:
                    guard isThere else { return "index \(name) of \(table) was made and is gone" }
                    if entries[position].fate == .whole, !whole.contains(name) {
                        return "index \(name) of \(table) was whole and is not any more"
                    }
                case .dropped:
                    guard !isThere else {
                        return "index \(name) of \(table) was deleted and is back"
                    }
                case .creating, .dropping:
                    entries[position].fate = isThere ? .made : .dropped
                }
            }
            return nil
        }
        if let problem { throw Failure(problem) }
    }

    /// All of a table's that can be there.
    func known(in table: String) -> [IndexSchema] {
        entries.withLock { entries in
            entries.filter { $0.table == table && $0.fate != .dropped }.map(\.index)
        }
    }
}
