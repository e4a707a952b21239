internal import ShaleEngine
internal import ShaleItems

/// One entry of the catalog: what the database remembers of one table.
///
/// The catalog is the first engine table of a database. The partition key is the table's name in
/// UTF-8, the sort key is empty, and the value is an item as `ItemFormat` draws it:
///
///     attribute    type  what
///     version      N     1; a larger one is refused
///     name         S     the table's name
///     id           S     UUID drawn when the table was made
///     created      N     milliseconds since 1970-01-01 UTC
///     engineTable  N     the engine table with the items
///     attributes   L     of [name S, type S]: all key attributes; the type is S, N or B
///     key          L     of S: partition key, then the sort key if there is one
///     indexes      L     of maps, local ones first:
///       name         S     the index's name
///       scope        S     local or global
///       engineTable  N     the engine table with the index entries
///       partition    L     of S: names of the partition key's attributes
///       sort         L     of S: names of the sort key's attributes
///       projection   S     ALL, KEYS_ONLY or INCLUDE
///       include      L     of S: with INCLUDE
///       throughput   L     of [reads N, writes N]
///       increased    N     as of the table
///       decreased    N     as of the table
///       decreases    N     as of the table
///       backfilling  BOOL  items from before the index may be missing in it
///       tally        L     of [items N, bytes N]: what it holds, as far as counted
///     billing      S     PROVISIONED or PAY_PER_REQUEST
///     throughput   L     of [reads N, writes N]; zeros when paid by request
///     onDemand     N     when it was last set to be paid by request; absent if never
///     increased    N     when the throughput was last raised; absent if never
///     decreased    N     when the throughput was last lowered; absent if never
///     decreases    N     how often it was lowered on the day of that; absent if never
///     switches     L     of N: when it was set to be paid by request, the last four times; absent if never
///     protected    BOOL  whether deleting is refused
///     class        S     STANDARD or STANDARD_INFREQUENT_ACCESS; absent if never chosen
///     stream       L     of [enabled BOOL, view type S or NULL]; absent if never chosen
///     streamed     N     when its newest stream was made; absent if it never had one
///     expiry       L     of [attribute S, engine table N, filling BOOL]; absent while items do not expire
///     tally        L     of [items N, bytes N]
///     counted      BOOL  there and true where the tally is of all items, until the database is opened again
///     …                  what administrators set, as `TableSettings` draws it
///     …                  where it comes from, and its past, as `TableOrigin` is drawn
///
/// Attributes that this version does not know are ignored. A name that begins with `$` is a system table's
/// (`SystemTable`). What a database remembers besides its tables stands under
/// names that no table can have, and has an attribute `system` (`SystemEntry`).
enum CatalogFormat {
    static let version: Int64 = 1

    static func encode(
        _ table: TableDefinition,
        _ tallies: [Tally],
        isCounted: Bool = false
    ) throws(ItemError) -> [UInt8] {
        var entry = item(table, tallies)
        if isCounted { entry["counted"] = true }
        return try ItemEncoder.encode(entry)
    }

    /// Whether the tally is of all items that were there when the entry was written.
    static func isCounted(_ entry: CatalogFields) -> Bool { entry.item["counted"] == true }

    /// The entry's attributes.
    static func item(_ table: TableDefinition, _ tallies: [Tally]) -> Item {
        var entry: Item = [
            "version": .integer(version),
            "name": .string(table.name),
            "id": .string(table.id),
            "created": .integer(table.creationMilliseconds),
            "engineTable": .integer(Int64(table.engineTable.id.rawValue)),
            "attributes": .list(
                table.attributeDefinitions.map { [.string($0.name), .string($0.type.rawValue)] }
            ),
            "key": .names(table.key.attributes.map(\.name)),
            "billing": .string(table.billing.mode.rawValue),
            "throughput": .pair(table.billing.throughput),
            "protected": .bool(table.deletionProtection),
            "tally": .pair(tallies.first ?? Tally()),
        ]
        entry["indexes"] = .list(
            table.indexes.enumerated().map { position, index in
                encode(index, position + 1 < tallies.count ? tallies[position + 1] : Tally())
            }
        )
        entry["onDemand"] = table.billing.payPerRequestSinceMilliseconds.map { .integer($0) }
        add(table.billing.changes, to: &entry)
        if !table.billing.switches.milliseconds.isEmpty {
            entry["switches"] = .list(table.billing.switches.milliseconds.map { .integer($0) })
        }
        entry["class"] = table.tableClass.map { .string($0.rawValue) }
        entry["stream"] = table.stream.map { stream in
            [.bool(stream.isEnabled), stream.viewType.map { .string($0.rawValue) } ?? .null]
        }
        entry["streamed"] = table.streamMilliseconds.map { .integer($0) }
        entry["expiry"] = table.timeToLive.map { expiry in
            [
                .string(expiry.attributeName),
                .integer(Int64(expiry.engineTable.id.rawValue)),
                .bool(expiry.isBackfilling),
            ]
        }
        table.settings.add(to: &entry)
        table.addOrigin(to: &entry)
        return entry
    }

