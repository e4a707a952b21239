internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables
internal import Synchronization

/// What all clients of one life work with.
struct TableLife: Sendable {
    let database: Database
    /// Tables that all clients use.
    let tables: [TableSchema]
    let swarm: TableSwarm
    let histories: [ClientHistory]
    let shared: SharedItems
    let indexes: IndexBook
    let mortals: MortalItems
    let moments: Moments
    let past: PastBook
    let copies: CopyBook
    let log: CallLog
    let end = LifeEnd()
}

/// Whether a life is over.
///
/// What a crash cuts off goes on for a while, on a dead disk, so that its memory is given back. What it is
/// answered then, nobody has heard.
final class LifeEnd: Sendable {
    /// Thrown in place of an answer that comes too late.
    struct Passed: Error {}

    private let hasCome = Atomic(false)

    /// Whether nobody listens any more.
    var isOver: Bool { hasCome.load(ordering: .relaxed) }

    func come() { hasCome.store(true, ordering: .relaxed) }

    /// An answer, where it comes in time.
    func hear<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
        let answer: Answer
        do {
            answer = try await ask()
        } catch {
            throw hasCome.load(ordering: .relaxed) ? Passed() : error
        }
        if hasCome.load(ordering: .relaxed) { throw Passed() }
        return answer
    }
}

/// One client of one life: calls one after the other, each answer compared with the model at once.
///
/// Of what belongs to it the client knows everything, so its reads have one right answer, whatever others do
/// meanwhile. Calls on items of all are written down, and looked at when the life is over.
struct TableClient {
    let life: TableLife
    let history: ClientHistory
    var state: ClientState
    var generator: CallGenerator

    var database: Database { life.database }
    var swarm: TableSwarm { life.swarm }
    private var name: String { "client \(history.client)" }

    init(_ life: TableLife, _ history: ClientHistory, _ generator: CallGenerator) {
        self.life = life
        self.history = history
        self.generator = generator
        state = history.base
    }

    /// Calls until something throws, or all calls are through.
    mutating func run() async throws {
        for _ in 0..<swarm.callLimit {
            let kind = generator.pick(swarm.calls)
            life.moments.call()
            let isOwnTable = !state.tables.isEmpty && generator.oneIn(3)
            let own = state.tables.values.sorted { $0.name < $1.name }
            let schema = generator.pick(isOwnTable ? own : life.tables)
            let isShared = !isOwnTable && generator.percent(swarm.sharedPercent)
            switch kind {
            case .put, .update, .delete, .get:
                if isShared {
                    try await callShared(kind, schema)
                } else {
                    try await call(kind, schema)
                }
            case .batchWrite: try await writeBatch(schema)
            case .batchGet: try await getBatch(schema)
            case .query: try await read(schema, isQuery: true)
            case .scan: try await read(schema, isQuery: false)
            case .clear: try await clear(schema)
            case .makeTable: try await makeTable()
            case .dropTable: try await dropTable()
            case .transact: try await transact()
            case .transactGet: try await transactGet()
            }
        }
    }

    func fail(_ what: String) -> Failure { Failure("\(name): \(what)") }

    func note(_ what: @autoclosure () -> String) { life.log.add("\(name): \(what())") }

    // MARK: Single items

    private mutating func call(_ kind: TableSwarm.Call, _ schema: TableSchema) async throws {
        let key = generator.ownKey(schema)
        let there = state.items[key]
        let call = generator.call(kind, key, schema, there: there, isShared: false)
        let outcome = call.outcome(of: there)
        note("\(call.words) …")
        var steps: Range<Int>?
        if call.isWrite, case .done = outcome.answer {
            let change = ClientHistory.Change.item(key, outcome.item)
            let moment = life.moments.next()
            steps = history.begin([change], at: moment, isSynced: call.isSynced)
        }
        let answer = try await life.end.hear { try await call.perform(on: database) }
        note("→ \(answer.words)")
        if answer == .refused, outcome.mayBeRefused {
            if let steps { history.withdraw(steps) }
            return
        }
        guard answer == outcome.answer else {
            throw fail(
                "\(call.words) answered \(answer.words), not \(outcome.answer.words); there was"
                    + " \(there?.words ?? "nothing")"
            )
        }
        state.items[key] = outcome.item
        if let steps { history.acknowledge(steps, at: life.moments.next()) }
    }

