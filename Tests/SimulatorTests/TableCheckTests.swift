import ShaleItems
import ShaleTables
import Simulation
@testable import Simulator
import Testing

/// What the simulator of tables must refuse: a check that cannot fail finds nothing.
struct TableCheckTests {
    static let schema = TableSchema(
        name: "Table0",
        key: KeySchema(partition: .string("pk")),
        indexes: [
            IndexSchema(
                name: "global0",
                isLocal: false,
                key: KeySchema(partition: .number("a0")),
                projection: .include(["t"])
            )
        ],
        candidates: [.number("a0")],
        partitions: 1
    )

    static func item(_ key: String, _ version: Int) -> Item {
        ["pk": .string(key), "v": .number(Number(version)), "a0": 7, "t": "x", "u": "y"]
    }

    static func key(_ name: String) -> ItemKey {
        ItemKey(table: "Table0", attributes: ["pk": .string(name)])
    }

    // MARK: What a client finds after a crash

    /// A history: item 1 at a, item 2 at b, item 3 at a, b deleted; the last is not acknowledged.
    static func history(isSynced: Bool) -> ClientHistory {
        let history = ClientHistory(client: 0)
        let changes: [ClientHistory.Change] = [
            .item(key("a"), item("a", 1)), .item(key("b"), item("b", 2)),
            .item(key("a"), item("a", 3)), .item(key("b"), nil),
        ]
        for (number, change) in changes.enumerated() {
            let steps = history.begin([change], at: 2 * number + 1, isSynced: isSynced)
            if number < 3 { history.acknowledge(steps, at: 2 * number + 2) }
        }
        return history
    }

    static func found(_ items: [(String, Int)]) -> ClientState {
        var state = ClientState()
        for (name, version) in items { state.items[key(name)] = item(name, version) }
        return state
    }

    @Test(
        arguments: [
            ([("a", 3), ("b", 2)], true, true),
            // The delete was not acknowledged, and happened.
            ([("a", 3)], true, true),
            ([("a", 1), ("b", 2)], true, false),
            ([("b", 2)], true, false),
            ([], true, false),
            ([("a", 3), ("b", 2), ("c", 9)], true, false),
            // Buffered writes may be lost, but only from the end.
            ([("a", 1), ("b", 2)], false, true),
            ([("a", 1)], false, true),
            ([], false, true),
            ([("b", 2)], false, false),
            ([("a", 2)], false, false),
        ] as [([(String, Int)], Bool, Bool)]
    )
    func `a client's items are those after one of its changes`(
        items: [(String, Int)],
        isSynced: Bool,
        isAllowed: Bool
    ) {
        let history = Self.history(isSynced: isSynced)
        let survivors = try? history.settle(Self.found(items), keepsBuffered: false)
        #expect((survivors != nil) == isAllowed)
    }

    @Test func `a table that was deleted does not come back`() {
        let history = ClientHistory(client: 0)
        for (moment, change) in [ClientHistory.Change.made(Self.schema), .gone("Table0")]
            .enumerated()
        {
            let steps = history.begin([change], at: 2 * moment, isSynced: true)
            history.acknowledge(steps, at: 2 * moment + 1)
        }
        var found = ClientState()
        found.tables["Table0"] = Self.schema
        #expect(throws: Failure.self) { _ = try history.settle(found, keepsBuffered: true) }
    }

