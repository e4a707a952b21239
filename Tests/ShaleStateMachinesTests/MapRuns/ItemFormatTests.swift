import ShaleJSON
import Testing

@testable import ShaleStateMachines

/// Items of a distributed Map in the bytes of objects.
@Suite struct ItemFormatTests {
    @Test(arguments: [
        ("[1,2]", #"{}"#, "[1,2]"),
        (#"{"a":{"b":[3]}}"#, #"{"InputType":"JSON","ItemsPointer":"/a/b"}"#, "[3]"),
        ("1\n{\"a\":2}\r\n\n3", #"{"InputType":"JSONL"}"#, #"[1,{"a":2},3]"#),
        (
            "a,b\r\n1,\"x, \"\"y\"\"\"\n2\n",
            #"{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}"#,
            #"[{"a":"1","b":"x, \"y\""},{"a":"2","b":""}]"#
        ),
        (
            "1|2\n",
            #"{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["p","q"],"CSVDelimiter":"PIPE"}"#,
            #"[{"p":"1","q":"2"}]"#
        ),
        ("", #"{"InputType":"CSV"}"#, "[]"),
    ])
    func `what an object holds are items`(text: String, configuration: String, items: String) throws
    {
        let configuration = try JSONParser.value(of: configuration)
        let found = try ItemFormat.items(Array(text.utf8), configuration)
        #expect(JSONValue.array(found).json == items)
    }

    @Test(arguments: [
        ("{}", "{}"), ("[1", "{}"), ("{\"a\":1}", #"{"ItemsPointer":"/b"}"#),
        ("a\n\"b", #"{"InputType":"CSV"}"#), ("1\nx", #"{"InputType":"JSONL"}"#),
        ("", #"{"InputType":"PARQUET"}"#), ("", #"{"InputType":"CSV","CSVDelimiter":"X"}"#),
    ])
    func `what is none is refused`(text: String, configuration: String) throws {
        let configuration = try JSONParser.value(of: configuration)
        #expect(throws: ItemFormat.Failure.self) {
            try ItemFormat.items(Array(text.utf8), configuration)
        }
    }
}
