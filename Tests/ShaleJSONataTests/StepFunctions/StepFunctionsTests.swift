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
            ("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"), ("$partition([1], 0)", "T0410"),
            ("$partition(nothing, 2)", "undefined"),
            ("$range(0, 6, 2)", "[0,2,4,6]"), ("$range(3, 1, -1)", "[3,2,1]"),
            ("$range(1, 2, 0)", "T0410"), ("$range(2, 1, 1)", "[]"),
            ("$range(1, 2000, 1)", "T0410"), ("$random(42)", "0.7275636800328681"),
            ("$random() < 1", "true"),
            ("$hash('abc', 'SHA-1')", #""digest of 3""#), ("$hash('abc', 'CRC')", "T0410"),
            ("$parse('{\"a\":[1]}').a", "[1]"), ("$parse('{')", "T0410"), ("$eval('1')", "T1006"),
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
