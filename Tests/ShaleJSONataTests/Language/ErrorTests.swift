import OrderedCollections
import ShaleJSON
import ShaleJSONata
import Testing

@Suite("JSONata: errors")
struct ErrorTests {
    @Test(
        "an error has the code, the place, the token and the sentence",
        arguments: [
            ("1 +", "S0207", 3, "(end)", "Unexpected end of expression"),
            ("[1,2)", "S0202", 5, ")", #"Expected "]", got ")""#),
            ("$f(1", "S0203", 4, "(end)", #"Expected ")" before end of expression"#),
            ("'a", "S0101", 2, nil, "String literal must be terminated by a matching quote"),
            ("1 ! 2", "S0204", 3, "!", #"Unknown operator: "!""#),
            ("a b", "S0201", 3, "b", #"Syntax error: "b""#),
            (
                "a.1", "S0213", 3, nil,
                "The literal value 1 cannot be used as a step within a path expression"
            ),
            (
                "'s' - 1", "T2001", 5, "-",
                #"The left side of the "-" operator must evaluate to a number"#
            ),
            (
                "'s' < 1", "T2009", 5, "<",
                #"The values "s" and 1 either side of operator "<" must be of the same data type"#
            ),
            ("$f(1)", "T1006", 3, "f", "Attempted to invoke a non-function"),
            (
                "uppercase('a')", "T1005", 10, "uppercase",
                "Attempted to invoke a non-function. Did you mean $uppercase?"
            ),
            (
                "$length(1)", "T0410", 8, "length",
                #"Argument 1 of function "length" does not match function signature"#
            ),
            (
                "$sum(['a'])", "T0412", 5, "sum",
                #"Argument 1 of function "sum" must be an array of "numbers""#
            ),
            ("$error('so')", "D3137", 7, "error", "so"),
            ("/(/", "S0302", 3, nil, "No terminating / in regular expression"),
            (
                "/[b-a]/", "S0303", 7, nil,
                #"Invalid regular expression: "Range out of order in character class""#
            ),
        ] as [(String, String, Int, String?, String)]
    )
    func errors(text: String, code: String, position: Int, token: String?, message: String) throws {
        let error = try #require(throws: JSONataError.self) {
            let expression = try JSONataExpression.parse(text)
            _ = try expression.evaluate(
                .object([:]),
                context: EvaluationContext(now: 0, seed: 0)
            )
        }
        #expect(error.code == code)
        #expect(error.position == position)
        #expect(error.message == message)
        if let token, token != "(end)" { #expect(error.token == token) }
    }
}
