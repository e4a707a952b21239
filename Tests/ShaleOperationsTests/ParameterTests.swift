import ShaleExpressions
import ShaleItems
import ShaleTables
import ShaleWire
import Testing

@testable import ShaleOperations

/// In which order a request is refused, and what goes with what in it.
struct ParameterTests {
    @Test func `what the shape forbids is told before a wrong value that stands before it`() {
        let error = ConstraintsTests.refusal(
            of: Query.self,
            #"{"ExclusiveStartKey":{"a":{"N":"x"},"b":{}},"Limit":0,"Select":"SOME"}"#
        )
        let message = error?.message ?? ""
        #expect(message.hasPrefix("3 validation errors detected: "))
        for path in ["limit", "select", "tableName"] { #expect(message.contains("'\(path)'")) }
    }

    @Test func `the first wrong value is told before what contradicts itself`() {
        let error = ConstraintsTests.refusal(
            of: PutItem.self,
            #"{"TableName":"abc","Item":{"a":{"S":"x","N":"1"},"b":{}},"ConditionalOperator":"OR"}"#
        )
        #expect(
            error?.message.hasPrefix(
                "1 validation error detected: Supplied AttributeValue has more than one datatypes"
            ) == true
        )
    }

    @Test func `bytes that are no JSON are told before all else`() {
        let error = ConstraintsTests.refusal(
            of: PutItem.self,
            #"{"TableName":"a","Item":{"a":{}},"ReturnValues":}"#
        )
        #expect(error?.code == .serialization)
    }

    @Test(arguments: [
        (
            #""Expected":{"a":{"Exists":false}},"ConditionExpression":"a = b""#, "Expected",
            "ConditionExpression"
        ),
        (
            #""AttributeUpdates":{},"UpdateExpression":"REMOVE a""#, "AttributeUpdates",
            "UpdateExpression"
        ),
        (
            #""AttributeUpdates":{},"ConditionalOperator":"OR","UpdateExpression":"","ConditionExpression":"""#,
            "AttributeUpdates, ConditionalOperator", "UpdateExpression, ConditionExpression"
        ),
    ])
    func `one request has one style`(members: String, old: String, new: String) {
        let error = ConstraintsTests.refusal(
            of: UpdateItem.self,
            #"{"TableName":"abc","Key":{"a":{"S":"x"}},\#(members)}"#
        )
        #expect(
            error
                == .validation(
                    "1 validation error detected: Can not use both expression and non-expression parameters in the same request: "
                        + "Non-expression parameters: {\(old)} Expression parameters: {\(new)}"
                )
        )
    }

    @Test func `key conditions of the old style go with a filter of the new one`() throws {
        let body = #"""
            {"TableName":"abc","FilterExpression":"a > :v","ExpressionAttributeValues":{":v":{"N":"1"}},
             "KeyConditions":{"p":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}}
            """#
        let request = try Query.decode(Array(body.utf8))
        #expect(request.keyConditions?.count == 1)
        #expect(request.options.filter == "a > :v")
    }

    @Test func `of two entries of one attribute the last one counts`() throws {
        let body = #"""
            {"TableName":"abc","ScanFilter":{"a":{"ComparisonOperator":"NULL"},
             "b":{"ComparisonOperator":"NULL"},"a":{"ComparisonOperator":"NOT_NULL"}}}
            """#
        let filter = try #require(try Scan.decode(Array(body.utf8)).options.legacyFilter)
        #expect(filter.isSatisfied(by: ["a": 1]))
        #expect(!filter.isSatisfied(by: ["a": 1, "b": 1]))
    }

    @Test(arguments: [
        (
            "UpdateContributorInsights", #"{}"#, WireError.Code.validation,
            "no Contributor Insights here"
        ),
        ("UpdateGlobalTable", #"{"GlobalTableName":"abc"}"#, .validation, "no global tables here"),
        ("DescribeGlobalTable", #"{"GlobalTableName":"abc"}"#, .globalTableNotFound, "abc"),
        ("DescribeContinuousBackups", #"{"TableName":"abc"}"#, .tableNotFound, "abc"),
        ("DescribeContributorInsights", #"{"TableName":"abc"}"#, .resourceNotFound, "abc"),
        ("DescribeBackup", #"{"BackupArn":"short"}"#, .validation, "'backupArn'"),
    ])
    func `a feature that is not there says so`(
        operation: String,
        body: String,
        code: WireError.Code,
        words: String
    ) async throws {
        let database = try await Database.inMemory()
        let service = Service(database: database, region: "local", endpoint: "")
        do throws(WireError) {
            _ = try await OperationRegistry.run(
                operation,
                RequestBody(Array(body.utf8)),
                on: service
            )
            Issue.record("the request was taken")
        } catch {
            #expect(error.code == code)
            #expect(error.message.contains(words))
        }
        try await database.close()
    }

    @Test(arguments: ["ListBackups", "ListExports", "ListImports", "ListGlobalTables"])
    func `a list of what is never there is empty`(operation: String) async throws {
        let database = try await Database.inMemory()
        let service = Service(database: database, region: "local", endpoint: "")
        let answer = try await OperationRegistry.run(
            operation,
            RequestBody(Array("{}".utf8)),
            on: service
        )
        #expect(String(decoding: answer, as: UTF8.self).hasSuffix("\":[]}"))
        try await database.close()
    }
}
