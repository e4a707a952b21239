internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTriggers
internal import Simulation

/// Histories of a mapping from a stream to a function: whatever the power cuts, each change is handled, those of one item in
/// their order, what is given up is told, and a crash lets no more come again than one round of batches.
public struct MappingRun: HistoryRun {
    /// How often partitions are split: each time shards become twice as many.
    private static let mostSplits = 2
    /// How often the machine is off for longer than a generation of shards lasts: records count for a day.
    private static let mostNights = 3

    private var world: CrashingWorld
    private let choices: MappingChoices
    private let cutAfter: Int
    private let book: MappingBook
    private let written = Moments()
    /// Where the engine has the table's items.
    private var table: TableID?
    private var lives = 0
    private var splits = 0
    private var nights = 0

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        world = CrashingWorld(seed: seed, stream: 85, without: omissions)
        choices = MappingChoices(&world.generator, without: omissions)
        cutAfter = [60, 200, 800][world.generator.below(3)]
        book = MappingBook(choices)
    }

    /// What was done so far; its calls are writes of items.
    public var counts: RunCounts {
        var counts = world.counts
        counts.batches = written.callCount
        return counts
    }

    /// What happened, as a number.
    public var traceHash: UInt64 { world.simulation.traceHash }

    /// The mapping: the seed decides all else.
    public var events: [String] { [choices.words] }

    /// Writes while the mapping reads, and crashes, until `count` crashes have happened; then lets it come to the end.
    public mutating func run(cuts count: Int) throws {
        table = try world.end { try await OpenMappings.make($0) }
        while world.counts.cuts < count {
            try live()
            book.endLife(shards: 1 << splits)
            try book.check()
            rest()
        }
        try end()
    }

    /// The machine is off for a while.
    private mutating func rest() {
        var seconds = [0, 0, 5, 100, 5 * 3_600][world.generator.below(5)]
        if seconds > 3_600 {
            nights += 1
            if nights > Self.mostNights { seconds = 0 }
        }
        world.simulation.time.advance(by: .seconds(seconds))
    }

    private mutating func live() throws {
        let limit = world.limit(30)
        let seed = world.generator.next()
        let seeds = (0..<choices.writers).map { _ in world.generator.next() }
        let waits = Int64([0, 2_000, 20_000][world.generator.below(3)])
        let isMade = lives >= choices.livesBefore
        let keepsHouse = world.generator.oneIn(2)
        let divides = world.generator.oneIn(6) && splits < Self.mostSplits
        if divides { splits += 1 }
        lives += 1
        let (choices, book, written, table) = (choices, book, written, table)
        try world.live(cutAfter: cutAfter) { life in
            let (world, end) = (life.world, life.end)
            let open = try await OpenMappings.open(
                world,
                choices,
                book,
                end,
                seed: seed,
                failsOneIn: choices.failsOneIn
            )
            defer { open.mappings.halt() }
            life.opened()
            if isMade { try await open.make(choices, book) }
            try await withThrowingTaskGroup { group in
                for seed in seeds {
                    let writer = ChangeWriter(open: open, book: book, end: end, written: written)
                    group.addTask { try await writer.run(limit, SimulatedGenerator(seed: seed)) }
                }
                group.addTask {
                    try await world.pause(milliseconds: Int64(seed % 3_000), in: end)
                    if divides { try await open.divide(table) }
                    if keepsHouse || divides { await open.database.keepHouse() }
                }
                try await group.waitForAll()
            }
            try await world.pause(milliseconds: waits, in: end)
        }
        world.counts.recoveries += 1
    }

    /// Lives without crashes: in the first the mapping does what is left, in the second there is nothing to do.
    private mutating func end() throws {
        let (choices, book) = (choices, book)
        let seed = world.generator.next()
        for isFirst in [true, false] {
            try world.end { world in
                let open = try await OpenMappings.open(
                    world,
                    choices,
                    book,
                    LifeEnd(),
                    seed: seed,
                    failsOneIn: .max
                )
                try await open.make(choices, book)
                if isFirst { try await open.finish(book) }
                // A window that nobody waits for ends as well, and a batch that comes again is waited for.
                let seconds = 3 + choices.tumblingSeconds + choices.windowSeconds
                await world.pause(milliseconds: Int64(seconds) * 1_000)
                let records = try await open.records()
                try open.checkLag(book, records)
                try await open.close()
                book.rest()
                try book.checkEnd(records)
            }
        }
    }
}

/// Puts, updates and deletes items, a few at a time now and then.
private struct ChangeWriter: Sendable {
    let open: OpenMappings
    let book: MappingBook
    let end: LifeEnd
    let written: Moments

    func run(_ limit: Int, _ random: SimulatedGenerator) async throws {
        var random = random
        let table = try open.database.table(MappingChoices.table)
        for _ in 0..<limit {
            written.call()
            let key = Self.key(random.below(3), random.below(4))
            switch random.below(6) {
            case 0: _ = try await end.hear { try await table.delete(key) }
            case 1:
                let number = book.begin()
                _ = try await end.hear {
                    try await table.update(
                        key,
                        "SET n = :n",
                        values: [":n": .number(Number(number))]
                    )
                }
                book.acknowledge([number])
            case 2:
                let numbers = (0..<3).map { _ in book.begin() }
                let place = random.below(4)
                let items = numbers.enumerated().map { Self.item(Self.key($0, place), $1) }
                try await end.hear { try await table.put(contentsOf: items) }
                book.acknowledge(numbers)
            default:
                let number = book.begin()
                _ = try await end.hear { try await table.put(Self.item(key, number)) }
                book.acknowledge([number])
            }
            guard random.oneIn(4) else { continue }
            try await open.world.pause(milliseconds: Int64(random.below(1_500)), in: end)
        }
    }

    private static func key(_ partition: Int, _ sort: Int) -> Item {
        ["p": .string("\(partition)"), "s": .string("\(sort)")]
    }

    private static func item(_ key: Item, _ number: Int) -> Item {
        var item = key
        item["n"] = .number(Number(number))
        return item
    }
}
