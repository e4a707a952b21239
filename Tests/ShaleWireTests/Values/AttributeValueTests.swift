import ShaleItems
import Testing

@testable import ShaleWire

/// DynamoDB JSON to values and back.
struct AttributeValueTests {
    static func read(_ text: String) throws(WireError) -> AttributeValue {
        var reader = JSONReader(Array(text.utf8))
        let value = try reader.readAttributeValue()
        try reader.finish()
        return value
    }

    static func write(_ value: AttributeValue) -> String {
        var writer = JSONWriter()
        writer.attributeValue(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (#"{"S":"text"}"#, .string("text")), (#"{"S":""}"#, .string("")),
            (#"{"N":"1.5"}"#, 1.5), (#"{"B":"AQID"}"#, .binary([1, 2, 3])),
            (#"{"B":""}"#, .binary([])),
            (#"{"BOOL":true}"#, true), (#"{"BOOL":false}"#, false), (#"{"NULL":true}"#, .null),
            (#"{"L":[]}"#, .list([])), (#"{"L":[{"S":"a"},{"N":"1"}]}"#, ["a", 1]),
            (#"{"M":{}}"#, .map([:])),
            (#"{"M":{"a":{"L":[{"M":{"b":{"NULL":true}}}]}}}"#, ["a": [["b": .null]]]),
            (#"{"SS":["a","b"]}"#, .stringSet(["a", "b"])),
            (#"{"NS":["1","2"]}"#, .numberSet([1, 2])),
            (#"{"BS":["AQ==","Ag=="]}"#, .binarySet([[1], [2]])),
        ] as [(String, AttributeValue)]
    )
    func `each type is read and written`(text: String, value: AttributeValue) throws {
        #expect(try Self.read(text) == value)
        #expect(Self.write(value) == text)
    }

    @Test(arguments: [
        (
            #"{}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"S":null}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"X":"a"}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"S":"a","N":"1"}"#,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"NULL":false}"#,
            "One or more parameter values were invalid: Null attribute value types must have the value of true"
        ),
        (
            #"{"SS":[]}"#,
            "One or more parameter values were invalid: An string set  may not be empty"
        ),
        (
            #"{"NS":[]}"#,
            "One or more parameter values were invalid: An number set  may not be empty"
        ),
        (
            #"{"BS":[]}"#,
            "One or more parameter values were invalid: Binary sets should not be empty"
        ),
        (#"{"N":"abc"}"#, "The parameter cannot be converted to a numeric value: abc"),
    ])
    func `values that are no values are refused in the service's words`(text: String, words: String)
    {
        let error = #expect(throws: WireError.self) { _ = try Self.read(text) }
        #expect(error == .validation(words))
    }

    @Test(arguments: [
        (#"{"S":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"N":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"BOOL":"true"}"#, "STRING_VALUE cannot be converted to Boolean"),
        (#"{"B":1}"#, "only base-64-encoded strings are convertible to bytes"),
        (#"{"B":"AQI"}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        (#"{"L":{}}"#, "Start of structure or map found where not expected."),
        (#"{"L":"a"}"#, "Unexpected field type"), (#"{"M":"a"}"#, "Unexpected field type"),
        (#"{"SS":[1]}"#, "NUMBER_VALUE cannot be converted to String"),
        (#""text""#, "Unexpected value type in payload"),
        (#"{"L":["a"]}"#, "Unexpected value type in payload"),
    ])
    func `a wrong kind of JSON is a serialization error`(text: String, words: String) {
        let error = #expect(throws: WireError.self) { _ = try Self.read(text) }
        #expect(error == .serialization(words))
    }

    @Test(arguments: [
        (31, true), (32, false), (33, false), (60, false), (200, false), (100_000, false),
    ])
    func `a text may be at the thirty-second level`(levels: Int, isRead: Bool) throws {
        for open in [#"{"L":["#, #"{"M":{"a":"#] {
            let close = open.hasSuffix("[") ? "]}" : "}}"
            let text =
                String(repeating: open, count: levels) + #"{"S":"x"}"#
                + String(repeating: close, count: levels)
            if isRead {
                _ = try Self.read(text)
            } else {
                let error = #expect(throws: WireError.self) { _ = try Self.read(text) }
                #expect(error?.message.hasPrefix("Nesting Levels have exceeded") == true)
            }
        }
    }

    @Test func `the last of two attributes of one name counts, and names differ by bytes`() throws {
        var reader = JSONReader(
            Array(
                "{\"a\":{\"S\":\"1\"},\"a\":{\"S\":\"2\"},\"\u{e9}\":{\"S\":\"3\"},\"e\u{301}\":{\"S\":\"4\"}}"
                    .utf8
            )
        )
        let item = try reader.readItem()
        #expect(item.count == 3)
        #expect(item["a"] == "2")
    }
}
