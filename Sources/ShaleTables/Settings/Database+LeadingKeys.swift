package import ShaleExpressions
package import ShaleItems

// Which partition keys requests are about, for who must know that before they are carried out.

extension Database {
    /// The name of the attribute that leads the key of a table; nil if there is no such table.
    package func partitionName(of tableName: String) -> String? {
        try? catalog.table(tableName).version.schema.partition.name
    }

    /// The partition key that a query is about; nil where the query makes no sense.
    package func partition(of request: QueryRequest) -> AttributeValue? {
        guard let key = key(of: request.tableName, request.options.indexName) else { return nil }
        if let conditions = request.keyConditions {
            return try? KeyCondition(conditions, schema: key).partition
        }
        let attributes = request.options.attributes
        guard
            var placeholders = try? Placeholders(
                names: attributes.names,
                values: attributes.values
            )
        else { return nil }
        return try? KeyCondition.parse(request.keyCondition, schema: key, with: &placeholders)
            .partition
    }

    /// The partition keys that a statement is about; nil where it may be about any.
    package func partitions(of statement: Statement) -> [AttributeValue]? {
        switch statement {
        case .select(let select), .exists(let select):
            key(of: select.tableName, select.indexName).flatMap {
                KeyedCondition(select.condition, $0).partitions
            }
        case .insert(let insert):
            partitionName(of: insert.tableName).flatMap { insert.item[$0] }.map { [$0] }
        case .update(let update):
            key(of: update.tableName, nil).flatMap {
                KeyedCondition(update.condition, $0).partitions
            }
        case .delete(let deletion):
            key(of: deletion.tableName, nil).flatMap {
                KeyedCondition(deletion.condition, $0).partitions
            }
        }
    }

    private func key(of tableName: String, _ indexName: String?) -> KeySchema? {
        guard let table = try? catalog.table(tableName).definition else { return nil }
        return try? ReadTarget(table, indexName: indexName).key
    }
}
