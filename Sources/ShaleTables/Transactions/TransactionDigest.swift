internal import ShaleBytes
internal import ShaleItems

/// What a transaction asks for, in 128 bits: two requests with one token must ask for the same.
///
/// Counts actions, conditions and return values on failure; not how much the answer says of capacity. The order of
/// attributes, names and values does not count, as it has no meaning.
struct TransactionDigest: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    // Any two numbers that differ; never to be changed, for digests are on disk.
    private static let highSeed: UInt64 = 0x5368_616C_6554_6F6B
    private static let lowSeed: UInt64 = 0x656E_4469_6765_7374

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The digest of the actions of a transaction.
    init(_ actions: [TransactWriteAction]) throws(ItemError) {
        var writer = ByteWriter()
        for action in actions {
            writer.text(action.tableName)
            switch action.change {
            case .put(let item): try writer.item(item, kind: 1)
            case .delete(let key): try writer.item(key, kind: 2)
            case .update(let key, let text):
                try writer.item(key, kind: 3)
                writer.text(text)
            case .check(let key): try writer.item(key, kind: 4)
            }
            writer.text(action.condition ?? "")
            let names = (action.attributes.names ?? [:]).map {
                ($0.key, AttributeValue.string($0.value))
            }
            try writer.item(Item(names), kind: 5)
            let values = (action.attributes.values ?? [:]).map { ($0.key, $0.value) }
            try writer.item(Item(values), kind: 6)
            writer.text(action.returnValuesOnConditionCheckFailure.rawValue)
        }
        let bytes = writer.take()
        high = Hash.xxh3(bytes, seed: Self.highSeed)
        low = Hash.xxh3(bytes, seed: Self.lowSeed)
    }
}

extension TransactionDigest {
    /// The digest of the statements of a transaction.
    init(_ statements: [StatementRequest]) throws(ItemError) {
        var writer = ByteWriter()
        for statement in statements {
            writer.text(statement.statement)
            try writer.item(["parameters": .list(statement.parameters)], kind: 7)
            writer.text(statement.returnValuesOnConditionCheckFailure.rawValue)
        }
        let bytes = writer.take()
        high = Hash.xxh3(bytes, seed: Self.highSeed)
        low = Hash.xxh3(bytes, seed: Self.lowSeed)
    }
}

extension ByteWriter {
    fileprivate mutating func text(_ text: String) {
        append(lengthPrefixed: Array(text.utf8))
    }

    fileprivate mutating func item(_ item: Item, kind: UInt8) throws(ItemError) {
        append(kind)
        append(lengthPrefixed: try ItemEncoder.encode(item))
    }
}
