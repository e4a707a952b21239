import Histogram
import Shale
import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables

/// The ways to read an item that are measured beside each other.
enum ItemWorkload: String, CaseIterable {
    case rawget
    case itemvisit
    case itemowned

    /// One line of the help.
    var summary: String {
        switch self {
        case .rawget: "reads an item's bytes from the engine, without tables"
        case .itemvisit: "lends an item of a table and visits its ten attributes"
        case .itemowned: "reads an item of a table as a value to keep"
        }
    }
}

/// What the layer of items costs over the engine below it: the same keys and the same bytes, read
/// three ways in turns.
///
///     rawget     the engine lends the bytes of the value
///     itemvisit  `withItem` lends them, and every attribute is visited where it lies
///     itemowned  `get` makes an `Item` that the program keeps
struct ItemBench {
    /// Reads of one way before it is the next one's turn.
    private static let turn = 2_000
    private static let textAttributes = 6
    /// Names, key, number and boolean of an item.
    private static let fixedSizeBytes = 64

    let plan: BenchPlan
    let workloads: [ItemWorkload]
    let time: any TimeSource

    /// One way of reading, and what it took.
    private struct Way {
        let workload: ItemWorkload
        var nanoseconds: UInt64 = 0
        var found = 0
        var share = BenchRun.Share()
    }

    /// Fills a table and measures.
    func run(_ engine: Engine, _ database: Database) async throws -> [BenchResult] {
        let table = try await database.createTable(
            "bench",
            partitionKey: KeySchema.Attribute("pk", .string),
            sortKey: KeySchema.Attribute("sk", .number)
        )
        let raw = try await engine.createTable()
        try await fill(engine, raw, table)
        var ways = workloads.map { Way(workload: $0) }
        var draws = Draws(seed: plan.seed)
        let choice = KeyChoice(plan.distribution, count: plan.keys)
        var left = plan.operations
        var turns = 0
        while left > 0 {
            let count = min(left, Self.turn)
            left -= count
            let numbers = (0..<count).map { _ in choice.next(&draws) }
            // Each way is the first as often as any other: the first finds the caches cold.
            turns += 1
            for step in ways.indices {
                let index = (step + turns) % ways.count
                try await read(numbers, &ways[index], engine, raw, table)
            }
        }
        return ways.map { way in
            BenchResult(
                way.workload.rawValue,
                plan,
                .buffered,
                way.share,
                seconds: Double(way.nanoseconds) / 1e9
            )
        }
    }

    private func read(
        _ numbers: [Int],
        _ way: inout Way,
        _ engine: Engine,
        _ raw: EngineTable,
        _ table: Table
    ) async throws {
        for number in numbers {
            let began = time.monotonicNanoseconds
            let isFound =
                switch way.workload {
                case .itemvisit: try await visit(number, table)
                case .itemowned: try await own(number, table)
                case .rawget: try await get(number, engine, raw)
                }
            let took = time.monotonicNanoseconds - began
            way.nanoseconds += took
            way.share.reads.record(took)
            if isFound { way.share.found += 1 }
        }
    }

    // MARK: Ways

    private func get(_ number: Int, _ engine: Engine, _ raw: EngineTable) async throws -> Bool {
        let key = raw.key(
            partition: Array("user-\(number / plan.keysPerPartition)".utf8),
            sort: BenchTarget.bytes(number)
        )
        let id = raw.id
        let size = try await engine.read { view throws(EngineError) in
            try view.withValue(id, key) { value throws(EngineError) in value.byteCount }
        }
        return (size ?? 0) > 0
    }

    private func visit(_ number: Int, _ table: Table) async throws -> Bool {
        let size = try await table.withItem(key(number)) { (item) throws(ItemError) in
            var size = 0
            try EncodedAttributes.forEach(item) { name, _, payload in
                size += name.count + payload.count
            }
            return size
        }
        return (size ?? 0) > 0
    }

    private func own(_ number: Int, _ table: Table) async throws -> Bool {
        try await table.get(key(number)) != nil
    }

    private func key(_ number: Int) -> Item {
        [
            "pk": .string("user-\(number / plan.keysPerPartition)"),
            "sk": .number(Number(Int64(number))),
        ]
    }

    // MARK: Filling

    private func fill(_ engine: Engine, _ raw: EngineTable, _ table: Table) async throws {
        var draws = Draws(seed: plan.seed &+ 1)
        var items: [Item] = []
        var batch = WriteBatch()
        for number in 0..<plan.keys {
            let item = item(number, &draws)
            items.append(item)
            let key = raw.key(
                partition: Array("user-\(number / plan.keysPerPartition)".utf8),
                sort: BenchTarget.bytes(number)
            )
            batch.put(raw.id, key, try ItemEncoder.encode(item))
            guard items.count == 1_000 || number == plan.keys - 1 else { continue }
            try await table.put(contentsOf: items, durability: .buffered)
            try await engine.write(batch, .buffered)
            items = []
            batch = WriteBatch()
        }
    }

    /// Ten attributes: the key, six texts, a number and a boolean.
    private func item(_ number: Int, _ draws: inout Draws) -> Item {
        var item = key(number)
        item["count"] = .number(Number(Int64(truncatingIfNeeded: draws.next() >> 32)))
        item["live"] = true
        let text = max(0, plan.valueSizeBytes - Self.fixedSizeBytes)
        for index in 0..<Self.textAttributes {
            let share =
                text * (index + 1) / Self.textAttributes - text * index / Self.textAttributes
            var letters = ""
            while letters.utf8.count < share { letters += String(draws.next(), radix: 32) }
            item["text\(index)"] = .string(String(letters.prefix(share)))
        }
        return item
    }
}
