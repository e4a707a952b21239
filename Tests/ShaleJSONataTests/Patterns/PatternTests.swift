import ShaleJSONata
import Testing

@Suite("JSONata: regular expressions")
struct PatternTests {
    @Test(
        "patterns find what JavaScript's find",
        arguments: [
            ("a(b|c)+d", "xabcbd", "abcbd"), ("^a.c$", "abc", "abc"), ("^a.c$", "a\nc", nil),
            ("\\bcat\\b", "a cat", "cat"),
            ("\\d{2,3}", "12345", "123"), ("\\d{2,3}?", "12345", "12"), ("x{2}", "xx", "xx"),
            ("a{,2}", "a{,2}", "a{,2}"),
            ("(a)|b", "b", "b"), ("(\\w)\\1", "hello", "ll"),
            ("(?<q>['\"]).*?\\k<q>", "say 'it'", "'it'"), ("a(?=b)", "acab", "a"),
            ("a(?!c)b?", "acab", "ab"), ("[^a-c\\d]+", "ab1xyz2", "xyz"),
            ("[\\w-]+", "a-b c", "a-b"), ("(?:ab)+", "ababa", "abab"),
            ("\\u00e9\\x41\\t", "éA\t", "éA\t"), ("[😀-😂]", "x😁", "😁"), (".", "😁", "😁"),
            ("(a*)*b", "aab", "aab"), ("(z)((a+)?(b+)?(c))*", "zaacbbbcac", "zaacbbbcac"),
        ] as [(String, String, String?)]
    )
    func found(pattern: String, text: String, match: String?) throws {
        let result = try evaluated(
            "$match(text, /\(pattern)/)[0].match",
            #"{"text":\#(quoted(text))}"#
        )
        #expect(result == match.map(quoted) ?? "undefined")
    }

    @Test("flags: i takes no heed of case, m has lines")
    func flags() throws {
        #expect(try evaluated("$match('ÄB', /äb/i).match") == #""ÄB""#)
        #expect(try evaluated("$match('B', /[a-c]/i).match") == #""B""#)
        #expect(try evaluated("$match('a\nb', /^b$/m).match") == #""b""#)
    }

    @Test(
        "what is no pattern is refused",
        arguments: ["(", "a**", "[a", "(?<=a)b", "\\k<", "(*a)", "a{2,1}", "(?x)", ")"]
    )
    func refused(pattern: String) throws {
        let code = try evaluated("/\(pattern)/")
        #expect(code == "S0303" || code == "S0302" || pattern == "\\k<")
    }

    @Test("a pattern that tries too much ends with the limit of steps")
    func backtracking() throws {
        let text = String(repeating: "a", count: 40)
        #expect(try evaluated("$contains('\(text)', /^(a|aa)+$|b/)") == "true")
        #expect(
            try evaluated("$contains('\(text)!', /^(a|aa)+$/)", limits: .init(steps: 100_000))
                == "U1001"
        )
    }

    private func quoted(_ text: String) -> String {
        "\""
            + text.replacing("\"", with: "\\\"").replacing("\n", with: "\\n").replacing(
                "\t",
                with: "\\t"
            ) + "\""
    }
}