    private static func encode(_ index: IndexDefinition, _ tally: Tally) -> AttributeValue {
        var entry: Item = [
            "name": .string(index.name),
            "scope": .string(index.scope.rawValue),
            "engineTable": .integer(Int64(index.engineTable.id.rawValue)),
            "partition": .names(index.partition.map(\.name)),
            "sort": .names(index.sort.map(\.name)),
            "projection": .string(index.projection.kind.rawValue),
            "include": .names(index.projection.nonKeyAttributes ?? []),
            "throughput": .pair(index.throughput),
            "backfilling": .bool(index.isBackfilling),
            "tally": .pair(tally),
        ]
        add(index.changes, to: &entry)
        index.addSettings(to: &entry)
        return .map(entry)
    }

    private static func add(_ changes: ThroughputChanges, to entry: inout Item) {
        entry["increased"] = changes.lastIncreaseMilliseconds.map { .integer($0) }
        entry["decreased"] = changes.lastDecreaseMilliseconds.map { .integer($0) }
        if changes.decreases > 0 { entry["decreases"] = .integer(Int64(changes.decreases)) }
    }

    /// Reads an entry; `engineTable` finds an engine table by number.
    static func decode(
        _ bytes: [UInt8],
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> (TableDefinition, [Tally]) {
        try decode(try fields(bytes), engineTable)
    }

    /// The attributes of an entry of any kind, if this version can read it.
    static func fields(_ bytes: [UInt8]) throws(DatabaseError) -> CatalogFields {
        let item: Item
        do throws(ItemError) {
            item = try ItemDecoder.decode(bytes)
        } catch {
            throw .damaged("catalog", error.description)
        }
        let entry = CatalogFields(item: item)
        guard try entry.integer("version") <= version else {
            throw DatabaseError(
                EngineError(.newerFormat, "the catalog was written by a newer version of Shale")
            )
        }
        return entry
    }

    /// Reads the entry of a table.
    static func decode(
        _ entry: CatalogFields,
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> (TableDefinition, [Tally]) {
        let attributes = try entry.attributeDefinitions()
        let key = try attributes.named(entry.names("key"))
        guard let partition = key.first else { throw .damaged("catalog", "a table without a key") }
        var tallies = [try entry.tally()]
        var indexes: [IndexDefinition] = []
        for value in try entry.list("indexes") {
            guard case .map(let map) = value else { throw .damaged("catalog", "index is no map") }
            let fields = CatalogFields(item: map)
            indexes.append(try decodeIndex(fields, attributes, engineTable))
            tallies.append(try fields.tally())
        }
        let table = TableDefinition(
            name: try entry.text("name"),
            id: try entry.text("id"),
            creationMilliseconds: try entry.integer("created"),
            attributeDefinitions: attributes,
            key: KeySchema(partition: partition, sort: key.count > 1 ? key[1] : nil),
            engineTable: try entry.engineTable("engineTable", engineTable),
            indexes: indexes,
            billing: Billing(
                mode: try entry.choice("billing"),
                throughput: try entry.throughput(),
                payPerRequestSinceMilliseconds: try entry.optionalInteger("onDemand"),
                changes: try entry.throughputChanges(),
                switches: try entry.switches()
            ),
            deletionProtection: try entry.flag("protected"),
            tableClass: entry.item.contains(name: "class") ? try entry.choice("class") : nil,
            stream: try entry.stream(),
            streamMilliseconds: try entry.optionalInteger("streamed"),
            timeToLive: try entry.expiry(engineTable),
            settings: try entry.settings(),
            origin: try entry.origin(),
            recovery: try entry.recovery()
        )
        return (table, tallies)
    }

    private static func decodeIndex(
        _ fields: CatalogFields,
        _ attributes: [AttributeDefinition],
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> IndexDefinition {
        let kind: IndexProjection.Kind = try fields.choice("projection")
        return IndexDefinition(
            name: try fields.text("name"),
            scope: try fields.choice("scope"),
            partition: try attributes.named(fields.names("partition")),
            sort: try attributes.named(fields.names("sort")),
            projection: IndexProjection(
                kind,
                nonKeyAttributes: kind == .include ? try fields.names("include") : nil
            ),
            throughput: try fields.throughput(),
            changes: try fields.throughputChanges(),
            engineTable: try fields.engineTable("engineTable", engineTable),
            isBackfilling: try fields.flag("backfilling"),
            onDemand: try fields.onDemand(),
            warm: try fields.warm()
        )
    }
}

extension AttributeValue {
    fileprivate static func integer(_ value: Int64) -> AttributeValue { .number(Number(value)) }

    fileprivate static func names(_ names: [String]) -> AttributeValue {
        .list(names.map { .string($0) })
    }

    fileprivate static func pair(_ throughput: ProvisionedThroughput) -> AttributeValue {
        [
            .integer(Int64(throughput.readCapacityUnits)),
            .integer(Int64(throughput.writeCapacityUnits)),
        ]
    }

    fileprivate static func pair(_ tally: Tally) -> AttributeValue {
        [.integer(Int64(tally.items)), .integer(Int64(tally.bytes))]
    }
}

extension [AttributeDefinition] {
    fileprivate func named(_ names: [String]) throws(DatabaseError) -> [AttributeDefinition] {
        var found: [AttributeDefinition] = []
        for name in names {
            guard let attribute = first(where: { TextOrder.areEqual($0.name, name) }) else {
                throw .damaged("catalog", "the key attribute \(name) has no type")
            }
            found.append(attribute)
        }
        return found
    }
}
