internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Simulation

/// What goes on beside the clients of one life.
struct TableBackground {
    let life: TableLife
    let world: World
    var random: SimulatedGenerator

    private var database: Database { life.database }
    private var swarm: TableSwarm { life.swarm }

    /// Acts until something throws, or it has done so often enough.
    mutating func run() async throws {
        guard !swarm.acts.isEmpty else { return }
        for _ in 0..<(2 + swarm.callLimit / 10) {
            for _ in 0..<random.below(20) { await world.scheduler.run(.housekeeping) {} }
            let act = swarm.acts[random.below(swarm.acts.count)]
            life.log.add("background: \(act.rawValue)")
            try await perform(act)
        }
    }

    private mutating func perform(_ act: TableSwarm.Act) async throws {
        switch act {
        case .flush: try await database.engine.flush()
        case .compact: try await database.engine.compact()
        case .split: try await split()
        case .checkpoint: try await checkpoint()
        case .makeIndex: try await makeIndex()
        case .dropIndex: try await dropIndex()
        case .verify: try await verify()
        case .look: try await look()
        case .keepHouse: try await keepHouse()
        case .rewind: try await rewind()
        case .backUp: try await backUp()
        case .restore: try await restore()
        case .restorePast: try await restorePast()
        case .export: try await export()
        case .reopen: return
        }
    }

    /// A round by the clock deletes what was due when it began.
    private func keepHouse() async throws {
        let failures = life.mortals.failures
        let due = life.mortals.due(at: world.time.wallMilliseconds / 1000)
        await database.keepHouse()
        for (key, item) in due.sorted(by: { $0.key.description < $1.key.description }) {
            let request = GetItemRequest(tableName: key.table, key: key.attributes)
            let found = try await life.end.hear { try await database.getItem(request).item }
            guard found == item, life.mortals.failures == failures else { continue }
            throw Failure("\(key) was due, and is there after a round that deletes what is")
        }
    }

    // MARK: Storage

    /// Cuts a partition of any table or index at a key that is there.
    private mutating func split() async throws {
        let engine = database.engine
        let tables = engine.tables.sorted { $0.id.rawValue < $1.id.rawValue }
        let table = tables[random.below(tables.count)]
        var skip = random.below(12)
        var key: [UInt8]?
        do throws(EngineError) {
            let skipped = skip
            key = try await engine.read { view throws(EngineError) in
                var left = skipped
                var found: [UInt8]?
                try view.scan(table.id, .all) { key, _ in
                    found = key
                    left -= 1
                    return left < 0 ? .stop : .continue
                }
                return found
            }
            skip = 0
            guard let key else { return }
            try await engine.split(
                table.id,
                at: table.key(
                    partition: Array(EntryKey.partition(in: key)),
                    sort: Array(EntryKey.sort(in: key))
                )
            )
        } catch {
            // A partition begins there already, or the table was dropped meanwhile.
            guard error.code == .invalidArgument || error.code == .noSuchTable else { throw error }
        }
    }

    /// A copy of the database, opened, is a state of every client that was acknowledged or later.
    private mutating func checkpoint() async throws {
        let path = "checkpoint-\(random.next())"
        let least = life.histories.map(\.acknowledgedCount)
        let begin = life.moments.next()
        _ = try await life.end.hear { try await database.engine.checkpoint(to: path) }
        let end = life.moments.next()
        let most = life.histories.map(\.triedCount)
        let access: EngineAccess = random.oneIn(2) ? .readWrite : .readOnly
        var options = swarm.options
        // Restores that are under way do not go on there: backups and the past are not in the copy.
        options.onEvent = nil
        let copy = try await Database.open(path, options, access: access, in: world)
        let contents = try await life.end.hear { try await WholeContents.read(copy) }.ofClients
        try await copy.close()
        for name in try world.files.list(path) { try world.files.remove("\(path)/\(name)") }
        try world.files.remove(path)
        try contents.checkIndexes()
        let parts = try ContentParts(contents, life.tables, life.histories, swarm)
        for (position, history) in life.histories.enumerated() {
            let difference = history.difference(
                parts.clients[position],
                from: least[position],
                through: most[position]
            ) { _ in true }
            if let difference { throw Failure("checkpoint: \(difference)") }
        }
        for key in life.shared.keys {
            life.shared.saw(key, parts.shared[key], from: begin, to: end)
        }
    }

