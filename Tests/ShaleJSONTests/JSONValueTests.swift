import ShaleJSON
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "what is read is written as it was, without white space",
        arguments: [
            (" { \"b\" : 1 , \"a\" : [ ] } ", #"{"b":1,"a":[]}"#),
            ("[1,1.0,-0.5,1e2,9223372036854775808]", "[1,1.0,-0.5,100.0,9.223372036854776E18]"),
            ("1e-5", "1.0E-5"),
            ("123456789.25", "1.2345678925E8"),
            (#""\u00e9\ud83d\ude00\n\u0001""#, "\"é😀\\n\\u0001\""),
            (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
            ("[true,false,null]", "[true,false,null]"),
        ]
    )
    func readAndWritten(text: String, json: String) throws {
        #expect(try JSONParser.value(of: text).json == json)
    }

    @Test(
        "what is no JSON is refused where it ceases to be",
        arguments: [
            ("", 0, JSONError.Reason.endOfText), ("[1", 2, .endOfText), ("[1,]", 3, .unexpected),
            ("01", 1, .unexpected), ("1.", 2, .endOfText), ("-", 1, .endOfText),
            ("1e999", 0, .number), ("{1:2}", 1, .unexpected), ("\"\\x\"", 2, .escape),
            (#""\ud800""#, 7, .escape), ("\"\u{1}\"", 1, .character), ("nul", 3, .endOfText),
            ("1 2", 2, .unexpected), (#"{"a" 1}"#, 5, .unexpected), ("'a'", 0, .unexpected),
        ]
    )
    func refused(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(offset: offset, reason: reason)) {
            try JSONParser.value(of: text)
        }
    }

    @Test("the last of two members of one name wins, unless they are refused")
    func repeatedNames() throws {
        let text = #"{"a": 1, "b": {"c": 2, "c": 3}, "a": 4}"#
        #expect(try JSONParser.value(of: text).json == #"{"a":4,"b":{"c":3}}"#)
        #expect(throws: JSONError(offset: 23, reason: .repeatedName)) {
            try JSONParser.value(of: text, refusesRepeatedNames: true)
        }
    }

    @Test("values stand in values a thousand deep and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONParser.value(of: nested(JSONParser.depthLimit))
        #expect(throws: JSONError.self) {
            try JSONParser.value(of: nested(JSONParser.depthLimit + 2))
        }
    }

    @Test("1 and 1.0 are equal, and so are objects with their members in another order")
    func equality() throws {
        let left = try JSONParser.value(of: #"{"a":1,"b":[2]}"#)
        #expect(left == (try JSONParser.value(of: #"{"b":[2.0],"a":1.0}"#)))
        #expect(left != (try JSONParser.value(of: #"{"b":[2.5],"a":1.0}"#)))
    }

    @Test(arguments: [
        0, 1, 999, 1_000, 9_999_999_999, 10_000_000_000, 10_000_000_001, 99_999_999_990,
        1_764_449_551_123, 1_764_449_551_120, 1_764_449_551_000, 2_000_000_000_000,
        253_402_300_799_999,
    ])
    func `milliseconds are written as the double of their seconds`(milliseconds: Int64) {
        var bytes: [UInt8] = []
        JSONValue.writeSeconds(milliseconds: milliseconds, to: &bytes)
        #expect(bytes == JSONValue.double(Double(milliseconds) / 1_000).encoded())
    }

    @Test(arguments: ["", "a", "\"", "\"a\"", "a\"b\\c\nd", "\u{1}é\u{1F600}\t"])
    func `what is written of a text reads as that text`(text: String) throws {
        #expect(try JSONParser.value(of: JSONValue.string(text).json) == .string(text))
    }
}
