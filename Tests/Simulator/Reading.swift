internal import ShaleEngine

/// Reads of a whole model's worth through one view.
extension Engine {
    /// Everything in these tables, by writer; -1 is the shared counter's.
    func contents(of tables: [EngineTable]) throws(EngineError) -> [Int: [ModelKey: [UInt8]]] {
        try readBlocking { view throws(EngineError) in try Self.contents(view, tables) }
    }

    static func contents(
        _ view: ReadView,
        _ tables: [EngineTable]
    ) throws(EngineError) -> [Int: [ModelKey: [UInt8]]] {
        var found: [Int: [ModelKey: [UInt8]]] = [:]
        for (index, table) in tables.enumerated() {
            try view.scan(table.id, .all) { key, value in
                let partition = Array(EntryKey.partition(in: key))
                let place = ModelKey(
                    table: index,
                    partition: partition,
                    sort: Array(EntryKey.sort(in: key))
                )
                found[writer(of: partition), default: [:]][place] = value
                return .continue
            }
        }
        return found
    }

    /// "w3-1" is the third writer's.
    private static func writer(of partition: [UInt8]) -> Int {
        guard partition.first == UInt8(ascii: "w"), partition.count > 1 else { return -1 }
        return Int(partition[1]) - Int(UInt8(ascii: "0"))
    }
}
