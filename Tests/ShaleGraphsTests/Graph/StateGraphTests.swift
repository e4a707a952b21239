import ShaleJSON
import Testing

@testable import ShaleGraphs

struct StateGraphTests {
    private static func told(_ graph: StateGraph) -> [String] {
        graph.transitions.map { transition in
            let (from, to) = (graph.states[transition.from].name, graph.states[transition.to].name)
            return "\(from) -\(transition.kind)-> \(to)"
                + (transition.label.map { ": \($0)" } ?? "")
        }
    }

    @Test func `every way out of a state is a transition, and rules of one target are one`() throws
    {
        let graph = try StateGraph(
            definition: """
                {"StartAt": "C", "States": {
                  "C": {"Type": "Choice", "Default": "T", "Choices": [
                    {"Variable": "$.a", "NumericEquals": 1, "Next": "T"},
                    {"Variable": "$.a", "IsNull": true, "Next": "T"},
                    {"Variable": "$.b", "IsPresent": false, "Next": "gone"}]},
                  "T": {"Type": "Task", "Resource": "arn:aws:lambda:r:a:function:f", "Next": "S",
                        "Catch": [{"ErrorEquals": ["A", "B"], "Next": "F"},
                                  {"ErrorEquals": ["States.ALL"], "Next": "F"}]},
                  "S": {"Type": "Succeed"}, "F": {"Type": "Fail"}}}
                """
        )
        #expect(
            Self.told(graph) == [
                "C -rule-> T: $.a = 1 or $.a is null", "C -otherwise-> T", "T -next-> S",
                "T -caught-> F: A, B, any error",
            ]
        )
        #expect(graph.states.map(\.isLast) == [false, false, true, true])
        #expect(graph.states[1].resource == "λ f")
    }

    @Test
    func `branches and processors are scopes of their states, whatever their field is called`()
        throws
    {
        let inner = #"{"StartAt": "X", "States": {"X": {"Type": "Pass", "End": true}}}"#
        let graph = try StateGraph(
            definition: """
                {"StartAt": "P", "States": {
                  "P": {"Type": "Parallel", "Branches": [
                     \(inner), \(inner.replacing("X", with: "Y"))], "Next": "M"},
                  "M": {"Type": "Map", "Iterator": \(inner.replacing("X", with: "Z")), "Next": "D"},
                  "D": {"Type": "Map", "End": true, "ItemProcessor": {
                     "ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "W",
                     "States": {"W": {"Type": "Pass", "Next": "P"}}}}}}
                """
        )
        #expect(
            graph.scopes.map { $0.owner.map { graph.states[$0].name } } == [
                nil, "P", "P", "M", "D",
            ]
        )
        #expect(graph.states.filter(\.isDistributed).map(\.name) == ["D"])
        // W names a state of another scope, which is no way.
        #expect(Self.told(graph) == ["P -next-> M", "M -next-> D"])
        let child = try StateGraph(definition: Self.distributed, ofProcessorWith: "W")
        #expect(child.states.map(\.name) == ["W"])
    }

    private static let distributed = """
        {"StartAt": "D", "States": {"D": {"Type": "Map", "End": true, "ItemProcessor": {
          "StartAt": "W", "States": {"W": {"Type": "Pass", "End": true}}}}}}
        """

    @Test(arguments: ["not", "{}", #"{"States": {}}"#, #"{"States": []}"#])
    func `what has no states cannot be drawn`(definition: String) {
        #expect(throws: GraphError.self) { try StateGraph(definition: definition) }
    }

    @Test(arguments: [
        (#"{"Variable": "$.a", "StringEquals": "x"}"#, #"$.a = "x""#),
        (#"{"Variable": "$.a", "NumericLessThanEqualsPath": "$.b"}"#, "$.a ≤ $.b"),
        (#"{"Variable": "$.a", "StringMatches": "a*"}"#, #"$.a like "a*""#),
        (#"{"Variable": "$.a", "IsTimestamp": false}"#, "$.a is not a time"),
        (#"{"Not": {"Variable": "$.a", "BooleanEquals": true}}"#, "not $.a = true"),
        (
            #"{"And": [{"Variable": "$.a", "NumericGreaterThan": 1}, {"Or": [{"Variable": "$.b", "IsNull": true}]}]}"#,
            "$.a > 1 and ($.b is null)"
        ),
        (#"{"Condition": "{% $x > 1 and\n  $y %}"}"#, "$x > 1 and $y"),
        (#"{"Condition": true}"#, "true"),
    ])
    func `a rule is said in words`(rule: String, words: String) throws {
        #expect(ConditionWords.words(try JSONParser.value(of: rule)) == words)
    }

    @Test(arguments: [
        ("arn:aws:lambda:us-east-1:000000000000:function:f:live", "{}", "λ f:live"),
        ("arn:aws:states:us-east-1:000000000000:activity:paint", "{}", "activity paint"),
        (
            "arn:aws:states:::lambda:invoke.waitForTaskToken",
            #"{"Arguments": {"FunctionName": "arn:aws:lambda:r:a:function:g"}}"#, "λ g"
        ),
        (
            "arn:aws:states:::dynamodb:putItem", #"{"Parameters": {"TableName": "T"}}"#,
            "dynamodb putItem T"
        ),
        ("arn:aws:states:::aws-sdk:dynamodb:scan", "{}", "dynamodb scan"),
        ("arn:aws:states:::states:startExecution.sync:2", "{}", "states startExecution.sync 2"),
        ("nothing of the kind", "{}", "nothing of the kind"),
    ])
    func `what a Task calls is said in few words`(
        resource: String,
        fields: String,
        words: String
    ) throws {
        #expect(ResourceWords.words(resource, try JSONParser.value(of: fields)) == words)
    }
}
