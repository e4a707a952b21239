import ShaleItems
import Testing

@testable import ShaleExpressions

/// What is refused, in the service's words.
@Suite struct StatementErrorTests {
    private static let frame = "Statement wasn't well formed, can't be processed: "

    private func message(_ text: String, _ parameters: [AttributeValue] = []) -> String? {
        do throws(ExpressionError) {
            _ = try Statement.parse(text, parameters: parameters)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("", "Expected data manipulation"), ("SLECT * FROM t", "Expected data manipulation"),
        ("UPDATE t WHERE k = 1", "Expected data manipulation"),
        ("UPDATE a-b SET c = 1 WHERE k = 1", "Expected data manipulation"),
        ("SELECT * FROM t WHERE k = 1 foo", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE k = 1 e5", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE k = 1)", "Unexpected token after expression"),
        ("SELECT * FROM t; SELECT * FROM t", "Unexpected token after expression"),
        ("SELECT * FROM t ORDER BY k WHERE k = 1", "Unexpected token after expression"),
        ("INSERT INTO t VALUE {'k': 1} foo", "Unexpected token after expression"),
        ("INSERT INTO t a VALUE {'k': 1}", "Unexpected token after expression"),
        (
            "INSERT INTO t VALUE {'k': 1} RETURNING ALL OLD *",
            "Unexpected token after expression"
        ),
        ("DELETE FROM t WHERE k = 1 ORDER BY k", "Unexpected token after expression"),
        ("FROM t SET a = 1 WHERE k = 1", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE k = 1e2147483648", ""),
        ("SELECT * FROM t WHERE k = 1e99999999999", ""),
        ("SELECT * FROM t WHERE k = 1.5e-2147483647", ""),
        ("SELECT * FROM t WHERE k = 1 # note", ""), ("SELECT * FROM t /* note", ""),
        ("SELECT * FROM t /*/", ""), ("SELECT * FROM \"t", ""),
        ("SELECT * FROM t WHERE k = 'a", ""),
        ("SELECT ! FROM t", ""), ("SELECT é FROM t", ""), ("SELECT \0", ""),
        ("SELECT * FROM t WHERE", "Unexpected term"),
        ("SELECT * FROM t WHERE;", "Unexpected term"),
        ("SELECT * FROM t WHERE NOT", "Unexpected term"),
        ("SELECT * FROM t WHERE (", "Unexpected term"), ("SELECT * FROM", "Unexpected term"),
        ("SELECT * FROM t WHERE k", "Unexpected term"),
        ("UPDATE t SET a = 1 WHERE", "Unexpected term"),
        ("SELECT * FROM t WHERE ORDER BY k", "Unexpected keyword"),
        ("SELECT * FROM t WHERE pad = 1", "Unexpected keyword"),
        ("SELECT key FROM t", "Unexpected keyword"),
        ("SELECT * FROM t WHERE IS NULL", "Unexpected operator"),
        ("SELECT * FROM t WHERE k = LIKE", "Unexpected operator"),
        ("SELECT * FROM t WHERE = 1", "Unexpected operator"),
        (
            "SELECT * FROM t WHERE k = 1 AND",
            "Missing right-hand side expression of infix operator"
        ),
        (
            "SELECT * FROM t WHERE k = 1 OR;",
            "Missing right-hand side expression of infix operator"
        ),
        ("SELECT * FROM t WHERE k =", "Missing right-hand side expression of infix operator"),
        ("UPDATE t SET a = a +", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE x IS FOO", "Expected type name"),
        ("SELECT * FROM t WHERE x IS NOT", "Expected type name"),
        ("SELECT * FROM t WHERE m.inner = 1", "Invalid path dot component"),
        ("SELECT m. FROM t", "Invalid path dot component"),
        ("SELECT m[a] FROM t", "Invalid path component"),
        ("SELECT m[1.5] FROM t", "Invalid path component"),
        ("DELETE FROM", "Expected identifier for simple path"),
        ("DELETE FROM;", "Expected identifier for simple path"),
        ("DELETE FROM WHERE k = 1", "Expected identifier for simple path"),
        ("SELECT * FROM t WHERE (k = 1", "Expected RIGHT_PAREN"),
        ("SELECT * FROM t WHERE k BETWEEN 1 OR 2", "Expected AND"),
        ("SELECT * t", "Expected FROM"), ("INSERT t", "Expected INTO"),
        ("INSERT INTO t VALUE {'k' 1}", "Expected COLON"),
        ("INSERT INTO t VALUE {'k': 1", "Expected RIGHT_CURLY"),
        ("INSERT INTO t VALUE {'k': [1", "Expected RIGHT_BRACKET"),
        ("INSERT INTO t VALUE {'k': <<1", "Expected RIGHT_DOUBLE_ANGLE"),
        ("EXISTS(SELECT * FROM t WHERE k = 1", "Expected RIGHT_PAREN"),
        ("DELETE FROM t RETURNING NONE", "Expected ALL or MODIFIED in a returning clause."),
        ("DELETE FROM t RETURNING ALL *", "Expected OLD or NEW in a returning clause."),
        ("DELETE FROM t RETURNING ALL OLD", "Expected STAR"),
    ])
    func `what is no sentence is not well formed`(text: String, detail: String) {
        #expect(message(text) == Self.frame + detail)
    }

    @Test(arguments: [
        ("SELECT * FROM t a WHERE k = 1", "Aliasing is not supported"),
        ("SELECT * FROM t AS a WHERE k = 1", "Aliasing is not supported"),
        ("UPDATE t a SET b = 3 WHERE k = 1", "Aliasing is not supported"),
        ("DELETE FROM t a WHERE k = 1", "Aliasing is not supported"),
        ("SELECT a AS b FROM t", "Aliasing is not supported"),
        ("SELECT * FROM t LIMIT 1", "Unsupported clause: LIMIT"),
        ("SELECT * FROM t WHERE k = 1 GROUP BY a", "Unsupported clause: GROUP"),
        (
            "SELECT *, a FROM t",
            "Other attributes should not be present in the projection when '*' is used."
        ),
        ("SELECT m.z, n.z FROM t", "Duplicate identifiers in select clause: z"),
        ("SELECT attribute_exists(ss) FROM t", "Unexpected path component at 1:8:16"),
        ("SELECT COUNT(*) FROM t", "Unexpected path component at 1:8:5"),
        (
            "SELECT l[-1] FROM t",
            "List index is not within the allowable range; index: [-1] at 1:11:1"
        ),
        ("SELECT * FROM t.i.x", "A path may contain at most 2 components in the FROM clause"),
        ("SELECT * FROM \"\"", "Path component cannot be an empty string"),
        ("SELECT * FROM t.\"\"", "Path component cannot be an empty string"),
        ("INSERT INTO t.i VALUE {'k': 1}", "FROM clause may only contain a single table name"),
        ("UPDATE t.i SET a = 1 WHERE k = 1", "This operation is not supported on an index"),
        ("DELETE FROM t.i WHERE k = 1", "This operation is not supported on an index"),
        (
            "DELETE FROM t WHERE k = 1 RETURNING MODIFIED OLD *",
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements."
        ),
        (
            "DELETE FROM t RETURNING ALL NEW *",
            "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."
        ),
        ("SELECT * FROM t WHERE EXISTS(ss)", "Unrecognized function: exists at 1:23:6"),
        ("SELECT * FROM t WHERE set_add(a, <<1>>) = a", "Unrecognized function: set_add at 1:23:7"),
        ("UPDATE t\nSET ä = 1", Self.frame),
        ("UPDATE \"ä\"\nSET a = f(1)", "Unrecognized function: f at 2:9:1"),
        ("UPDATE \"ä\" SET a = f(1)", "Unrecognized function: f at 1:20:1"),
        (
            "UPDATE t SET a = set_add(b, <<1>>)",
            "The first argument to SET_ADD must equal the assignment value at 1:18:7"
        ),
        (
            "UPDATE t SET a = set_add(<<1>>, <<1>>)",
            "The first argument to SET_ADD must equal the assignment value at 1:18:7"
        ),
        (
            "UPDATE t SET a = set_add(a, 'x')",
            "The second argument to SET_ADD must be a value with type SET at 1:26:1"
        ),
        (
            "UPDATE t SET \"a\" = set_delete(\"a\", ['x'])",
            "The second argument to SET_DELETE must be a value with type SET at 1:31:3"
        ),
        ("UPDATE t SET a = set_add(a)", "SET_ADD must have exactly two arguments at 1:18:7"),
        ("UPDATE t SET a = set_delete()", "SET_DELETE must have exactly two arguments at 1:18:10"),
    ])
    func `what the service does not do is named`(text: String, wanted: String) {
        #expect(message(text) == wanted)
    }

    @Test(arguments: [
        (
            "attribute_exists('ss')",
            "Operator or function requires a document path; operator or function: attribute_exists"
        ),
        (
            "attribute_exists()",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0"
        ),
        (
            "attribute_exists(a, b)",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"
        ),
        (
            "attribute_type(l, 1)",
            "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"
        ),
        (
            "attribute_type(l, 'X')",
            "Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
        ),
        (
            "a < true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"
        ),
        (
            "a BETWEEN true AND false",
            "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: BOOL"
        ),
        (
            "begins_with(a, 1)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
        ),
        ("a = <<>>", "Empty bags are not supported"),
        (
            "a = <<1, 'a'>>",
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
        ),
        (
            "a = <<?>>",
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
        ),
        (
            "a = <<'a', 'a'>>",
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates."
        ),
        (
            "a = <<2, 2.0>>",
            "One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root"
        ),
        (
            "a = 1e126",
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root"
        ),
        (
            "a = 1e-131",
            "Number underflow. Attempting to store a number with magnitude smaller than supported range under root"
        ),
        (
            "a = [1, {'x': 1e126}]",
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root[1].x"
        ),
        (
            "a = 123456789012345678901234567890123456789",
            "Attempting to store more than 38 significant digits in a Number under root"
        ),
    ])
    func `an operand is refused before any item is seen`(condition: String, wanted: String) {
        #expect(message("SELECT * FROM t WHERE \(condition)") == wanted)
        #expect(message("DELETE FROM t WHERE \(condition)") == wanted)
    }

    @Test(arguments: [
        (
            "{'k': 1, 'm': {'x': 1e126}}",
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root.x"
        ),
        (
            "{'k': 1, 'l': [1, 1e126]}",
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root[1]"
        ),
        (
            "{'k': set_add(<<'a'>>, <<'b'>>)}",
            "Unsupported data type: set_add under key root at 1:27:7"
        ),
        (
            "{'k': \(String(repeating: "[", count: 33))",
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
        ),
    ])
    func `an item is refused with its place`(item: String, wanted: String) {
        #expect(message("INSERT INTO t VALUE \(item)") == wanted)
    }

    @Test(arguments: [(0, true), (1, false), (2, true)])
    func `as many parameters are needed as there are question marks`(count: Int, isWrong: Bool) {
        let parameters = Array(repeating: AttributeValue.string("x"), count: count)
        let message = message("SELECT * FROM t WHERE k = ? AND a = 'what?'", parameters)
        let wrong = "Number of parameters in request and statement don't match."
        #expect(message == (isWrong ? wrong : nil))
    }

    @Test func `parameters are checked before the statement`() {
        #expect(
            message("SELECT", [.stringSet(["a", "a"])])
                == "One or more parameter values were invalid: Input collection [a, a] contains duplicates."
        )
    }

    @Test func `limits are limits`() {
        let long = "SELECT * FROM t WHERE k = '"
        let fits = long + String(repeating: "ä", count: 8_191 - long.count) + "'"
        #expect(message(fits) == nil)
        #expect(message(fits + " ")?.contains("less than or equal to 8192") == true)
        let choices = Array(repeating: "1", count: 101).joined(separator: ",")
        #expect(message("SELECT * FROM t WHERE k IN [\(choices)]")?.contains("IN") == true)
        let deep = String(repeating: "(", count: 65) + "a = 1" + String(repeating: ")", count: 65)
        #expect(message("SELECT * FROM t WHERE \(deep)")?.contains("nested too deeply") == true)
        let many = Array(repeating: "a=1", count: 200).joined(separator: " OR ")
        #expect(message("SELECT * FROM t WHERE \(many)")?.contains("too many operators") == true)
        let path = Array(repeating: "a", count: 34).joined(separator: ".")
        #expect(message("SELECT \(path) FROM t")?.contains("too many nesting elements") == true)
    }
}
