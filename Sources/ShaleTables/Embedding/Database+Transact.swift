public import ShaleEngine
public import ShaleItems

/// What a transaction is to do: filled by the closure of `Database.transact`.
public struct TransactionBuilder: Sendable {
    private(set) var actions: [TransactWriteAction] = []

    /// Puts an item in place of the one with its key.
    ///
    /// - Parameters:
    ///   - item: At most 400 KB, with the table's key attributes.
    ///   - table: The table.
    ///   - condition: What must hold for the item that is there.
    ///   - names: What `#name` stands for.
    ///   - values: What `:value` stands for.
    public mutating func put(
        _ item: Item,
        in table: Table,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) {
        add(.put(item), table, condition, names, values)
    }

    /// Changes an item, or makes it, by an update expression.
    public mutating func update(
        _ key: Item,
        in table: Table,
        _ update: String,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) {
        add(.update(key: key, update), table, condition, names, values)
    }

    /// Deletes an item; one that is not there is no error.
    public mutating func delete(
        _ key: Item,
        in table: Table,
        condition: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) {
        add(.delete(key: key), table, condition, names, values)
    }

    /// Lets nothing happen unless a condition holds for an item that stays as it is.
    public mutating func check(
        _ key: Item,
        in table: Table,
        condition: String,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) {
        add(.check(key: key), table, condition, names, values)
    }

    private mutating func add(
        _ change: TransactWriteAction.Change,
        _ table: Table,
        _ condition: String?,
        _ names: [String: String]?,
        _ values: [String: AttributeValue]?
    ) {
        var action = TransactWriteAction(tableName: table.name, change, condition: condition)
        action.attributes = ExpressionAttributes(names: names, values: values)
        action.returnValuesOnConditionCheckFailure = .allOld
        actions.append(action)
    }
}

extension Database {
    /// Does up to 100 writes of any tables together: all or none of them.
    ///
    ///     try await database.transact {
    ///         $0.update(
    ///             ["id": "a"], in: accounts, "SET coins = coins - :n",
    ///             condition: "coins >= :n", values: [":n": 5]
    ///         )
    ///         $0.update(["id": "b"], in: accounts, "ADD coins :n", values: [":n": 5])
    ///     }
    ///
    /// - Parameters:
    ///   - token: Makes a repetition within ten minutes, also behind a crash, do nothing; at most 36 bytes.
    ///   - durability: What the writes survive; nil is the database's choice.
    ///   - body: Says what is to be done, no two writes of one item.
    /// - Returns: Whether it was done now; false where the token's transaction had been done before.
    /// - Throws: `.transactionCanceled` with a reason for each write and the item that is there,
    ///   `.idempotentParameterMismatch`, `.validation`, `.resourceNotFound`, `.internalFailure`.
    /// - Complexity: Owns all items while it reads them: O(log n) for each, and for each index of each.
    @discardableResult
    public func transact(
        token: String? = nil,
        durability: Durability? = nil,
        _ body: (inout TransactionBuilder) -> Void
    ) async throws(DatabaseError) -> Bool {
        var builder = TransactionBuilder()
        body(&builder)
        var request = TransactWriteItemsRequest(builder.actions, clientRequestToken: token)
        request.durability = durability
        return try await !transactWriteItems(request).wasRepeated
    }

    /// Reads up to 100 items of any tables as they were at one moment, nil where there is none.
    ///
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`.
    public func get(
        together keys: [(table: Table, key: Item)]
    ) async throws(DatabaseError) -> [Item?] {
        let gets = keys.map { TransactGet(tableName: $0.table.name, key: $0.key) }
        return try await transactGetItems(TransactGetItemsRequest(gets)).items
    }
}