    // MARK: Indexes

    private mutating func makeIndex() async throws {
        let schema = life.tables[random.below(life.tables.count)]
        guard life.indexes.known(in: schema.name).count < 4 else { return try await look(schema) }
        let index = SchemaGenerator.added(life.indexes.count, to: schema, &random)
        var request = UpdateTableRequest(tableName: schema.name)
        request.attributeDefinitions = index.key.attributes
        request.indexChanges = [.create(index.definition)]
        life.indexes.add(index, to: schema.name)
        do {
            _ = try await life.end.hear { try await database.updateTable(request) }
            life.indexes.set(index.name, .made)
        } catch let error as DatabaseError {
            // One change of a table at a time.
            guard error.code == .resourceInUse || error.code == .limitExceeded else { throw error }
            life.indexes.set(index.name, .dropped)
        }
    }

    private mutating func dropIndex() async throws {
        let schema = life.tables[random.below(life.tables.count)]
        let present = life.indexes.present(in: schema.name)
        guard !present.isEmpty else { return }
        let entry = present[random.below(present.count)]
        var request = UpdateTableRequest(tableName: schema.name)
        request.indexChanges = [.delete(name: entry.index.name)]
        life.indexes.set(entry.index.name, .dropping)
        do {
            _ = try await life.end.hear { try await database.updateTable(request) }
            life.indexes.set(entry.index.name, .dropped)
        } catch let error as DatabaseError {
            guard error.code == .resourceInUse || error.code == .limitExceeded else { throw error }
            life.indexes.set(entry.index.name, entry.fate)
        }
    }

    // MARK: Looking

    /// Indexes agree with their tables while everybody writes.
    private mutating func verify() async throws {
        let schema = life.tables[random.below(life.tables.count)]
        do {
            let found = try await life.end.hear {
                try await database.verifyIndexes(schema.name)
            }
            guard let difference = found.differences.first else { return }
            throw Failure("while all write, in \(schema.name): \(difference)")
        } catch let error as DatabaseError {
            // An index may be deleted while it is compared.
            guard error.code == .resourceNotFound else { throw error }
        }
    }

    private mutating func look() async throws {
        try await look(life.tables[random.below(life.tables.count)])
    }

    /// One page is one moment: every client's items are what they were after one of its changes, in the table
    /// and in its indexes.
    private func look(_ schema: TableSchema) async throws {
        for entry in life.indexes.present(in: schema.name) where entry.fate == .made {
            let description = try database.describeTable(schema.name)
            let isWhole = description.globalSecondaryIndexes.contains {
                $0.indexName == entry.index.name && !$0.isBackfilling
            }
            // It may be that it is being deleted by now.
            if isWhole, life.indexes.fate(of: entry.index.name) == .made {
                life.indexes.set(entry.index.name, .whole)
            }
        }
        let least = life.histories.map(\.acknowledgedCount)
        let page = try await life.end.hear {
            try await database.scan(ScanRequest(tableName: schema.name))
        }
        guard page.lastEvaluatedKey == nil else { return }
        let most = life.histories.map(\.triedCount)
        for (position, history) in life.histories.enumerated() {
            var found = history.base
            found.items = [:]
            for item in page.items
            where CallGenerator.owner(of: item, schema.key, swarm) == .client(history.client) {
                found.items[schema.key(of: item)] = item
            }
            let difference = history.difference(
                found,
                from: least[position],
                through: most[position],
                comparesTables: false
            ) { $0.table == schema.name }
            if let difference { throw Failure("one page of \(schema.name): \(difference)") }
        }
    }
}
