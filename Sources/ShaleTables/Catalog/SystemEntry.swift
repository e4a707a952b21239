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
enum SystemEntry: Equatable {
    case tokens(TokenGenerations)

    /// The name under which it stands.
    var name: String {
        switch self {
        case .tokens: "$tokens"
        }
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
        var item: Item = ["version": .number(Number(CatalogFormat.version))]
        switch self {
        case .tokens(let generations):
            item["system"] = "tokens"
            item["current"] = .engineTable(generations.current)
            item["previous"] = generations.previous.map { .engineTable($0) }
            item["since"] = .number(Number(generations.sinceMilliseconds))
        }
        return item
    }
}

extension AttributeValue {
    fileprivate static func engineTable(_ table: EngineTable) -> AttributeValue {
        .number(Number(Int64(table.id.rawValue)))
    }
}
