internal import ShaleEngine
internal import ShaleTables
internal import Simulation

/// What a seed chooses once for all lives of a database with tables.
struct TableSwarm: Sendable {
    var options = DatabaseOptions()
    /// Clients side by side, each with items of its own.
    var clients: Int
    /// Of its own items, how many different keys a client uses in a table, roughly.
    var keysPerClient: Int
    /// Keys in each table that all clients use.
    var sharedKeys: Int
    /// Of a hundred calls, how many are on those.
    var sharedPercent: Int
    /// Tables that all clients use.
    var tables: Int
    /// Most local and most global indexes that a table is made with.
    var indexLimit: Int
    /// How many different values an index key has.
    var indexValues: Int
    /// Of a hundred writes, how many are `.buffered`.
    var bufferedPercent: Int
    /// Of a hundred items, how many give a key of an index another type.
    var wrongPercent: Int
    /// Bytes of the largest attribute.
    var bodyLimit: Int
    /// Calls of one client in one life, at most.
    var callLimit: Int
    /// What clients do; each as often as it is there.
    var calls: [Call]
    /// What happens beside them.
    var acts: [Act]
    /// Of a hundred lives, in how many an operation of the disk fails.
    var faultPercent: Int
    /// Of a hundred tables, how many have a stream.
    var streamPercent: Int
    /// Of a hundred tables, how many let items expire: those of `MortalItems` soon, others long after the history's end.
    var expiryPercent: Int
    /// Power is cut after about this many operations of the disk.
    var cutAfter: Int

    enum Call: String, Sendable, CaseIterable {
        case put, update, delete, get, batchWrite, batchGet, query, scan, clear, makeTable,
            dropTable, transact, transactGet
    }

    enum Act: String, Sendable, CaseIterable {
        case flush, compact, split, checkpoint, makeIndex, dropIndex, verify, look, reopen,
            keepHouse, rewind, backUp, restore, restorePast, export

        /// Those that make copies of tables, which are not drawn with the rest either.
        static let copying: [Act] = [.backUp, .restore, .restorePast, .export]
    }

    /// What a seed's database keeps of items: nothing, so little that most goes again, or all.
    ///
    /// Not drawn with the rest, so that seeds from before there was a cache choose what they chose.
    static func cacheBytes(of seed: UInt64) -> Int {
        [0, 8 * 1024, 4 * 1024 * 1024][Int(seed % 3)]
    }

    /// Whether copies of tables are made: on-demand backups, restores, exports.
    private(set) var makesCopies = false

    /// Lets every second seed make copies of tables.
    mutating func addCopies(of seed: UInt64, without omissions: Omissions) {
        guard seed % 2 == 1 else { return }
        makesCopies = true
        // Nothing but the newest moment is kept without them.
        if !acts.contains(.rewind) { acts += [.rewind, .rewind] }
        acts += Act.copying
        acts.removeAll { omissions.names.contains($0.rawValue) }
    }

    /// The choices of a seed, without what is left out.
    init(_ generator: inout SimulatedGenerator, without omissions: Omissions) {
        var engine = EngineOptions()
        // They never rest, and these histories wait until everything does.
        options.housekeepingInterval = .zero
        engine.scrubPercentPerHour = 0
        engine.memoryBudgetBytes = [64, 256, 1024][generator.below(3)] * 1024
        engine.runFileSizeBytes = [8, 64, 1024][generator.below(3)] * 1024
        engine.blockSizeBytes = [1, 2, 8][generator.below(3)] * 1024
        engine.filterBitsPerKey = [0, 4, 10][generator.below(3)]
        engine.compression = generator.oneIn(3) ? .none : .lz4
        engine.partitionSizeBytes = generator.oneIn(3) ? 64 * 1024 : 64 * 1024 * 1024
        engine.runCap = [4, 12][generator.below(2)]
        engine.smallestBlobBytes = [50, 400, 4_096, .max][generator.below(4)]
        options.engine = engine
        clients = 1 + generator.below(4)
        keysPerClient = [2, 8, 40][generator.below(3)]
        sharedKeys = [0, 1, 3][generator.below(3)]
        sharedPercent = sharedKeys == 0 ? 0 : [10, 50][generator.below(2)]
        tables = 1 + generator.below(2)
        indexLimit = generator.below(4)
        indexValues = [2, 5, 30][generator.below(3)]
        bufferedPercent = [0, 0, 70, 100][generator.below(4)]
        wrongPercent = [0, 3][generator.below(2)]
        bodyLimit = [0, 0, 900, 40_000, 300_000][generator.below(5)]
        callLimit = 10 + generator.below([20, 200][generator.below(2)])
        calls = [.put, .put, .update]
        calls += Call.allCases.filter { _ in generator.oneIn(2) }
        let drawn = Act.allCases.filter { $0 != .rewind && !Act.copying.contains($0) }
        acts = drawn.filter { _ in generator.oneIn(2) }
        faultPercent = [0, 0, 30][generator.below(3)]
        streamPercent = [0, 50, 100][generator.below(3)]
        expiryPercent = [0, 0, 60][generator.below(3)]
        cutAfter = [30, 200, 1_500][generator.below(3)]
        // More than once: a moment is remembered before one goes back to it.
        if generator.oneIn(3) { acts += [.rewind, .rewind, .rewind] }
        calls.removeAll { omissions.names.contains($0.rawValue) }
        if calls.isEmpty { calls = [.put] }
        acts.removeAll { omissions.names.contains($0.rawValue) }
        if omissions.names.contains(Omissions.faults) { faultPercent = 0 }
        if omissions.names.contains(Omissions.shared) { sharedPercent = 0 }
        if let limit = omissions.callLimit { callLimit = min(callLimit, limit) }
    }
}