    @Test func `a synced change that was none promises what it saw`() {
        let history = ClientHistory(client: 0)
        let put = ClientHistory.Change.item(Self.key("a"), Self.item("a", 1))
        history.acknowledge(history.begin([put], at: 1, isSynced: false), at: 2)
        history.acknowledge(history.begin([put], at: 3, isSynced: true), at: 4)
        #expect(throws: Failure.self) {
            _ = try history.settle(ClientState(), keepsBuffered: false)
        }
    }

    // MARK: Items of all

    @Test func `an acknowledged write of an item of all is not lost`() {
        let shared = SharedItems()
        let put = ItemCall(
            schema: Self.schema,
            key: Self.key("a"),
            change: .put(Self.item("a", 1))
        )
        let number = shared.begin(put, at: 1)
        shared.end(put, number, .done(nil), at: 2)
        #expect(throws: Failure.self) {
            try shared.settle([:], keepsBuffered: false, isAllSynced: true)
        }
    }

    @Test func `nothing that was read is lost where all is synced`() {
        let shared = SharedItems()
        let put = ItemCall(
            schema: Self.schema,
            key: Self.key("a"),
            change: .put(Self.item("a", 1))
        )
        _ = shared.begin(put, at: 1)
        shared.saw(Self.key("a"), Self.item("a", 1), from: 2, to: 3)
        #expect(throws: Failure.self) {
            try shared.settle([:], keepsBuffered: false, isAllSynced: true)
        }
    }

    // MARK: Copies

    @Test(
        arguments: [
            (["a", "b"], true), (["a"], true), ([], false), (["b"], false),
            (["a", "b", "c"], false),
        ] as [([String], Bool)]
    )
    func `a copy holds what its client had when it was made`(names: [String], isAllowed: Bool) {
        var generator = SimulatedGenerator(seed: 1)
        var swarm = TableSwarm(&generator, without: Omissions())
        swarm.clients = 1
        // Keys of one client and of all take turns.
        let keys = ["a": 0, "b": 2, "c": 4].mapValues { KeyValues.value(.string, $0) }
        func item(_ name: String) -> Item { ["pk": keys[name] ?? .null] }
        let history = ClientHistory(client: 0)
        for name in ["a", "b"] {
            let key = ItemKey(table: "Table0", attributes: item(name))
            _ = history.begin([.item(key, item(name))], at: 1, isSynced: true)
        }
        let book = CopyBook()
        let copy = book.begin(
            .table,
            of: Self.schema,
            least: [],
            allowed: [history.states(of: "Table0", from: 1, through: 2)]
        )
        book.acknowledge(copy)
        let found: ()? = try? book.compare(book.present(.table)[0], names.map(item), swarm)
        #expect((found != nil) == isAllowed)
    }

    @Test(
        arguments: [
            (CopyBook.Fate.made, true, true), (.made, false, false),
            (.asked, true, true), (.asked, false, true),
            (.dropping, true, true), (.dropping, false, true),
            (.dropped, false, true), (.dropped, true, false),
        ]
    )
    func `a copy is there when it was acknowledged, and gone when it was deleted`(
        fate: CopyBook.Fate,
        isThere: Bool,
        isAllowed: Bool
    ) {
        let book = CopyBook()
        let name = book.begin(.backup, of: Self.schema, least: [], allowed: [])
        book.set(name, fate)
        #expect(((try? book.settle(.backup, isThere ? [name] : [])) != nil) == isAllowed)
        #expect(throws: Failure.self) { try book.settle(.backup, ["stranger"]) }
    }

    // MARK: Indexes

    /// Spoils what was read of a whole database in one way.
    enum Harm: CaseIterable {
        case none, lostEntry, extraEntry, lostAttribute, twice, otherValue

        func spoil(_ table: inout WholeContents.Table) {
            switch self {
            case .none: break
            case .lostEntry: table.indexes["global0"]?.removeLast()
            case .extraEntry: table.items.removeLast()
            case .lostAttribute: table.indexes["global0"]?[0]["t"] = nil
            case .twice:
                let entries = table.indexes["global0"] ?? []
                table.indexes["global0"] = entries + entries.prefix(1)
            case .otherValue: table.indexes["global0"]?[0]["t"] = "z"
            }
        }
    }

    @Test(arguments: Harm.allCases)
    func `an index that disagrees with its table is found`(harm: Harm) async throws {
        let database = try await Database.inMemory()
        _ = try await database.createTable(Self.schema.request)
        for name in ["a", "b"] {
            let item = Self.item(name, 1)
            _ = try await database.putItem(PutItemRequest(tableName: "Table0", item: item))
        }
        var contents = try await WholeContents.read(database)
        try await database.close()
        if var table = contents.tables["Table0"] {
            harm.spoil(&table)
            contents.tables["Table0"] = table
        }
        #expect((harm == .none) == ((try? contents.checkIndexes()) != nil))
    }

    // MARK: The minimiser

    /// Fails as long as its second client splits.
    struct Fragile: HistoryRun {
        let omissions: Omissions
        var counts = RunCounts()
        var traceHash: UInt64 { 0 }
        var events: [String] { [] }

        init(seed: UInt64, without omissions: Omissions, keepsEvents: Bool) {
            self.omissions = omissions
        }

        mutating func run(cuts count: Int) throws {
            counts.cuts = min(count, 4)
            let names = omissions.names
            guard !names.contains("client-1"), !names.contains("split"),
                omissions.callLimit ?? .max >= 10
            else { return }
            throw Failure("it broke")
        }
    }

    @Test func `a failure is made as small as it goes`() throws {
        var minimiser = try #require(Minimiser<Fragile>(seed: 1, cuts: 20))
        let smallest = minimiser.run()
        #expect(smallest.problem == "it broke")
        #expect(smallest.cuts == 4)
        #expect(smallest.omissions.callLimit == 10)
        #expect(
            smallest.omissions.names == Set(Omissions.all).subtracting(["client-1", "split"])
        )
    }
}
