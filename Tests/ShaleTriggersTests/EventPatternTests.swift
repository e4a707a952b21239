import ShaleItems
import Testing

@testable import ShaleTriggers

/// Which events a pattern means.
@Suite struct EventPatternTests {
    private static let event: AttributeValue = [
        "eventName": "INSERT",
        "dynamodb": [
            "Keys": ["pk": ["S": "order#7"]],
            "NewImage": [
                "price": ["N": "12.50"], "paid": ["BOOL": true], "host": ["S": "10.1.2.3"],
                "tags": ["SS": ["red", "blue"]], "none": ["NULL": true],
            ],
        ],
        "size": 7,
    ]

    @Test(arguments: [
        (#"{"eventName": ["INSERT"]}"#, true),
        (#"{"eventName": ["REMOVE", "INSERT"]}"#, true),
        (#"{"eventName": ["REMOVE"]}"#, false),
        (#"{"eventName": ["INSERT"], "size": [8]}"#, false),
        (#"{"size": [7.0]}"#, true),
        (#"{"dynamodb": {"NewImage": {"paid": {"BOOL": [true]}}}}"#, true),
        (
            #"{"dynamodb": {"NewImage": {"price": {"N": [{"numeric": [">", 12, "<=", 12.5]}]}}}}"#,
            true
        ),
        (#"{"dynamodb": {"NewImage": {"price": {"N": [{"numeric": ["=", 12]}]}}}}"#, false),
        (#"{"size": [{"numeric": ["<", 8]}]}"#, true),
        (#"{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "order"}]}}}}"#, true),
        (
            #"{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": {"equals-ignore-case": "ORDER"}}]}}}}"#,
            true
        ),
        (##"{"dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#7"}]}}}}"##, true),
        (##"{"dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#8"}]}}}}"##, false),
        (##"{"dynamodb": {"Keys": {"pk": {"S": [{"equals-ignore-case": "ORDER#7"}]}}}}"##, true),
        (##"{"dynamodb": {"Keys": {"pk": {"S": [{"wildcard": "o*r#*"}]}}}}"##, true),
        (#"{"dynamodb": {"Keys": {"pk": {"S": [{"wildcard": "o*r*r*r"}]}}}}"#, false),
        (##"{"dynamodb": {"Keys": {"pk": {"S": [{"anything-but": ["order#8"]}]}}}}"##, true),
        (#"{"dynamodb": {"Keys": {"pk": {"S": [{"anything-but": {"prefix": "order"}}]}}}}"#, false),
        (#"{"eventName": [{"anything-but": "INSERT"}]}"#, false),
        (#"{"dynamodb": {"OldImage": {"price": {"N": [{"exists": false}]}}}}"#, true),
        (#"{"dynamodb": {"NewImage": {"price": {"N": [{"exists": true}]}}}}"#, true),
        (#"{"dynamodb": {"NewImage": [{"exists": true}]}}"#, false),
        (#"{"dynamodb": {"NewImage": {"host": {"S": [{"cidr": "10.1.0.0/16"}]}}}}"#, true),
        (#"{"dynamodb": {"NewImage": {"host": {"S": [{"cidr": "10.2.0.0/16"}]}}}}"#, false),
        (#"{"dynamodb": {"NewImage": {"tags": {"SS": ["blue"]}}}}"#, true),
        (#"{"$or": [{"eventName": ["REMOVE"]}, {"size": [7]}]}"#, true),
        (#"{"$or": [{"eventName": ["REMOVE"]}, {"size": [8]}]}"#, false),
        (#"{"missing": {"deeper": ["x"]}}"#, false),
    ])
    func `a pattern means an event or does not`(_ pattern: String, _ isMeant: Bool) throws {
        #expect(try EventPattern(Array(pattern.utf8)).matches(Self.event) == isMeant)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"a": "b"}"#, #"{"a": []}"#, #"{"a": {}}"#, #"{"a": [[1]]}"#,
        #"{"a": [{"numeric": [">"]}]}"#, #"{"a": [{"numeric": ["~", 1]}]}"#,
        #"{"a": [{"unknown": 1}]}"#, #"{"a": [{"prefix": 1}]}"#, #"{"a": [{"cidr": "10.0.0.0"}]}"#,
        #"{"a": [{"wildcard": "a**b"}]}"#, #"{"a": [{"wildcard": "a\\b"}]}"#,
        #"{"a": [{"anything-but": []}]}"#, #"{"$or": [{"a": [1]}]}"#, #"{"a": [{"exists": 1}]}"#,
    ])
    func `what is no pattern is refused`(_ pattern: String) {
        #expect(throws: PatternError.self) { try EventPattern(Array(pattern.utf8)) }
    }
}
