internal import ShaleCapacity
internal import ShaleExpressions
internal import ShaleItems

/// An action of a transaction whose expressions have been parsed: all of them are, before the first table is looked up.
struct ParsedAction {
    let given: TransactWriteAction
    private let update: Update?
    private let condition: Condition?

    init(_ given: TransactWriteAction) throws(DatabaseError) {
        self.given = given
        var reader = try ExpressionReader(given.attributes)
        var updateText: String?
        switch given.change {
        case .update(_, let text): updateText = text
        case .check where given.condition == nil:
            throw .validation("A condition check needs a condition expression")
        default: break
        }
        update = try reader.update(updateText)
        condition = try reader.condition(given.condition)
        try reader.finish(hasExpressions: updateText != nil || given.condition != nil)
    }

    /// Whether it names keys as its table has them.
    ///
    /// Where it does not, that is a reason for the transaction not to happen, and no error of the request.
    func fits(_ table: TableDefinition) -> Bool {
        switch given.change {
        case .put(let item): table.fits(keyOf: item) && table.fits(indexKeysOf: item)
        case .delete(let key), .update(let key, _), .check(let key): table.fits(key: key)
        }
    }

    /// The write of a table.
    func write(_ version: TableVersion) throws(DatabaseError) -> ItemWrite {
        var write =
            switch given.change {
            case .put(let item): try ItemWrite.put(item, version)
            case .delete(let key): try ItemWrite.delete(key, version)
            case .update(let key, _): try ItemWrite.update(key, update, version)
            case .check(let key): try ItemWrite.check(key, version)
            }
        write.condition = condition
        write.returnsItemOnFailure = given.returnValuesOnConditionCheckFailure == .allOld
        write.mode = .transactional
        return write
    }
}

extension TransactWriteAction {
    /// Refuses what is wrong with its expressions, whatever its table is.
    ///
    /// - Throws: `.validation`.
    package func checkExpressions() throws(DatabaseError) { _ = try ParsedAction(self) }
}
