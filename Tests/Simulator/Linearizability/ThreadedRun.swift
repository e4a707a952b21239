internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Simulation

/// Calls on a few items of one table from tasks on real threads, on the files of this machine.
///
/// A seed decides what each task calls, not when. Every answer must have a place in one order; at the end the
/// indexes must agree with the table.
public struct ThreadedRun: Sendable {
    private let seed: UInt64
    private let tasks: Int
    private let calls: Int
    private let cacheBytes: Int

    /// So many calls of each of so many tasks, and so much memory for an item cache.
    public init(seed: UInt64, tasks: Int, calls: Int, cacheBytes: Int) {
        self.cacheBytes = cacheBytes
        self.seed = seed
        self.tasks = tasks
        self.calls = calls
    }

    /// Calls, closes, opens again and compares; answers how many calls were looked at.
    public func run(in directory: String) async throws -> Int {
        var generator = SimulatedGenerator(seed: seed, stream: 79)
        var swarm = TableSwarm(&generator, without: Omissions())
        swarm.clients = tasks
        swarm.sharedKeys = 3
        swarm.indexLimit = 3
        swarm.bodyLimit = 0
        swarm.options.cache.itemBytes = cacheBytes
        let schema = SchemaGenerator.table("Shared", swarm, &generator)
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        let shared = SharedItems()
        let moments = Moments()
        let chosen = swarm
        var database = try await Database.open(directory, swarm.options, in: world)
        _ = try await database.createTable(schema.request)
        let first = database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                let own = SimulatedGenerator(seed: generator.next())
                group.addTask {
                    var calls = CallGenerator(
                        swarm: chosen,
                        client: task,
                        moments: moments,
                        random: own
                    )
                    for _ in 0..<self.calls {
                        let kind: TableSwarm.Call = calls.pick([
                            .put, .put, .update, .update, .delete, .get, .get,
                        ])
                        let key = calls.sharedKey(schema)
                        let call = calls.call(kind, key, schema, there: nil, isShared: true)
                        let number = shared.begin(call, at: moments.next())
                        let answer = try await call.perform(on: first)
                        shared.end(call, number, answer, at: moments.next())
                    }
                }
            }
            try await group.waitForAll()
        }
        try await database.close()
        database = try await Database.open(directory, swarm.options, in: world)
        let contents = try await WholeContents.read(database)
        try await database.close()
        try contents.checkIndexes()
        let items = contents.tables[schema.name]?.items ?? []
        let found = Dictionary(uniqueKeysWithValues: items.map { (schema.key(of: $0), $0) })
        let count = shared.callCount
        try shared.settle(found, keepsBuffered: true, isAllSynced: false)
        return count
    }
}
