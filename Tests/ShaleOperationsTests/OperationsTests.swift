import ShaleTables
import ShaleWire
import Testing

@testable import ShaleOperations

/// Operations against a database in memory: requests and responses as bytes.
struct OperationsTests {
    /// One request and what its response must hold; an error's type counts as its response.
    struct Step {
        var operation: String
        var body: String
        var answers: [String]
    }

    static func run(_ steps: [Step]) async throws {
        let database = try await Database.inMemory()
        let service = Service(database: database, region: "eu-test-1", endpoint: "here:1")
        for step in steps {
            let answer: [UInt8]
            do throws(WireError) {
                answer = try await OperationRegistry.run(
                    step.operation,
                    RequestBody(Array(step.body.utf8)),
                    on: service
                )
            } catch {
                answer = Envelope.body(of: error)
            }
            let text = String(decoding: answer, as: UTF8.self)
            for expected in step.answers {
                #expect(text.contains(expected), "\(step.operation) answered \(text)")
            }
            var reader = JSONReader(answer)
            try reader.skipValue()
            try reader.finish()
        }
        try await database.close()
    }

    static let create = Step(
        operation: "CreateTable",
        body: #"""
            {"TableName":"abc","ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},
             "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},
               {"AttributeName":"s","AttributeType":"N"},{"AttributeName":"l","AttributeType":"S"},
               {"AttributeName":"g","AttributeType":"B"}],
             "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
             "LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[
               {"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
               "Projection":{"ProjectionType":"ALL"}}],
             "GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[
               {"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"},
               "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}]}
            """#,
        answers: [
            #"{"TableDescription":{"#,
            #""TableArn":"arn:aws:dynamodb:eu-test-1:000000000000:table/abc""#,
            #""ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":3,"WriteCapacityUnits":4}"#,
            #""IndexArn":"arn:aws:dynamodb:eu-test-1:000000000000:table/abc/index/global""#,
            #""IndexStatus":"CREATING""#, #""DeletionProtectionEnabled":false"#,
        ]
    )

    static func put(_ sort: Int) -> Step {
        Step(
            operation: "PutItem",
            body:
                #"{"TableName":"abc","Item":{"p":{"S":"x"},"s":{"N":"\#(sort)"},"l":{"S":"l\#(9 - sort)"},"g":{"B":"AQ=="}}}"#,
            answers: ["{}"]
        )
    }

    @Test func `pages go on where they ended`() async throws {
        let query =
            #""TableName":"abc","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"x"}}"#
        try await Self.run([
            Self.create, Self.put(1), Self.put(2), Self.put(3),
            Step(
                operation: "Query",
                body: "{\(query),\"Limit\":2,\"ProjectionExpression\":\"s\"}",
                answers: [
                    #"{"Items":[{"s":{"N":"1"}},{"s":{"N":"2"}}],"Count":2,"ScannedCount":2,"LastEvaluatedKey":{"p":{"S":"x"},"s":{"N":"2"}}}"#
                ]
            ),
            Step(
                operation: "Query",
                body:
                    "{\(query),\"ProjectionExpression\":\"s\",\"ExclusiveStartKey\":{\"p\":{\"S\":\"x\"},\"s\":{\"N\":\"2\"}}}",
                answers: [#"{"Items":[{"s":{"N":"3"}}],"Count":1,"ScannedCount":1}"#]
            ),
            Step(
                operation: "Query",
                body:
                    "{\(query),\"ProjectionExpression\":\"s\",\"ScanIndexForward\":false,\"Select\":\"SPECIFIC_ATTRIBUTES\"}",
                answers: [#"{"Items":[{"s":{"N":"3"}},{"s":{"N":"2"}},{"s":{"N":"1"}}]"#]
            ),
            Step(
                operation: "Query",
                body: "{\(query),\"ProjectionExpression\":\"s\",\"IndexName\":\"local\"}",
                answers: [#"{"Items":[{"s":{"N":"3"}},{"s":{"N":"2"}},{"s":{"N":"1"}}]"#]
            ),
            Step(
                operation: "Scan",
                body:
                    #"{"TableName":"abc","IndexName":"global","Select":"COUNT","ReturnConsumedCapacity":"TOTAL"}"#,
                answers: [
                    #"{"Count":3,"ScannedCount":3,"ConsumedCapacity":{"TableName":"abc","CapacityUnits":0.5}}"#
                ]
            ),
            Step(
                operation: "Scan",
                body: #"{"TableName":"abc","IndexName":"global","ConsistentRead":true}"#,
                answers: ["Consistent reads are not supported on global secondary indexes"]
            ),
        ])
    }

    /// Requests that name the table by its ARN, and what of it is told.
    static let byARN: [(operation: String, body: String)] = [
        ("GetItem", #""TableName":"ARN","Key":KEY"#),
        ("PutItem", #""TableName":"ARN","Item":KEY"#),
        (
            "UpdateItem",
            #""TableName":"ARN","Key":KEY,"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{":a":{"S":"1"}}"#
        ),
        ("DeleteItem", #""TableName":"ARN","Key":KEY"#),
        (
            "Query",
            #""TableName":"ARN","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"x"}}"#
        ),
        ("Scan", #""TableName":"ARN""#),
        ("BatchGetItem", #""RequestItems":{"ARN":{"Keys":[KEY]}}"#),
        ("BatchWriteItem", #""RequestItems":{"ARN":[{"PutRequest":{"Item":KEY}}]}"#),
        ("TransactGetItems", #""TransactItems":[{"Get":{"TableName":"ARN","Key":KEY}}]"#),
        ("TransactWriteItems", #""TransactItems":[{"Put":{"TableName":"ARN","Item":KEY}}]"#),
    ]

    @Test(arguments: byARN.indices)
    func `who names a table by its ARN is told its capacity by the ARN`(index: Int) async throws {
        let arn = "arn:aws:dynamodb:eu-test-1:000000000000:table/abc"
        let (operation, members) = Self.byARN[index]
        let body = members.replacing("ARN", with: arn)
            .replacing("KEY", with: #"{"p":{"S":"x"},"s":{"N":"1"}}"#)
        try await Self.run([
            Self.create,
            Step(
                operation: operation,
                body: #"{\#(body),"ReturnConsumedCapacity":"TOTAL"}"#,
                answers: [#"{"TableName":"\#(arn)","CapacityUnits""#]
            ),
        ])
    }

    @Test func `a batch that names a table in both ways is told both`() async throws {
        let arn = "arn:aws:dynamodb:eu-test-1:000000000000:table/abc"
        func part(_ table: String, _ sort: Int) -> String {
            #""\#(table)":{"Keys":[{"p":{"S":"x"},"s":{"N":"\#(sort)"}}]}"#
        }
        try await Self.run([
            Self.create,
            Step(
                operation: "BatchGetItem",
                body:
                    #"{"RequestItems":{\#(part("abc", 1)),\#(part(arn, 2))},"ReturnConsumedCapacity":"TOTAL"}"#,
                answers: ["abc", arn].map { #"{"TableName":"\#($0)","CapacityUnits""# }
            ),
        ])
    }

    @Test func `a write says what it consumed and where`() async throws {
        try await Self.run([
            Self.create,
            Step(
                operation: "PutItem",
                body:
                    #"{"TableName":"abc","Item":{"p":{"S":"x"},"s":{"N":"1"},"l":{"S":"l"},"g":{"B":"AQ=="}},"ReturnConsumedCapacity":"INDEXES"}"#,
                answers: [
                    #"{"ConsumedCapacity":{"TableName":"abc","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"LocalSecondaryIndexes":{"local":{"CapacityUnits":1.0}},"GlobalSecondaryIndexes":{"global":{"CapacityUnits":1.0}}}}"#
                ]
            ),
            Step(
                operation: "BatchWriteItem",
                body:
                    #"{"RequestItems":{"abc":[{"DeleteRequest":{"Key":{"p":{"S":"x"},"s":{"N":"1"}}}}]},"ReturnConsumedCapacity":"TOTAL"}"#,
                answers: [
                    #""UnprocessedItems":{}"#,
                    #""ConsumedCapacity":[{"TableName":"abc","CapacityUnits":3.0}]"#,
                ]
            ),
            Step(
                operation: "BatchGetItem",
                body:
                    #"{"RequestItems":{"abc":{"Keys":[{"p":{"S":"x"},"s":{"N":"1"}},{"p":{"S":"x"},"s":{"N":"1.0"}}]}}}"#,
                answers: ["Provided list of item keys contains duplicates"]
            ),
        ])
    }

    @Test func `a table is changed, protected and deleted`() async throws {
        try await Self.run([
            Self.create,
            Step(
                operation: "UpdateTable",
                body: #"{"TableName":"abc","DeletionProtectionEnabled":true}"#,
                answers: [#""DeletionProtectionEnabled":true"#]
            ),
            Step(
                operation: "DeleteTable",
                body: #"{"TableName":"abc"}"#,
                answers: ["coral.validate#ValidationException"]
            ),
            Step(
                operation: "UpdateTable",
                body:
                    #"{"TableName":"abc","BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":false}"#,
                answers: [#""BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST""#]
            ),
            Step(
                operation: "UpdateTable",
                body:
                    #"{"TableName":"abc","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"global"}}]}"#,
                answers: [#"{"TableDescription":{"#]
            ),
            Step(
                operation: "ListTables",
                body: #"{"Limit":1}"#,
                answers: [#"{"TableNames":["abc"]"#]
            ),
            Step(
                operation: "DeleteTable",
                body: #"{"TableName":"abc"}"#,
                answers: [#""TableStatus":"DELETING""#]
            ),
            Step(operation: "ListTables", body: "{}", answers: [#"{"TableNames":[]}"#]),
        ])
    }

    @Test(arguments: OperationRegistry.names)
    func `every operation refuses a body that is not JSON`(name: String) async throws {
        try await Self.run([
            Step(operation: name, body: "", answers: ["SerializationException"]),
            Step(operation: name, body: "[]", answers: ["SerializationException"]),
            Step(operation: name, body: #"{"a":"#, answers: ["SerializationException"]),
            Step(operation: name, body: "{} {}", answers: ["SerializationException"]),
        ])
    }
}
