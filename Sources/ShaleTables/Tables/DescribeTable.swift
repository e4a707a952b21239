internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// A table's schema, state and size.
    ///
    /// Items and bytes are counted as they are written and remembered when the database is closed;
    /// after a crash they miss what was written since.
    /// - Throws: `.resourceNotFound`, `.validation` for what can be no name.
    public func describeTable(_ tableName: String) throws(DatabaseError) -> TableDescription {
        if let table = catalog.fillingTable(tableName) {
            let definition = table.definition
            return definition.description(
                .creating,
                table.tallies(of: definition),
                at: world.time.wallMilliseconds
            )
        }
        let table = try describedTable(tableName)
        let definition = table.definition
        return definition.description(
            .active,
            table.tallies(of: definition),
            at: world.time.wallMilliseconds
        )
    }

    /// Names of tables in the order of their bytes, beginning behind `exclusiveStart`.
    ///
    /// - Parameters:
    ///   - exclusiveStart: A name, which need not be one of a table.
    ///   - limit: From 1 to 100, the default.
    /// - Returns: One page of names.
    /// - Throws: `.validation`.
    public func listTables(
        exclusiveStart: String? = nil,
        limit: Int? = nil
    ) throws(DatabaseError) -> ListTablesResponse {
        if let exclusiveStart {
            try SchemaRules.checkName(
                exclusiveStart,
                "exclusiveStartTableName",
                "ExclusiveStartTableName"
            )
        }
        let limit = limit ?? TableLimits.namesPerPage
        guard limit >= 1, limit <= TableLimits.namesPerPage else {
            throw .validation(
                "1 validation error detected: Value '\(limit)' at 'limit' failed to satisfy "
                    + "constraint: Member must have value "
                    + (limit < 1
                        ? "greater than or equal to 1"
                        : "less than or equal to \(TableLimits.namesPerPage)")
            )
        }
        let tables = (catalog.tables + catalog.fillingTables).map(\.name)
        let names = tables.sorted(by: TextOrder.precedes).filter { name in
            exclusiveStart.map { TextOrder.precedes($0, name) } ?? true
        }
        let page = Array(names.prefix(limit))
        return ListTablesResponse(
            tableNames: page,
            lastEvaluatedTableName: names.count > page.count ? page.last : nil
        )
    }

    /// A table for a request about the table itself; those name the table when there is none, and are refused while it is
    /// being made.
    func describedTable(_ tableName: String) throws(DatabaseError) -> LiveTable {
        try SchemaRules.checkName(tableName, "tableName", "TableName")
        do throws(DatabaseError) {
            return try catalog.table(tableName)
        } catch {
            guard catalog.fillingTable(tableName) == nil else {
                throw DatabaseError(
                    .resourceInUse,
                    "Attempt to change a resource which is still in use: Table is being created: "
                        + tableName
                )
            }
            throw .tableNotFound(tableName)
        }
    }
}
