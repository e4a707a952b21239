import Testing

@testable import ShaleServices

/// Patterns that choose lines.
@Suite struct FilterPatternTests {
    @Test(arguments: [
        ("", "anything", true), ("  ", "", true),
        ("ERROR", "[ERROR] 400", true), ("ERROR", "error", false),
        ("ERROR disk", "disk ERROR", true), ("ERROR disk", "ERROR", false),
        (#""not found""#, "file not found", true), (#""not found""#, "not quite found", false),
        (#""say \"no\"""#, #"they say "no""#, true),
        ("?ERROR ?WARN", "WARN", true), ("?ERROR ?WARN", "INFO", false),
        ("ERROR -disk", "ERROR", true), ("ERROR -disk", "ERROR disk", false),
        ("-disk", "ERROR", true), ("-\"a b\"", "a b", false),
        ("ERROR ?WARN", "WARN", false), ("ERROR ?WARN", "ERROR", true),
        ("größe", "die größe", true),
    ])
    func `terms stand in a line, or do not`(
        _ pattern: String,
        _ line: String,
        _ isWanted: Bool
    ) throws {
        #expect(try FilterPattern(pattern).matches(line) == isWanted)
    }

    private static let line =
        #" {"a": "abc", "n": 12.5, "list": [1, {"b": true}], "nothing": null, "x y": 1}"#

    @Test(arguments: [
        ("{ $.a = \"abc\" }", true), ("{$.a=abc}", true), ("{ $.a = \"a*\" }", true),
        ("{ $.a = \"*b*\" }", true), ("{ $.a = \"*d\" }", false), ("{ $.a != \"x\" }", true),
        ("{ $.missing != \"x\" }", false), ("{ $.a = 5 }", false),
        ("{ $.n = 12.5 }", true), ("{ $.n > 12 }", true), ("{ $.n >= 12.5 }", true),
        ("{ $.n < 12.5 }", false), ("{ $.n <= 1.25e1 }", true), ("{ $.n != 1 }", true),
        ("{ $.list[0] = 1 }", true), ("{ $.list[1].b IS TRUE }", true),
        ("{ $.list[7] = 1 }", false), ("{ $.list[1].b IS FALSE }", false),
        ("{ $.nothing IS NULL }", true), ("{ $.missing IS NULL }", false),
        ("{ $.missing NOT EXISTS }", true), ("{ $.a NOT EXISTS }", false),
        (#"{ $["x y"] = 1 }"#, true),
        ("{ $.a = x || $.n > 12 }", true), ("{ $.a = x && $.n > 12 }", false),
        ("{ $.a = abc && ($.n = 1 || $.n = 12.5) }", true),
        ("{ $.a = abc || $.n = 1 && $.n = 2 }", true),
    ])
    func `a condition holds of a line that is JSON, or does not`(
        _ pattern: String,
        _ isWanted: Bool
    ) throws {
        #expect(try FilterPattern(pattern).matches(Self.line) == isWanted)
        #expect(try !FilterPattern(pattern).matches("no JSON"))
        #expect(try !FilterPattern(pattern).matches("{broken"))
    }

    @Test(arguments: [
        "\"a", "\"\"", "-", "? a", "a-b", "[a, b]", "%x%", "{", "{ }", "{ $.a }", "{ $ = 1 }",
        "{ $.a = }", "{ $.a < x }", "{ $.a = 1 } x", "{ ($.a = 1 }", "{ $.a IS MAYBE }",
        "{ $.a NOT }", "{ $[x] = 1 }", "{ $.a[99999999999999999999] = 1 }", "{ a = 1 }",
        "{ " + String(repeating: "(", count: 500) + " $.a = 1 }",
    ])
    func `a pattern of no sense is refused, and named`(_ pattern: String) {
        #expect { try FilterPattern(pattern) } throws: { error in
            guard let error = error as? RestError else { return false }
            return error.name == "InvalidParameterException"
                && error.message.contains("'\(pattern)'")
        }
    }

    @Test func `a star in a text costs no more than its length allows`() throws {
        let pattern = "{ $.a = \"" + String(repeating: "*a", count: 400) + "b\" }"
        let line = "{\"a\": \"" + String(repeating: "a", count: 20_000) + "\"}"
        #expect(try !FilterPattern(pattern).matches(line))
    }
}
