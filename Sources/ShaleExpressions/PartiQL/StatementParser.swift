import ShaleItems

/// Parses statements.
///
///     statement  = select | insert | update | delete | EXISTS "(" select ")"      [ ";" ]
///     select     = SELECT ( "*" | path { "," path } ) FROM source [ WHERE condition ]
///                  [ ORDER BY term { "," term } ]
///     term       = path [ ASC | DESC ]
///     insert     = INSERT INTO source VALUE ( map | ? )
///     update     = UPDATE source changes WHERE condition [ returning ]
///                | FROM source WHERE condition changes [ returning ]
///     delete     = DELETE FROM source [ WHERE condition ] [ returning ]
///     source     = name [ "." name ]
///     returning  = RETURNING ( ALL | MODIFIED ) ( OLD | NEW ) "*"
struct StatementParser {
    private var cursor: StatementCursor

    static func parse(
        _ text: String,
        _ parameters: [AttributeValue]
    ) throws(ExpressionError) -> Statement {
        for parameter in parameters {
            do throws(ItemError) {
                try parameter.validate()
            } catch {
                throw ExpressionError(.operandType, kind: nil, message: error.message)
            }
        }
        var parser = StatementParser(cursor: try StatementCursor(text, parameters))
        let statement = try parser.readStatement()
        try parser.cursor.expectEnd()
        return statement
    }

    private mutating func readStatement() throws(ExpressionError) -> Statement {
        if cursor.skipKeyword("SELECT") { return .select(try readSelect()) }
        if cursor.skipKeyword("INSERT") { return .insert(try readInsert()) }
        if cursor.skipKeyword("UPDATE") { return .update(try readUpdate()) }
        if cursor.skipKeyword("FROM") { return .update(try readFromUpdate()) }
        if cursor.skipKeyword("DELETE") { return .delete(try readDelete()) }
        if cursor.token.isKeyword("EXISTS"), cursor.isAtFunction {
            cursor.advance()
            cursor.advance()
            try cursor.expectKeyword("SELECT")
            let select = try readSelect()
            try cursor.expectSymbol(")", "RIGHT_PAREN")
            return .exists(select)
        }
        throw cursor.notWellFormed("Expected data manipulation")
    }

    private mutating func readCondition() throws(ExpressionError) -> Condition? {
        guard cursor.skipKeyword("WHERE") else { return nil }
        return try StatementCondition.read(&cursor)
    }

    /// Refuses a second name for a table.
    private func refuseAlias() throws(ExpressionError) {
        guard cursor.isAtPath || cursor.token.isKeyword("AS") else { return }
        for clause: StaticString in ["LIMIT", "OFFSET", "RETURNING", "REMOVE"]
        where cursor.token.isKeyword(clause) { return }
        throw cursor.error(.unsupported, "Aliasing is not supported")
    }
}

/// `SELECT`.
extension StatementParser {
    private mutating func readSelect() throws(ExpressionError) -> SelectStatement {
        let selected = try readSelected()
        try cursor.expectKeyword("FROM")
        let (tableName, indexName) = try cursor.readSource()
        try refuseAlias()
        let condition = try readCondition()
        let order = try readOrder()
        for clause: StaticString in ["LIMIT", "OFFSET", "GROUP", "HAVING"]
        where cursor.token.isKeyword(clause) {
            throw cursor.error(.unsupported, "Unsupported clause: \(clause)")
        }
        return SelectStatement(
            selected: selected,
            tableName: tableName,
            indexName: indexName,
            condition: condition,
            order: order
        )
    }

    private mutating func readSelected() throws(ExpressionError) -> [SelectStatement.SelectedPath]?
    {
        var selected: [SelectStatement.SelectedPath] = []
        var hasStar = false
        repeat {
            if cursor.skipSymbol("*") {
                hasStar = true
                continue
            }
            guard cursor.isAtPath, !cursor.isAtFunction else {
                guard cursor.isAtFunction || cursor.isAtLiteral else {
                    throw cursor.unexpectedTerm()
                }
                throw cursor.error(.unsupported, "Unexpected path component", at: cursor.token)
            }
            selected.append(SelectStatement.SelectedPath(try cursor.readPath()))
            try refuseAlias()
        } while cursor.skipSymbol(",")
        guard hasStar else { return try distinct(selected) }
        guard selected.isEmpty else {
            throw cursor.error(
                .unsupported,
                "Other attributes should not be present in the projection when '*' is used."
            )
        }
        return nil
    }

