internal import ShalePlatform

extension Engine {
    /// Makes an empty table with a number and a hash seed that another database has given it, so
    /// that stored keys stay what they are.
    ///
    /// - Throws: `.invalidArgument` if there is a table with this number.
    func adoptTable(_ table: EngineTable) throws(EngineError) {
        _ = try lane()
        try turn.hold(world.scheduler) { () throws(EngineError) in
            guard map.tables[table.id] == nil else {
                throw EngineError(.invalidArgument, "there is a \(table.id) already")
            }
            numbers.reserve(tablesBefore: TableID(table.id.rawValue + 1))
            try add(table)
        }
    }
}
