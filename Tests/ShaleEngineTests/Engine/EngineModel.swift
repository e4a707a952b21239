import ShaleEngine
import Simulation

/// What the engine must agree with: a dictionary.
struct EngineModel {
    struct Place: Hashable, Comparable {
        var partition: [UInt8]
        var sort: [UInt8]
        static func < (left: Place, right: Place) -> Bool {
            (left.partition, left.sort).0 == right.partition
                ? left.sort.lexicographicallyPrecedes(right.sort)
                : left.partition.lexicographicallyPrecedes(right.partition)
        }
    }

    var entries: [Place: [UInt8]] = [:]

    /// A random place: few partition keys, so that they have many sort keys.
    static func place(_ generator: inout SimulatedGenerator, keys: Int = 40) -> Place {
        let partition = Array("p\(generator.below(5))".utf8)
        return Place(partition: partition, sort: Array("s\(generator.below(keys))".utf8))
    }

    static func value(_ generator: inout SimulatedGenerator) -> [UInt8] {
        let length = generator.oneIn(50) ? generator.below(30_000) : generator.below(200)
        return (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) & 0x1F }
    }

    /// The sort keys of one partition key in order.
    func sorted(_ partition: [UInt8]) -> [(sort: [UInt8], value: [UInt8])] {
        entries.filter { $0.key.partition == partition }.sorted { $0.key < $1.key }
            .map { ($0.key.sort, $0.value) }
    }
}

extension Engine {
    /// All entries of a table, as a model.
    func contents(of table: EngineTable) throws(EngineError) -> [EngineModel.Place: [UInt8]] {
        try readBlocking { view throws(EngineError) in
            var found: [EngineModel.Place: [UInt8]] = [:]
            try view.scan(table.id, .all) { key, value in
                let place = EngineModel.Place(
                    partition: Array(EntryKey.partition(in: key)),
                    sort: Array(EntryKey.sort(in: key))
                )
                found[place] = value
                return .continue
            }
            return found
        }
    }
}

extension [EngineModel.Place: [UInt8]] {
    /// Number of entries and a hash of all of them: short enough to be printed.
    var summary: String {
        var hash: UInt64 = 0
        for (place, value) in self {
            let bytes = place.partition + [0] + place.sort + [0] + value
            hash &+= bytes.reduce(14_695_981_039_346_656_037) {
                ($0 ^ UInt64($1)) &* 1_099_511_628_211
            }
        }
        return "\(count) entries, \(hash)"
    }
}
