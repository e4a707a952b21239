internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Simulation

/// The one writer of items that expire: it puts and deletes them, and looks for them.
struct MortalClient {
    let life: TableLife
    let time: any TimeSource
    var generator: CallGenerator

    private var seconds: Int64 { time.wallMilliseconds / 1000 }

    /// Calls until something throws, or all calls are through.
    mutating func run() async throws {
        for _ in 0..<(life.swarm.callLimit / 2) {
            let schema = generator.pick(life.tables.filter(\.hasExpiry))
            let key = generator.mortalKey(schema)
            life.moments.call()
            switch generator.below(4) {
            case 0: try await get(key, schema)
            case 1 where generator.oneIn(2): try await write(key, schema, nil)
            default: try await write(key, schema, item(key, schema))
            }
        }
    }

    /// An item that is due, soon is, or never.
    private mutating func item(_ key: ItemKey, _ schema: TableSchema) -> Item {
        var item = generator.item(key, schema, isShared: true)
        let until =
            switch generator.below(3) {
            case 0: seconds - 1 - Int64(generator.below(100))
            case 1: seconds + Int64(generator.below(3))
            default: seconds + 1_000_000_000
            }
        item[TableSchema.until] = .number(Number(until))
        return item
    }

    private mutating func write(
        _ key: ItemKey,
        _ schema: TableSchema,
        _ item: Item?
    ) async throws {
        var call = ItemCall(schema: schema, key: key, change: item.map { .put($0) } ?? .delete)
        call.isEncoded = generator.oneIn(2)
        life.log.add("mortal: \(call.words) …")
        life.mortals.begin(key, item)
        let answer = try await life.end.hear { try await call.perform(on: life.database) }
        life.log.add("mortal: → \(answer.words)")
        switch answer {
        case .done: life.mortals.acknowledge(key)
        case .refused where schema.verdict(of: item ?? Item()) == .either:
            life.mortals.withdraw(key)
        default: throw Failure("\(call.words) answered \(answer.words)")
        }
    }

    private func get(_ key: ItemKey, _ schema: TableSchema) async throws {
        let call = ItemCall(schema: schema, key: key, change: .get)
        let answer = try await life.end.hear { try await call.perform(on: life.database) }
        life.log.add("mortal: \(call.words) → \(answer.words)")
        guard case .done(let found) = answer else {
            throw Failure("\(call.words) answered \(answer.words)")
        }
        try life.mortals.saw(key, found, at: seconds)
    }
}
