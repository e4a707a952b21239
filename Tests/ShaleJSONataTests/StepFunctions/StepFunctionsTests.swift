import ShaleJSONata
import Testing

@Suite("JSONata: the functions of Step Functions")
struct StepFunctionsTests {
    static let library = JSONataLibrary.stepFunctions { algorithm, bytes in
        algorithm == "SHA-1" ? "digest of \(bytes.count)" : nil
    }

    @Test(
        "the functions do what the service's do",
        arguments: [
            ("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"),
            ("$partition([1..5], 2.9)", "[[1,2],[3,4],[5]]"),
            ("$partition([0], 3)", "[[0]]"), ("$partition([1,2,3])", "[[1,2,3]]"),
            ("$partition([1], 0)", "undefined"), ("$partition([1], -0.5)", "undefined"),
            ("$partition([1], -1)", "D3137"), ("$partition([], 2)", "undefined"),
            ("$partition(nothing, 2)", "undefined"),
            ("$range(0, 6, 2)", "[0,2,4,6]"), ("$range(3, 1, -1)", "[3,2,1]"),
            ("$range(-1.7, 2, 1)", "[-1,0,1,2]"), ("$range(5, 1, -1.5)", "[5,4,3,2,1]"),
            ("$range(3, 3, 1)", "3"), ("$range(1, 2, 0)", "undefined"),
            ("$range(2, 1, 1)", "undefined"), ("$range(1, 5)", "undefined"),
            ("$range(1)", "T0410"), ("$count($range(1, 360145, 1))", "360145"),
            ("$range(1, 360146, 1)", "U1002"), ("$random(42)", "0.7275636800328681"),
            ("$random() < 1", "true"),
            ("$hash('abc', 'SHA-1')", #""digest of 3""#), ("$hash('abc', 'CRC')", "D3137"),
            ("$hash('abc')", "undefined"), ("$hash(42, 'SHA-1')", "T0410"),
            ("$parse('{\"a\":[1]}').a", "[1]"), ("$parse('{')", "D3137"), ("$eval('1')", "T1006"),
            ("$length($uuid())", "36"), ("$substring($uuid(), 14, 1)", #""4""#),
            ("$sum([1,2])", "3"),
        ]
    )
    func functions(expression: String, result: String) throws {
        #expect(try evaluated(expression, library: Self.library) == result)
    }

    @Test("one seed gives one sequence")
    func seeded() throws {
        let first = try evaluated("[$uuid(), $random()]", library: Self.library)
        #expect(try evaluated("[$uuid(), $random()]", library: Self.library) == first)
    }
}
