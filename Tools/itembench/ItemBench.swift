/// Measures what a read of one item costs from the item cache and from the block cache, in the same form.
///
/// `item-bench DIR [items] [value size]`. The items are written once and flushed, so that nothing is in memtables. Two
/// databases are then opened one after the other on the same files, round by round: one without an item cache, one
/// with. Both have all blocks in memory, which a first round sees to. What is told is processor time of the
/// whole process for each read, the median of the rounds, since other programs run on this machine.

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import CachePolicies
import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables

/// Processor time of this process, nanoseconds.
private func processorNanoseconds() -> Double {
    var time = timespec()
    // Safety: the answer is a whole `timespec` that outlives the call.
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// How an item is asked for.
private enum Form: String, CaseIterable {
    /// Decoded, as an embedding program gets it.
    case item
    /// Its stored bytes, of which the server makes its answer.
    case bytes
    /// A key that is not there.
    case absent
}

@main
enum ItemBench {
    private static let reads = 200_000
    private static let rounds = 7

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("item-bench DIR [items] [value size]")
            return
        }
        let items = arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000
        let valueSize = arguments.count > 3 ? Int(arguments[3]) ?? 400 : 400
        try await fill(arguments[1], items, valueSize)
        let keys = ZipfTrace(keys: items, exponent: 0.99, length: reads, seed: 3)
            .map { Int($0 % UInt64(items)) }
        var costs: [Form: (without: [Double], with: [Double])] = [:]
        for form in Form.allCases { costs[form] = ([], []) }
        for _ in 0..<rounds {
            for hasCache in [false, true] {
                var options = DatabaseOptions()
                options.cache.itemBytes = hasCache ? 64 << 20 : 0
                let database = try await Database.open(at: arguments[1], options)
                for form in Form.allCases {
                    _ = try await cost(database, keys, form)
                    let nanoseconds = try await cost(database, keys, form)
                    if hasCache {
                        costs[form]?.with.append(nanoseconds)
                    } else {
                        costs[form]?.without.append(nanoseconds)
                    }
                }
                try await database.close()
            }
        }
        for form in Form.allCases {
            guard let (without, with) = costs[form] else { continue }
            let (engine, cache) = (median(without), median(with))
            let ratio = Double(Int(1000 * cache / engine)) / 1000
            print(
                "\(form.rawValue): \(Int(engine)) ns from the engine, \(Int(cache)) ns from the cache, "
                    + "ratio \(ratio)"
            )
        }
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    private static func key(_ number: Int, _ form: Form = .item) -> Item {
        ["id": .string("\(form == .absent ? "none" : "user")\(number)")]
    }

    private static func fill(_ directory: String, _ items: Int, _ valueSize: Int) async throws {
        var options = DatabaseOptions()
        options.durability = .buffered
        let database = try await Database.open(at: directory, options)
        let table = try await database.createTable("items", partitionKey: .string("id"))
        for number in 0..<items {
            var item = key(number)
            // As items are: a few short attributes, and one that is long.
            item["name"] = .string("name of \(number)")
            item["visits"] = .number(Number(number))
            item["isActive"] = .bool(number % 2 == 0)
            item["tags"] = .list([.string("one"), .string("two"), .number(3)])
            item["body"] = .string(String(repeating: "x", count: valueSize))
            try await table.put(item)
        }
        try await database.flush()
        try await database.close()
    }

    /// Nanoseconds of one read.
    private static func cost(
        _ database: Database,
        _ numbers: [Int],
        _ form: Form
    ) async throws -> Double {
        let table = try database.table("items")
        let keys = numbers.map { key($0, form) }
        let encoded = try keys.map { PlainKey(bytes: try ItemEncoder.encode($0), count: 1) }
        var found = 0
        let start = processorNanoseconds()
        switch form {
        case .item, .absent:
            for key in keys where try await table.get(key) != nil { found += 1 }
        case .bytes:
            for key in encoded {
                // As the server asks, for bytes of its own making.
                let outcome = try await database.getRendered("items", key: key, isConsistent: false)
                {
                    [UInt8](repeating: 0, count: $0.count)
                }
                if case .done = outcome { found += 1 }
            }
        }
        let took = processorNanoseconds() - start
        precondition(found == (form == .absent ? 0 : keys.count), "every item is there")
        return took / Double(keys.count)
    }
}
