internal import ShaleEngine
internal import ShaleItems

/// What a table's entry holds of where it comes from and of its past, each absent where there is nothing to remember:
///
///     origin       L     of [table S, time N, being copied BOOL, and of a backup its label S, or of a past state the
///                        engine table N, its hash seed S and the position of the restore point N, and of an
///                        import its label S and NULL]
///     recovery     L     of [days N, kept since N]
extension CatalogFields {
    func origin() throws(DatabaseError) -> TableOrigin? {
        guard item.contains(name: "origin") else { return nil }
        let list = try list("origin")
        guard (4...6).contains(list.count), let name = list[0].stringValue,
            let time = list[1].numberValue?.intValue, let isInProgress = list[2].boolValue
        else { throw .damaged("catalog", "the attribute origin is malformed") }
        let source: TableOrigin.Source
        if list.count == 4, let label = list[3].stringValue {
            source = .backup(BackupIdentity(tableName: name, label: label))
        } else if list.count == 5, let label = list[3].stringValue {
            source = .imported(label: label)
        } else if list.count == 6, let table = Self.engineTable(list[3], list[4]),
            let point = list[5].numberValue?.intValue, point >= 0
        {
            source = .past(table, point: LogPosition(UInt64(point)))
        } else {
            throw .damaged("catalog", "the attribute origin is malformed")
        }
        return TableOrigin(
            source: source,
            tableName: name,
            milliseconds: Int64(time),
            isInProgress: isInProgress
        )
    }

    func recovery() throws(DatabaseError) -> RecoveryDefinition? {
        guard item.contains(name: "recovery") else { return nil }
        let numbers = try list("recovery").map { $0.numberValue?.intValue }
        guard numbers.count == 2, let days = numbers[0], let since = numbers[1],
            RecoveryDefinition.dayRange.contains(days)
        else { throw .damaged("catalog", "the attribute recovery is malformed") }
        return RecoveryDefinition(days: days, sinceMilliseconds: Int64(since))
    }

    /// The entry of a backup, as `SystemEntry` draws it.
    func backup() throws(DatabaseError) -> BackupDefinition {
        guard case .map(let definition)? = item["definition"] else {
            throw .damaged("catalog", "a backup without its table")
        }
        var seeds: [TableID: EngineTable] = [:]
        for value in try list("engineTables") {
            guard let pair = value.listValue, pair.count == 2,
                let table = Self.engineTable(pair[0], pair[1])
            else { throw .damaged("catalog", "a backup's engine table is malformed") }
            seeds[table.id] = table
        }
        let tables = seeds
        let (table, tallies) = try CatalogFormat.decode(CatalogFields(item: definition)) {
            tables[$0]
        }
        return BackupDefinition(
            identity: BackupIdentity(tableName: try text("table"), label: try text("label")),
            name: try text("name"),
            type: try choice("type"),
            createdMilliseconds: try integer("created"),
            expiryMilliseconds: try optionalInteger("expires"),
            table: table,
            tallies: tallies
        )
    }

    /// The entry of a restore point.
    func point() throws(DatabaseError) -> RestorePoint {
        let position = try integer("position")
        let tables = try list("tables").map { $0.numberValue?.intValue }
        guard position >= 0, tables.allSatisfy({ ($0 ?? 0) > 0 }) else {
            throw .damaged("catalog", "a restore point is malformed")
        }
        return RestorePoint(
            checkpoint: Checkpoint(
                position: LogPosition(UInt64(position)),
                milliseconds: try integer("time")
            ),
            tables: tables.compactMap { $0.map { TableID(UInt64($0)) } }
        )
    }

    /// The entry of an export or import.
    func transfer() throws(DatabaseError) -> TransferRecord {
        guard case .map(let description)? = item["description"] else {
            throw .damaged("catalog", "a transfer without its description")
        }
        return TransferRecord(
            identity: TransferIdentity(
                kind: try choice("kind"),
                tableName: try text("table"),
                label: try text("label")
            ),
            description: description
        )
    }

    private static func engineTable(
        _ number: AttributeValue,
        _ seed: AttributeValue
    ) -> EngineTable? {
        guard let number = number.numberValue?.intValue, number > 0,
            let seed = seed.stringValue.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        return EngineTable(id: TableID(UInt64(number)), hashSeed: seed)
    }
}

extension TableDefinition {
    /// Adds the attributes of this file to an entry.
    func addOrigin(to entry: inout Item) {
        entry["origin"] = origin.map { origin in
            var list: [AttributeValue] = [
                .string(origin.tableName), .number(Number(origin.milliseconds)),
                .bool(origin.isInProgress),
            ]
            switch origin.source {
            case .backup(let identity): list.append(.string(identity.label))
            case .imported(let label): list += [.string(label), .null]
            case .past(let table, let point):
                list += table.described + [.number(Number(Int64(point.rawValue)))]
            }
            return .list(list)
        }
        entry["recovery"] = recovery.map {
            [.number(Number($0.days)), .number(Number($0.sinceMilliseconds))]
        }
    }
}

extension SystemEntry {
    static func item(of backup: BackupDefinition) -> Item {
        var item: Item = [
            "system": "backup",
            "table": .string(backup.identity.tableName),
            "label": .string(backup.identity.label),
            "name": .string(backup.name),
            "type": .string(backup.type.rawValue),
            "created": .number(Number(backup.createdMilliseconds)),
            "definition": .map(CatalogFormat.item(backup.table, backup.tallies)),
            "engineTables": .list(backup.engineTables.map { .list($0.described) }),
        ]
        item["expires"] = backup.expiryMilliseconds.map { .number(Number($0)) }
        return item
    }

    static func item(of transfer: TransferRecord) -> Item {
        [
            "system": "transfer",
            "kind": .string(transfer.identity.kind.rawValue),
            "table": .string(transfer.identity.tableName),
            "label": .string(transfer.identity.label),
            "description": .map(transfer.description),
        ]
    }

    static func item(of point: RestorePoint) -> Item {
        [
            "system": "restorePoint",
            "position": .number(Number(Int64(point.checkpoint.position.rawValue))),
            "time": .number(Number(point.checkpoint.milliseconds)),
            "tables": .list(point.tables.map { .number(Number(Int64($0.rawValue))) }),
        ]
    }
}

extension EngineTable {
    fileprivate var described: [AttributeValue] {
        [.number(Number(Int64(id.rawValue))), .string(String(hashSeed, radix: 16))]
    }
}
