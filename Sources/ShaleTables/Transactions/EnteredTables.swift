internal import ShaleEngine

/// The tables that one request writes to: each entered once, at the version that all its writes share.
struct EnteredTables {
    private struct Entered {
        let table: LiveTable
        let version: TableVersion
        var tallies: [(table: TableID, change: Tally)] = []
    }

    private let catalog: Catalog
    private var entered: [String: Entered] = [:]

    init(_ catalog: Catalog) { self.catalog = catalog }

    /// Enters a table, unless that was done.
    mutating func enter(_ name: String) throws(DatabaseError) -> (LiveTable, TableVersion) {
        if let known = entered[name] { return (known.table, known.version) }
        let table = try catalog.table(name)
        let version = try table.enter()
        entered[name] = Entered(table: table, version: version)
        return (table, version)
    }

    /// Enters a system table, unless that was done.
    mutating func enter(system table: SystemTable) throws(DatabaseError) -> TableVersion {
        let name = table.live.definition.name
        if let known = entered[name] { return known.version }
        let version = try table.live.enter()
        entered[name] = Entered(table: table.live, version: version)
        return version
    }

    /// What a write changed in a table and its indexes.
    mutating func count(_ tallies: [(table: TableID, change: Tally)], in name: String) {
        entered[name]?.tallies += tallies
    }

    /// Leaves all tables.
    func leave() {
        for each in entered.values { each.table.leave(each.version, each.tallies) }
    }
}
