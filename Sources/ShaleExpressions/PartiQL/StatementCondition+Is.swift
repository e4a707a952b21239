import ShaleItems

/// `IS`: a test of what a path holds.
///
///     path IS [NOT] ( MISSING | NULL | BOOL | STRING | … )
///
/// The types of SQL that hold numbers are one here, and so are those that hold texts.
extension StatementCondition {
    @inline(never)
    mutating func parseIs(of first: Part) throws(ExpressionError) -> ConditionTree {
        try cursor.countOperator()
        let isNegated = cursor.skipKeyword("NOT")
        let test = try readType()
        guard case .operand(.path(let path)) = first else {
            throw cursor.error(
                .pathRequired,
                "Operator or function requires a document path; operator or function: IS"
            )
        }
        let tree: ConditionTree =
            switch test {
            case .missing: .notExists(path)
            case .types(let types) where types.count == 1: .hasType(path, types[0])
            case .types(let types): .any(types.map { .hasType(path, $0) })
            }
        return isNegated ? .not(tree) : tree
    }

    private enum TypeTest {
        case missing
        case types([AttributeType])
    }

    private mutating func readType() throws(ExpressionError) -> TypeTest {
        guard cursor.token.kind == .word else { throw cursor.notWellFormed("Expected type name") }
        let word = cursor.token.text.uppercased()
        let second = cursor.following.text.uppercased()
        let isPair = ["DOUBLE PRECISION", "CHARACTER VARYING"].contains("\(word) \(second)")
        let test: TypeTest
        switch word {
        case "MISSING": test = .missing
        case "NULL": test = .types([.null])
        case "BOOL", "BOOLEAN": test = .types([.bool])
        case "STRING", "VARCHAR", "CHAR", "CHARACTER", "CLOB", "SYMBOL": test = .types([.string])
        case "INT", "INT2", "INT4", "INT8", "INTEGER", "INTEGER2", "INTEGER4", "INTEGER8",
            "SMALLINT", "BIGINT", "FLOAT", "REAL", "DECIMAL", "DEC", "NUMERIC":
            test = .types([.number])
        case "DOUBLE" where isPair: test = .types([.number])
        case "BLOB": test = .types([.binary])
        case "LIST", "SEXP": test = .types([.list])
        case "STRUCT", "TUPLE": test = .types([.map])
        case "BAG": test = .types([.stringSet, .numberSet, .binarySet])
        default: throw cursor.notWellFormed("Expected type name")
        }
        cursor.advance()
        if isPair { cursor.advance() }
        return test
    }
}
