import ShaleItems
import ShaleTables
import ShaleWire
import Testing

@testable import ShaleOperations

/// What requests are refused for before a table is touched.
struct ConstraintsTests {
    static func refusal<Some: Operation>(of operation: Some.Type, _ body: String) -> WireError? {
        do throws(WireError) {
            _ = try operation.decode(Array(body.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func `everything that is missing is named at once`() {
        let error = Self.refusal(of: PutItem.self, "{}")
        #expect(
            error
                == .validation(
                    "2 validation errors detected: "
                        + "Value null at 'item' failed to satisfy constraint: Member must not be null; "
                        + "Value null at 'tableName' failed to satisfy constraint: Member must not be null"
                )
        )
    }

    @Test(arguments: [
        (
            "ab",
            "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"
        ),
        (
            "a b",
            "Value 'a b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ),
        (
            "ab\u{212A}",
            "Value 'ab\u{212A}' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ),
    ])
    func `a table's name has its pattern and length`(name: String, words: String) {
        let error = Self.refusal(of: DescribeTable.self, #"{"TableName":"\#(name)"}"#)
        #expect(error == .validation("1 validation error detected: " + words))
    }

    @Test(arguments: [
        ("abc", "abc"), ("a.b-c_D9", "a.b-c_D9"),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/abc", "abc"),
    ])
    func `a table may be named by its resource name`(given: String, plain: String) throws {
        let name = try DescribeTable.decode(Array(#"{"TableName":"\#(given)"}"#.utf8))
        #expect(name == plain)
    }

    @Test func `a name of two hundred and fifty-five characters is the longest`() {
        let longest = String(repeating: "a", count: 255)
        #expect(Self.refusal(of: DescribeTable.self, #"{"TableName":"\#(longest)"}"#) == nil)
        #expect(Self.refusal(of: DescribeTable.self, #"{"TableName":"\#(longest)a"}"#) != nil)
    }

    @Test(arguments: [
        (
            #""Limit":0"#,
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
        ),
        (
            #""Select":"SOME""#,
            "Value 'SOME' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
        ),
        (
            #""Segment":-1"#,
            "Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0"
        ),
        (
            #""TotalSegments":1000001"#,
            "Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000"
        ),
    ])
    func `words and numbers outside their range are refused`(member: String, words: String) {
        let error = Self.refusal(of: Scan.self, #"{"TableName":"abc",\#(member)}"#)
        #expect(error == .validation("1 validation error detected: " + words))
    }

    @Test(arguments: [
        #"{"TableName":"abc","Item":{"":{"S":"x"}}}"#,
        #"{"TableName":"abc","Item":{"a":{"M":{"":{"S":"x"}}}}}"#,
    ])
    func `an attribute without a name is refused before its table is looked up`(body: String) {
        #expect(
            Self.refusal(of: PutItem.self, body)
                == .validation("1 validation error detected: Empty attribute name")
        )
    }

    @Test func `unknown and null members are passed over`() {
        let body = #"{"TableName":"abc","Key":{"a":{"S":"b"}},"New":[{"x":1}],"Expected":null}"#
        #expect(Self.refusal(of: DeleteItem.self, body) == nil)
    }

    @Test(arguments: [
        #"{"TableName":"abc","Item":{"a":{}}"#, #"{"TableName":"abc","Item":{"a":{}}}x"#,
        #"{"TableName":"abc","Item":{"a":{}},"b":01}"#,
    ])
    func `a malformed body is malformed before it is invalid`(body: String) {
        #expect(Self.refusal(of: PutItem.self, body)?.code == .serialization)
    }

    @Test(
        arguments: [
            ([25], nil),
            ([24, 2], "Too many items requested for the BatchWriteItem call"),
            (
                [26],
                "1 validation error detected: Value '{abc0=[26 members]}' at 'requestItems' failed to "
                    + "satisfy constraint: Map value must satisfy constraint: [Member must have length "
                    + "less than or equal to 25, Member must have length greater than or equal to 1]"
            ),
        ] as [([Int], String?)]
    )
    func `a batch writes twenty-five items`(counts: [Int], words: String?) {
        let write = #"{"DeleteRequest":{"Key":{"a":{"S":"b"}}}}"#
        let tables = counts.enumerated().map { index, count in
            let writes = Array(repeating: write, count: count).joined(separator: ",")
            return "\"abc\(index)\":[\(writes)]"
        }
        let body = "{\"RequestItems\":{\(tables.joined(separator: ","))}}"
        #expect(Self.refusal(of: BatchWriteItem.self, body)?.message == words)
    }

    @Test func `a batch reads one hundred items of one table`() {
        let keys = Array(repeating: #"{"a":{"S":"b"}}"#, count: 101).joined(separator: ",")
        let body = #"{"RequestItems":{"abc":{"Keys":[\#(keys)]}}}"#
        let words =
            "1 validation error detected: Value at 'RequestItems.abc.member.Keys' failed to satisfy "
            + "constraint: Member must have length less than or equal to 100"
        #expect(Self.refusal(of: BatchGetItem.self, body)?.message == words)
    }

    @Test(arguments: [(100, nil), (101, "Too many items requested for the BatchGetItem call")])
    func `a batch reads one hundred items over all tables`(count: Int, words: String?) {
        func keys(_ count: Int) -> String {
            Array(repeating: #"{"a":{"S":"b"}}"#, count: count).joined(separator: ",")
        }
        let body =
            #"{"RequestItems":{"abc":{"Keys":[\#(keys(50))]},"abd":{"Keys":[\#(keys(count - 50))]}}}"#
        #expect(Self.refusal(of: BatchGetItem.self, body)?.message == words)
    }

    @Test(arguments: [
        #"{"RequestItems":{}}"#, #"{"RequestItems":{"abc":[]}}"#, #"{"RequestItems":{"abc":[{}]}}"#,
        #"{"RequestItems":{"abc":[{"PutRequest":{}}]}}"#, "{}",
        #"{"RequestItems":{"abc":[{"PutRequest":{"Item":{}},"DeleteRequest":{"Key":{}}}]}}"#,
    ])
    func `a batch without content is refused`(body: String) {
        #expect(Self.refusal(of: BatchWriteItem.self, body)?.code == .validation)
    }

    @Test(arguments: [
        #""GlobalTableSourceArn":"a""#, #""GlobalTableSettingsReplicationMode":"ENABLED""#,
        #""VectorIndexes":[]"#,
    ])
    func `features that are not there are refused by name`(member: String) {
        let body =
            #"{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],\#(member)}"#
        #expect(Self.refusal(of: CreateTable.self, body)?.message.contains("not supported") == true)
    }

    @Test func `a table's definition is read whole`() throws {
        let body = #"""
            {"TableName":"abc","BillingMode":"PROVISIONED","DeletionProtectionEnabled":true,
             "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},
             "AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},
               {"AttributeName":"b","AttributeType":"N"},{"AttributeName":"c","AttributeType":"B"}],
             "KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],
             "LocalSecondaryIndexes":[{"IndexName":"lll","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},
               {"AttributeName":"c","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
             "GlobalSecondaryIndexes":[{"IndexName":"ggg","KeySchema":[{"AttributeName":"c","KeyType":"HASH"}],
               "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x","y"]},
               "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}],
             "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},
             "SSESpecification":{"Enabled":false},"Tags":[]}
            """#
        let request = try CreateTable.decode(Array(body.utf8))
        #expect(request.tableName == "abc")
        #expect(request.billingMode == .provisioned)
        #expect(request.deletionProtection)
        #expect(
            request.provisionedThroughput
                == ProvisionedThroughput(readCapacityUnits: 3, writeCapacityUnits: 4)
        )
        #expect(request.attributeDefinitions.map(\.name) == ["a", "b", "c"])
        #expect(request.attributeDefinitions.map(\.type) == [.string, .number, .binary])
        #expect(request.keySchema.map(\.role) == [.partition, .sort])
        #expect(request.localSecondaryIndexes.map(\.projection) == [.keysOnly])
        #expect(request.globalSecondaryIndexes.map(\.projection) == [.include(["x", "y"])])
        #expect(request.stream == StreamSpecification(isEnabled: true, viewType: .newImage))
    }
}
