internal import ShaleEngine
internal import ShaleItems

/// An entry of the catalog that is no table's: what a database remembers for itself.
///
///     attribute  type  what
///     version    N     as in `CatalogFormat`
///     system     S     what it is: tokens
///
/// Of `tokens`, under the name `$tokens`: where the tokens of transactions are (`TokenGenerations`):
///
///     current    N     the engine table that new tokens go to
///     previous   N     the one before; absent at first
///     since      N     when `current` was taken into use: milliseconds since 1970-01-01 UTC
///
/// Of `stream`, under the name `$stream/`, the table's name, `/` and the time when it was made (`StreamDefinition`):
///
///     table        S   name of the table
///     tableID      S   UUID of the table
///     created      N   milliseconds since 1970-01-01 UTC, as all times here
///     view         S   what it keeps of items
///     key          L   of [name S, HASH or RANGE]
///     ended        N   when it was switched off; absent while it is on
///     generations  L   of [number N, engine table N, bits N, created N, first position N], oldest first
///
/// Of `hotKeys`, under the name `$hot`: what was asked for most when the database was closed; nothing depends on it:
///
///     keys         L   of [table S, partition key S, N or B, millionths of the requests N]
///
/// Of `caches`, under the name `$caches`: what the caches did in the last life; nothing depends on it:
///
///     items        M   numbers by the names in `CacheStatistics.named`
///     pages        M   the same of pages
///
/// Of `backup`, under the name `$backup/` and its label (`BackupDefinition`):
///
///     table        S   name of the table
///     label        S   which of its backups
///     name         S   what its user called it
///     type         S   USER or SYSTEM
///     created      N
///     expires      N   when it goes by itself; absent if never
///     definition   M   the table, as `CatalogFormat` draws it
///     engineTables L   of [engine table N, its hash seed S, hexadecimal]: those that the definition names
///
/// Of `restorePoint`, under the name `$restorePoint/` and its position (`RestorePoint`):
///
///     position     N   where it ends in the log
///     time         N   no record in it is later
///     tables       L   of N: the engine tables that are in it
///
/// Of `transfer`, under the name `$transfer/`, its kind, `/` and its label (`TransferRecord`):
///
///     kind         S   export or import
///     table        S   name of the table
///     label        S   which of them
///     description  M   what its user is told; the layer above knows it
enum SystemEntry: Equatable {
    case tokens(TokenGenerations)
    case stream(StreamDefinition)
    case hotKeys([HotKey])
    case caches(items: CacheStatistics, pages: CacheStatistics)
    case backup(BackupDefinition)
    case point(RestorePoint)
    case transfer(TransferRecord)

    /// The name under which it stands.
    var name: String {
        switch self {
        case .tokens: "$tokens"
        case .stream(let stream): Self.name(of: stream.identity)
        case .hotKeys: "$hot"
        case .caches: "$caches"
        case .backup(let backup): Self.name(of: backup.identity)
        case .point(let point): Self.name(of: point)
        case .transfer(let transfer): Self.name(of: transfer.identity)
        }
    }

    /// The name under which a backup stands: labels are the backups' own.
    static func name(of backup: BackupIdentity) -> String { "$backup/\(backup.label)" }

    /// The name under which an export or import stands.
    static func name(of transfer: TransferIdentity) -> String {
        "$transfer/\(transfer.kind.rawValue)/\(transfer.label)"
    }

    /// The name under which a restore point stands.
    static func name(of point: RestorePoint) -> String {
        "$restorePoint/\(point.checkpoint.position.rawValue)"
    }

    /// The name under which a stream stands.
    static func name(of stream: StreamIdentity) -> String {
        "$stream/\(stream.tableName)/\(stream.createdMilliseconds)"
    }

    /// Reads an entry; nil where it is a table's.
    init?(
        _ fields: CatalogFields,
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) {
        guard fields.item.contains(name: "system") else { return nil }
        switch try fields.text("system") {
        case "tokens":
            self = .tokens(
                TokenGenerations(
                    current: try fields.engineTable("current", engineTable),
                    previous: fields.item.contains(name: "previous")
                        ? try fields.engineTable("previous", engineTable) : nil,
                    sinceMilliseconds: try fields.integer("since")
                )
            )
        case "stream": self = .stream(try fields.streamDefinition(engineTable))
        case "hotKeys": self = .hotKeys(try fields.hotKeys())
        case "caches":
            self = .caches(items: fields.cache("items"), pages: fields.cache("pages"))
        case "backup": self = .backup(try fields.backup())
        case "restorePoint": self = .point(try fields.point())
        case "transfer": self = .transfer(try fields.transfer())
        case let other:
            throw DatabaseError(
                EngineError(
                    .newerFormat,
                    "the catalog holds an entry of the kind \"\(other.prefix(64))\", which this version of "
                        + "Shale does not know"
                )
            )
        }
    }

    /// The entry's attributes.
    var item: Item {
        var item = Item()
        switch self {
        case .tokens(let generations):
            item["system"] = "tokens"
            item["current"] = .engineTable(generations.current)
            item["previous"] = generations.previous.map { .engineTable($0) }
            item["since"] = .number(Number(generations.sinceMilliseconds))
        case .stream(let stream):
            item["system"] = "stream"
            item["table"] = .string(stream.identity.tableName)
            item["tableID"] = .string(stream.tableID)
            item["created"] = .number(Number(stream.identity.createdMilliseconds))
            item["view"] = .string(stream.viewType.rawValue)
            item["key"] = .list(
                stream.keySchema.map { [.string($0.attributeName), .string($0.role.rawValue)] }
            )
            item["ended"] = stream.endedMilliseconds.map { .number(Number($0)) }
            item["generations"] = .list(stream.generations.map { .generation($0) })
        case .hotKeys(let keys):
            item["system"] = "hotKeys"
            item["keys"] = .list(
                keys.map { key in
                    let share = Int64((key.share * 1_000_000).rounded())
                    return [.string(key.tableName), key.partitionKey, .number(Number(share))]
                }
            )
        case .caches(let items, let pages):
            item["system"] = "caches"
            item["items"] = .cache(items)
            item["pages"] = .cache(pages)
        case .backup(let backup): item = Self.item(of: backup)
        case .point(let point): item = Self.item(of: point)
        case .transfer(let transfer): item = Self.item(of: transfer)
        }
        item["version"] = .number(Number(CatalogFormat.version))
        return item
    }
}

extension AttributeValue {
    fileprivate static func engineTable(_ table: EngineTable) -> AttributeValue {
        .number(Number(Int64(table.id.rawValue)))
    }

    fileprivate static func cache(_ statistics: CacheStatistics) -> AttributeValue {
        .map(
            Item(
                CacheStatistics.named.map {
                    ($0.name, .number(Number(Int64(statistics[keyPath: $0.number]))))
                }
            )
        )
    }

    fileprivate static func generation(_ generation: StreamGeneration) -> AttributeValue {
        [
            .number(Number(generation.number)), .engineTable(generation.engineTable),
            .number(Number(generation.bits)), .number(Number(generation.createdMilliseconds)),
            .number(Number(Int64(generation.first.rawValue))),
        ]
    }
}
