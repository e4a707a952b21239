import Testing

@testable import ShaleOperations

/// Statements of PartiQL as bytes of requests and responses.
struct StatementOperationsTests {
    private typealias Step = OperationsTests.Step

    private func step(_ operation: String, _ body: String, _ answers: String...) -> Step {
        Step(operation: operation, body: body, answers: answers)
    }

    @Test func `a statement is answered with items, a token and what it cost`() async throws {
        try await OperationsTests.run([
            OperationsTests.create, OperationsTests.put(1), OperationsTests.put(2),
            step(
                "ExecuteStatement",
                #"{"Statement":"SELECT s FROM abc WHERE p = ? ORDER BY s DESC","Parameters":[{"S":"x"}],"Limit":1,"ReturnConsumedCapacity":"TOTAL"}"#,
                #"{"Items":[{"s":{"N":"2"}}],"NextToken":""#,
                #""LastEvaluatedKey":{"p":{"S":"x"},"s":{"N":"2"}}"#,
                #""ConsumedCapacity":{"TableName":"abc","CapacityUnits":0.5}"#
            ),
            step(
                "ExecuteStatement",
                #"{"Statement":"INSERT INTO abc VALUE {'p': 'y', 's': 1}"}"#,
                #"{"Items":[]}"#
            ),
            step(
                "ExecuteStatement",
                #"{"Statement":"INSERT INTO abc VALUE {'p': 'y', 's': 1}"}"#,
                "com.amazonaws.dynamodb.v20120810#DuplicateItemException",
                "Duplicate primary key exists in table"
            ),
            step(
                "ExecuteStatement",
                #"{"Statement":"UPDATE abc SET t = 1 WHERE p = 'y' AND s = 1 AND t = 2","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#,
                "ConditionalCheckFailedException",
                #""Item":{"p":{"S":"y"},"s":{"N":"1"}}"#
            ),
            step("ExecuteStatement", "{}", "Value null at 'statement'"),
            step("ExecuteStatement", #"{"Statement":1}"#, "SerializationException"),
            step(
                "ExecuteStatement",
                #"{"Statement":"","Parameters":[],"Limit":0,"NextToken":"","ReturnConsumedCapacity":"x"}"#,
                "5 validation errors detected",
                "Value '' at 'statement' failed to satisfy constraint: Member must have length greater than or equal to 1",
                "Value '[]' at 'parameters'",
                "Value '0' at 'limit'",
                "Value '' at 'nextToken'"
            ),
            step(
                "ExecuteStatement",
                #"{"Statement":"\#(String(repeating: "x", count: 8_193))"}"#,
                "at 'statement' failed to satisfy constraint: Member must have length less than or equal to 8192"
            ),
            step(
                "ExecuteStatement",
                #"{"Statement":"SELECT * FROM abc WHERE n = ?","Parameters":[{"N":"1e99999999999"}]}"#,
                "ValidationException"
            ),
        ])
    }

    @Test func `a batch answers each statement in its place`() async throws {
        let many = Array(repeating: #"{"Statement":"x"}"#, count: 26).joined(separator: ",")
        try await OperationsTests.run([
            OperationsTests.create, OperationsTests.put(1),
            step(
                "BatchExecuteStatement",
                #"{"Statements":[{"Statement":"INSERT INTO abc VALUE {'p': 'x', 's': 1}"},{"Statement":"UPDATE abc SET t = ? WHERE p = 'x' AND s = 1 RETURNING MODIFIED NEW *","Parameters":[{"SS":["a"]}]},{"Statement":"UPDATE abc SET t = ? WHERE p = 'x' AND s = 1","Parameters":[{"SS":[]}]},{"Statement":"UPDATE abc SET t = 1 WHERE p = 'x' AND s = 1 AND t = 2","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}],"ReturnConsumedCapacity":"TOTAL"}"#,
                #"{"Responses":[{"Error":{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"},"TableName":"abc"}"#,
                #"{"Item":{"t":{"SS":["a"]}},"TableName":"abc"}"#,
                #"{"Error":{"Code":"ValidationError","Message":"One or more parameter values were invalid: An string set  may not be empty"}}"#,
                #"{"Error":{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"#,
                #""ConsumedCapacity":[{"TableName":"abc","CapacityUnits":"#
            ),
            step(
                "BatchExecuteStatement",
                #"{"Statements":[{"Statement":"SELECT s FROM abc WHERE p = 'x' AND s = 1"},{"Statement":"SELECT s FROM abc WHERE p = 'x' AND s = 7"}]}"#,
                #"{"Responses":[{"Item":{"s":{"N":"1"}},"TableName":"abc"},{"TableName":"abc"}]}"#
            ),
            step("BatchExecuteStatement", "{}", "Value null at 'statements'"),
            step(
                "BatchExecuteStatement",
                #"{"Statements":[]}"#,
                "Value '[]' at 'statements' failed to satisfy constraint: Member must have length greater than or equal to 1"
            ),
            step(
                "BatchExecuteStatement",
                #"{"Statements":[\#(many)]}"#,
                "Member must have length less than or equal to 25"
            ),
            step(
                "BatchExecuteStatement",
                #"{"Statements":[{}]}"#,
                "Value null at 'statements.1.member.statement'"
            ),
        ])
    }

    @Test func `a transaction answers with items or with nothing`() async throws {
        try await OperationsTests.run([
            OperationsTests.create, OperationsTests.put(1),
            step(
                "ExecuteTransaction",
                #"{"TransactStatements":[{"Statement":"UPDATE abc SET t = ? WHERE p = 'x' AND s = 1","Parameters":[{"N":"5"}]},{"Statement":"INSERT INTO abc VALUE {'p': 'x', 's': 2}"}],"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL"}"#,
                #"{"Responses":[],"ConsumedCapacity":[{"TableName":"abc""#,
                "WriteCapacityUnits"
            ),
            step(
                "ExecuteTransaction",
                #"{"TransactStatements":[{"Statement":"SELECT t FROM abc WHERE p = 'x' AND s = 1"},{"Statement":"SELECT t FROM abc WHERE p = 'x' AND s = 9"}]}"#,
                #"{"Responses":[{"Item":{"t":{"N":"5"}}},{}]}"#
            ),
            step(
                "ExecuteTransaction",
                #"{"TransactStatements":[{"Statement":"INSERT INTO abc VALUE {'p': 'x', 's': 2}"}]}"#,
                "TransactionCanceledException",
                #""CancellationReasons":[{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"}]"#
            ),
            step(
                "ExecuteTransaction",
                #"{"TransactStatements":[],"ClientRequestToken":""}"#,
                "at 'transactStatements'",
                "at 'clientRequestToken'"
            ),
            step(
                "ExecuteTransaction",
                #"{"TransactStatements":[{"Parameters":[]}]}"#,
                "'transactStatements.1.member.statement'",
                "'transactStatements.1.member.parameters'"
            ),
        ])
    }
}
