internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// Makes a table; it is active when the call answers.
    ///
    /// - Throws: `.validation`, `.resourceInUse` when there is one of that name, `.internalFailure`.
    public func createTable(
        _ request: CreateTableRequest
    ) async throws(DatabaseError) -> TableDescription {
        let schema = try SchemaRules.check(request)
        let settings = try SettingsRules.settings(request)
        try catalog.reserve(request.tableName)
        do throws(EngineError) {
            var definition = try await makeTable(request, schema)
            definition.settings = settings
            definition.settings.policy = request.policy.map(newPolicy)
            let tallies = Array(repeating: Tally(), count: 1 + definition.indexes.count)
            let stream = try await switchStream(&definition, from: nil)
            try await catalog.write(definition, tallies, stream)
            let live = LiveTable(definition, tallies, gates.gate(definition), gates.usage())
            await apply(stream, to: live)
            catalog.install(live)
            return definition.description(.active, tallies, at: world.time.wallMilliseconds)
        } catch {
            catalog.remove(request.tableName)
            throw DatabaseError(error)
        }
    }

    /// Makes the engine's tables.
    ///
    /// What a failure leaves behind is dropped at the next open.
    func makeTable(
        _ request: CreateTableRequest,
        _ schema: SchemaRules.Schema
    ) async throws(EngineError) -> TableDefinition {
        let now = world.time.wallMilliseconds
        let mode = request.billingMode ?? .provisioned
        var definition = TableDefinition(
            name: request.tableName,
            id: makeUUID(),
            creationMilliseconds: now,
            attributeDefinitions: request.attributeDefinitions,
            key: schema.key,
            engineTable: try await engine.createTable(),
            indexes: [],
            billing: Billing(
                mode: mode,
                throughput: request.provisionedThroughput ?? .none,
                payPerRequestSinceMilliseconds: mode == .payPerRequest ? now : nil
            ),
            deletionProtection: request.deletionProtection,
            tableClass: request.tableClass,
            stream: request.stream
        )
        for index in schema.local {
            definition.indexes.append(
                IndexDefinition(index, .local, try await engine.createTable())
            )
        }
        for index in schema.global {
            definition.indexes.append(
                IndexDefinition(index, .global, try await engine.createTable())
            )
        }
        return definition
    }

    /// A random UUID (version 4), in its usual text.
    package func makeUUID() -> String {
        let high = world.randomness.next() & ~0xF000 | 0x4000
        let low = world.randomness.next() & ~(0b11 << 62) | (0b10 << 62)
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (position, shift) in stride(from: 124, through: 0, by: -4).enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
            let half = shift >= 64 ? high : low
            text.append(digits[Int(half >> UInt64(shift % 64) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension IndexDefinition {
    init(_ index: SchemaRules.Index, _ scope: Scope, _ engineTable: EngineTable) {
        self.init(
            name: index.name,
            scope: scope,
            partition: index.key.partition,
            sort: index.key.sort,
            projection: index.projection,
            throughput: index.throughput,
            engineTable: engineTable,
            isBackfilling: false,
            onDemand: index.onDemand,
            warm: index.warm
        )
    }
}