    private func distinct(
        _ selected: [SelectStatement.SelectedPath]
    ) throws(ExpressionError) -> [SelectStatement.SelectedPath] {
        var seen: Set<[UInt8]> = []
        for each in selected where !seen.insert(Array(each.name.utf8)).inserted {
            throw cursor.error(
                .unsupported,
                "Duplicate identifiers in select clause: \(each.name)"
            )
        }
        return selected
    }

    private mutating func readOrder() throws(ExpressionError) -> [SelectStatement.OrderTerm] {
        guard cursor.skipKeyword("ORDER") else { return [] }
        try cursor.expectKeyword("BY")
        var order: [SelectStatement.OrderTerm] = []
        repeat {
            let path = try cursor.readPath()
            let isDescending = cursor.skipKeyword("DESC")
            if !isDescending { _ = cursor.skipKeyword("ASC") }
            // A path below a name is no key attribute, whatever its name.
            let name = path.steps.isEmpty ? path.root : path.description
            order.append(SelectStatement.OrderTerm(name: name, isAscending: !isDescending))
        } while cursor.skipSymbol(",")
        return order
    }
}

/// Writes.
extension StatementParser {
    private mutating func readInsert() throws(ExpressionError) -> InsertStatement {
        try cursor.expectKeyword("INTO")
        guard cursor.isAtPath else {
            throw cursor.notWellFormed("Expected identifier for simple path")
        }
        let (tableName, indexName) = try cursor.readSource()
        guard indexName == nil else {
            throw cursor.error(.unsupported, "FROM clause may only contain a single table name")
        }
        guard cursor.skipKeyword("VALUE") else {
            throw cursor.isAtPath
                ? cursor.notWellFormed("Unexpected token after expression")
                : cursor.unexpectedTerm()
        }
        return InsertStatement(tableName: tableName, item: try cursor.readItem())
    }

    private mutating func readUpdate() throws(ExpressionError) -> UpdateStatement {
        let tableName = try readTable()
        try refuseAlias()
        let update = try UpdateChanges.read(&cursor)
        let condition = try readCondition()
        return UpdateStatement(
            tableName: tableName,
            update: update,
            condition: condition,
            returning: try readReturning()
        )
    }

    private mutating func readFromUpdate() throws(ExpressionError) -> UpdateStatement {
        let tableName = try readTable()
        try refuseAlias()
        let condition = try readCondition()
        let update = try UpdateChanges.read(&cursor)
        return UpdateStatement(
            tableName: tableName,
            update: update,
            condition: condition,
            returning: try readReturning()
        )
    }

    private mutating func readDelete() throws(ExpressionError) -> DeleteStatement {
        try cursor.expectKeyword("FROM")
        let tableName = try readTable()
        try refuseAlias()
        let condition = try readCondition()
        let returning = try readReturning()
        if let returning, returning != .allOld {
            throw cursor.error(
                .unsupported,
                "Invalid returning clause: \(returning.rawValue). "
                    + "Only RETURNING ALL OLD * is allowed in DELETE statements."
            )
        }
        return DeleteStatement(
            tableName: tableName,
            condition: condition,
            returning: returning
        )
    }

    /// Reads the table of an update or deletion.
    private mutating func readTable() throws(ExpressionError) -> String {
        guard cursor.isAtPath else {
            throw cursor.notWellFormed("Expected identifier for simple path")
        }
        let (tableName, indexName) = try cursor.readSource()
        guard indexName == nil else {
            throw cursor.error(.unsupported, "This operation is not supported on an index")
        }
        return tableName
    }

    private mutating func readReturning() throws(ExpressionError) -> Returning? {
        guard cursor.skipKeyword("RETURNING") else { return nil }
        let isAll = cursor.skipKeyword("ALL")
        guard isAll || cursor.skipKeyword("MODIFIED") else {
            throw cursor.notWellFormed("Expected ALL or MODIFIED in a returning clause.")
        }
        let isOld = cursor.skipKeyword("OLD")
        guard isOld || cursor.skipKeyword("NEW") else {
            throw cursor.notWellFormed("Expected OLD or NEW in a returning clause.")
        }
        try cursor.expectSymbol("*", "STAR")
        return isAll ? (isOld ? .allOld : .allNew) : (isOld ? .modifiedOld : .modifiedNew)
    }
}

extension SelectStatement.SelectedPath {
    /// A path, and its name in answers: its last name and the indexes behind it.
    init(_ path: DocumentPath) {
        var name = path.root
        for step in path.steps {
            switch step {
            case .name(let inner): name = inner
            case .index(let index): name += "[\(index)]"
            }
        }
        self.init(path: path, name: name)
    }
}
