internal import ShaleExpressions
internal import ShaleItems

/// Statements that write, as writes of one item.
///
///     INSERT   a put, on the condition that there is no such item
///     UPDATE   an update, on the condition that the item is there and the rest of WHERE holds
///     DELETE   a deletion, on the condition that there is no such item, or the rest of WHERE holds
///     EXISTS   a check of the rest of WHERE
extension ItemWrite {
    /// - Precondition: The statement is no `SELECT`.
    init(
        _ statement: Statement,
        _ version: TableVersion,
        _ onFailure: ReturnValuesOnConditionCheckFailure
    ) throws(DatabaseError) {
        let table = version.definition
        switch statement {
        case .select: preconditionFailure("a statement that reads was sorted out")
        case .exists(let select):
            let keyed = KeyedCondition(select.condition, table.key)
            guard let key = keyed.exactKey(table.key), let rest = keyed.rest else {
                throw .validation(
                    "EXISTS() must contain a single item read with additional condition"
                )
            }
            try table.checkTypes(key)
            self = try .check(key, version)
            condition = rest
        case .insert(let insert):
            self = try .put(insert.item, version)
            condition = Condition.isAbsent(table.key.partition.name)
            isInsert = true
        case .update(let update):
            let (key, rest) = try table.splitKey(update.condition)
            self = try .update(key, update.update, version)
            condition = Condition.exists(table.key.partition.name, and: rest)
        case .delete(let delete):
            let (key, rest) = try table.splitKey(delete.condition)
            self = try .delete(key, version)
            condition = Condition.isAbsent(table.key.partition.name, or: rest)
        }
        returnsItemOnFailure = onFailure == .allOld
    }
}

extension TableDefinition {
    /// The key that the `WHERE` of a write names, and what it says besides.
    func splitKey(
        _ condition: Condition?
    ) throws(DatabaseError) -> (key: Item, rest: Condition?) {
        let keyed = KeyedCondition(condition, key)
        guard let given = keyed.exactKey(key) else {
            throw .validation(
                "Where clause does not contain a mandatory equality on all key attributes"
            )
        }
        try checkTypes(given)
        return (given, keyed.rest)
    }

    /// Refuses key attributes of other types than the table's.
    func checkTypes(_ given: Item) throws(DatabaseError) {
        for attribute in key.attributes {
            guard given[attribute.name]?.type == attribute.type.attributeType else {
                throw .keyTypeMismatch
            }
        }
    }
}

extension DatabaseError {
    /// A key attribute of a statement has another type than the schema says.
    static let keyTypeMismatch = validation(
        "Key attribute's data type should match its data type in table's schema"
    )
}
