internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Simulation
internal import Synchronization

/// Transactions on a few lists from tasks on real threads, on the files of this machine: what they saw must have an order.
public struct TransactionRun: Sendable {
    private static let listCount = 4

    private let seed: UInt64
    private let tasks: Int
    private let calls: Int

    /// So many transactions of each of so many tasks.
    public init(seed: UInt64, tasks: Int, calls: Int) {
        self.seed = seed
        self.tasks = tasks
        self.calls = calls
    }

    /// Runs them, opens the database again, and compares.
    /// - Returns: how many transactions were done.
    public func run(in directory: String) async throws -> Int {
        var generator = SimulatedGenerator(seed: seed, stream: 83)
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        var database = try await Database.open(directory, in: world)
        let lists = try await database.createTable("Lists", partitionKey: .number("id"))
        let history = History()
        let moments = Moments()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                let own = SimulatedGenerator(seed: generator.next())
                group.addTask {
                    var generator = own
                    for _ in 0..<calls {
                        let done = try await transaction(lists, moments, &generator)
                        history.add(done)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await database.close()
        database = try await Database.open(directory, in: world)
        var final: [Int: [Int]] = [:]
        for key in 0..<Self.listCount {
            final[key] = Self.numbers(try await database.table("Lists").get(Self.key(key)))
        }
        try await database.close()
        let all = history.all
        let wrong = Serializability(all, final: final).violation()
        if let wrong { throw Failure(wrong) }
        return all.count
    }

    private final class History: Sendable {
        private let transactions = Mutex<[Serializability.Transaction]>([])
        func add(_ done: Serializability.Transaction) { transactions.withLock { $0.append(done) } }
        var all: [Serializability.Transaction] { transactions.withLock { $0 } }
    }

    /// One transaction, or one single call, which is no less of one.
    private func transaction(
        _ lists: Table,
        _ moments: Moments,
        _ generator: inout SimulatedGenerator
    ) async throws -> Serializability.Transaction {
        var keys: [Int] = []
        for _ in 0...generator.below(2) {
            let key = generator.below(Self.listCount)
            if !keys.contains(key) { keys.append(key) }
        }
        let begin = moments.next()
        var done = Serializability.Transaction(number: begin, begin: begin)
        switch generator.below(4) {
        case 0:
            let items = try await lists.database.get(together: keys.map { (lists, Self.key($0)) })
            for (key, item) in zip(keys, items) { done.reads[key] = Self.numbers(item) }
        case 1:
            let item = try await lists.update(
                Self.key(keys[0]),
                Self.append,
                values: Self.values(begin)
            )
            done.appends = [keys[0]]
            done.reads[keys[0]] = Self.numbers(item).dropLast()
        default:
            let chosen = keys
            try await lists.database.transact {
                for key in chosen {
                    $0.update(Self.key(key), in: lists, Self.append, values: Self.values(begin))
                }
            }
            done.appends = keys
        }
        done.end = moments.next()
        return done
    }

    private static let append = "SET l = list_append(if_not_exists(l, :none), :n)"

    private static func values(_ number: Int) -> [String: AttributeValue] {
        [":none": [], ":n": [.number(Number(number))]]
    }

    private static func key(_ number: Int) -> Item { ["id": .number(Number(number))] }

    private static func numbers(_ item: Item?) -> [Int] {
        (item?["l"]?.listValue ?? []).compactMap { $0.numberValue?.intValue }
    }
}