    private mutating func callShared(_ kind: TableSwarm.Call, _ schema: TableSchema) async throws {
        let key = generator.sharedKey(schema)
        let call = generator.call(kind, key, schema, there: nil, isShared: true)
        note("\(call.words) …")
        let number = life.shared.begin(call, at: life.moments.next())
        let answer = try await life.end.hear { try await call.perform(on: database) }
        note("→ \(answer.words)")
        life.shared.end(call, number, answer, at: life.moments.next())
    }

    // MARK: Several items

    private mutating func writeBatch(_ schema: TableSchema) async throws {
        var writes: [(ItemKey, Item?)] = []
        for _ in 0...generator.below(generator.oneIn(4) ? 20 : 4) {
            let key = generator.ownKey(schema)
            guard !writes.contains(where: { $0.0 == key }) else { continue }
            let isDelete = generator.oneIn(3)
            writes.append((key, isDelete ? nil : generator.item(key, schema, isShared: false)))
        }
        try await write(writes, schema, isEncoded: generator.oneIn(2))
    }

    /// Deletes all items of a partition key, some at a time.
    private mutating func clear(_ schema: TableSchema) async throws {
        let own = state.items.keys.filter { $0.table == schema.name }
            .sorted { $0.description < $1.description }
        guard !own.isEmpty else { return }
        let name = schema.key.partition.name
        let partition = generator.pick(own).attributes[name]
        let doomed = own.filter { $0.attributes[name] == partition }
        for start in stride(from: 0, to: doomed.count, by: 20) {
            let part = doomed[start..<min(start + 20, doomed.count)]
            try await write(part.map { ($0, nil) }, schema, isEncoded: false)
        }
    }

    private mutating func write(
        _ writes: [(ItemKey, Item?)],
        _ schema: TableSchema,
        isEncoded: Bool
    ) async throws {
        note("writes \(writes.map { "\($0.0): \($0.1?.words ?? "nothing")" }) …")
        let isSynced = !generator.percent(swarm.bufferedPercent)
        let changes = writes.map { ClientHistory.Change.item($0.0, $0.1) }
        let moment = life.moments.next()
        let steps = history.begin(changes, at: moment, isSynced: isSynced)
        let batch = writes.map { key, item in
            item.map { ShaleTables.BatchWrite.put($0) } ?? .delete(key: key.attributes)
        }
        var isDone = false
        if isEncoded, isSynced { isDone = try await writeEncoded(writes, schema) }
        if !isDone {
            var request = BatchWriteItemRequest([(schema.name, batch)])
            request.durability = isSynced ? .synced : .buffered
            let response = try await life.end.hear { try await database.batchWriteItem(request) }
            guard response.unprocessedItems.isEmpty else { throw fail("a batch was not done") }
        }
        note("→ done")
        for (key, item) in writes { state.items[key] = item }
        history.acknowledge(steps, at: life.moments.next())
    }

    private func writeEncoded(
        _ writes: [(ItemKey, Item?)],
        _ schema: TableSchema
    ) async throws -> Bool {
        var requests: [EncodedRequest] = []
        for (key, item) in writes {
            let bytes = try ItemEncoder.encode(item ?? key.attributes)
            requests.append(
                item.map { .put(bytes, sizeBytes: $0.sizeBytes) }
                    ?? .delete(PlainKey(bytes: bytes, count: key.attributes.count))
            )
        }
        let all = requests
        let outcome = try await life.end.hear {
            try await database.writeEncoded([(schema.name, all)])
        }
        if case .done = outcome { return true }
        return false
    }

    private mutating func getBatch(_ schema: TableSchema) async throws {
        var keys: [ItemKey] = []
        for _ in 0...generator.below(10) {
            let key = generator.ownKey(schema)
            if !keys.contains(key) { keys.append(key) }
        }
        note("reads \(keys) …")
        let request = BatchGetItemRequest([
            (schema.name, KeysAndAttributes(keys: keys.map(\.attributes)))
        ])
        let response = try await life.end.hear { try await database.batchGetItem(request) }
        let found = response.responses.flatMap(\.items)
        let expected = keys.compactMap { state.items[$0] }
        guard response.unprocessedKeys.isEmpty, Set(found) == Set(expected),
            found.count == expected.count
        else { throw fail(difference(found, expected, "a batch of \(keys) reads")) }
    }

    // MARK: Queries

    private mutating func read(_ schema: TableSchema, isQuery: Bool) async throws {
        let isOwnTable = state.tables[schema.name] != nil
        let added = life.indexes.present(in: schema.name)
        var choices: [IndexSchema?] = [nil] + schema.indexes
        if !isOwnTable { choices += added.map(\.index) }
        let index = generator.pick(choices)
        let there = state.items.filter { $0.key.table == schema.name }
            .sorted { $0.key.description < $1.key.description }.map(\.value)
        let plan = QueryPlan(schema, index, isQuery: isQuery, there: there, &generator)
        note("\(plan.words) …")
        let found: [Item]
        do {
            found = try await life.end.hear { try await plan.perform(on: database) }
        } catch let error as DatabaseError {
            // An index that is still filled cannot be read, nor one that is just being deleted.
            let entry = index.flatMap { index in added.first { $0.index.name == index.name } }
            guard let entry, error.code == .validation || error.code == .resourceNotFound else {
                throw error
            }
            let now = life.indexes.fate(of: entry.index.name)
            guard entry.fate != .whole || now == .dropping || now == .dropped else { throw error }
            return
        }
        if let index, let now = life.indexes.fate(of: index.name) {
            if now == .dropping || now == .dropped { return }
            // Whoever could read it once can always.
            if now == .made { life.indexes.set(index.name, .whole) }
        }
        let own = found.filter { isOwnTable || isOwn($0, schema) }
        let expected = plan.expected(of: there)
        guard own.count == expected.count, Set(own) == Set(expected) else {
            throw fail(difference(own, expected, plan.words))
        }
        guard plan.isOrdered(found) else {
            throw fail("\(plan.words) gives \(found.map(\.words)), which is not in order")
        }
    }

    private func isOwn(_ item: Item, _ schema: TableSchema) -> Bool {
        CallGenerator.owner(of: item, schema.key, swarm) == .client(history.client)
    }

    private func difference(_ found: [Item], _ expected: [Item], _ what: String) -> String {
        let lacking = Set(expected).subtracting(found).map(\.words).sorted()
        let extra = Set(found).subtracting(expected).map(\.words).sorted()
        return "\(what): \(found.count) items, not \(expected.count); lacking \(lacking.prefix(3)),"
            + " too many \(extra.prefix(3))"
    }

    // MARK: Tables

    /// Makes a table of its own; there may have been another one of that name.
    private mutating func makeTable() async throws {
        let name = "Own\(history.client)-\(generator.below(2))"
        guard state.tables[name] == nil else { return }
        let schema = SchemaGenerator.table(name, swarm, &generator.random)
        note("makes \(schema.words) …")
        let steps = history.begin([.made(schema)], at: life.moments.next(), isSynced: true)
        let database = database
        try await life.end.hear { try await schema.make(in: database) }
        state.apply(.made(schema))
        history.acknowledge(steps, at: life.moments.next())
    }

    private mutating func dropTable() async throws {
        guard let name = state.tables.keys.min() else { return }
        note("drops \(name) …")
        let steps = history.begin([.gone(name)], at: life.moments.next(), isSynced: true)
        _ = try await life.end.hear { try await database.deleteTable(name) }
        state.apply(.gone(name))
        history.acknowledge(steps, at: life.moments.next())
    }
}
