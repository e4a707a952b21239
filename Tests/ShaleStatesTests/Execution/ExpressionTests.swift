import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct ExpressionTests {
    static func machine(_ state: String) -> String {
        #"{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":\#(state),"Done":{"Type":"Pass","End":true}}}"#
    }

    /// States of JSONata with their input, and the outcome.
    @Test(arguments: [
        (
            #"{"Type":"Pass","Output":{"n":"{% $states.input.a + 1 %}","c":"x"},"End":true}"#,
            #"{"a":1}"#, #"{"n":2,"c":"x"}"#
        ),
        (#"{"Type":"Pass","Output":"{%$states.input.a%}","End":true}"#, #"{"a":[1]}"#, "[1]"),
        (#"{"Type":"Pass","Output":"a {% 1 %} b","End":true}"#, "{}", #""a {% 1 %} b""#),
        (#"{"Type":"Pass","Output":["{% 1 + 1 %}",null],"End":true}"#, "{}", "[2,null]"),
        (#"{"Type":"Succeed","Output":"{% $states.context.Execution.Name %}"}"#, "{}", #""first""#),
        (
            #"{"Type":"Fail","Error":"{% 'E' & $states.input.n %}","Cause":"c"}"#, #"{"n":7}"#,
            "E7: c"
        ),
        (
            #"{"Type":"Wait","Seconds":"{% $states.input.s %}","End":true}"#, #"{"s":3}"#,
            #"{"s":3}"#
        ),
        (
            #"{"Type":"Wait","Timestamp":"{% $states.input.t %}","End":true}"#,
            #"{"t":"2024-01-01T00:00:00Z"}"#, #"{"t":"2024-01-01T00:00:00Z"}"#
        ),
        (
            #"{"Type":"Choice","Choices":[{"Condition":"{% $states.input.n > 1 %}","Output":"big","Next":"Done"}],"Default":"Done"}"#,
            #"{"n":2}"#, #""big""#
        ),
        (
            #"{"Type":"Choice","Choices":[{"Condition":"{% $states.input.n > 1 %}","Output":"big","Next":"Done"}],"Output":"small","Default":"Done"}"#,
            #"{"n":1}"#, #""small""#
        ),
        (
            #"{"Type":"Parallel","Arguments":{"k":"{% $states.input.n %}"},"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"Output":"{% $states.result[0].k %}","End":true}"#,
            #"{"n":5}"#, "5"
        ),
        (
            #"{"Type":"Map","Items":"{% $states.input.l %}","ItemSelector":{"i":"{% $states.context.Map.Item.Index %}","v":"{% $states.context.Map.Item.Value %}"},"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}},"End":true}"#,
            #"{"l":["a"]}"#, #"[{"i":0,"v":"a"}]"#
        ),
    ])
    func `expressions compute what states say`(state: String, input: String, outcome: String) throws
    {
        #expect(try Machines.run(Self.machine(state), input: input).outcome == outcome)
    }

    /// States that fail, with the field and the words of the service.
    @Test(arguments: [
        (
            #"{"Type":"Pass","Output":{"a":[1,"{% $states.input.no %}"]},"End":true}"#,
            "Output/a[1]",
            "'$states.input.no' specified for the field 'Output/a[1]' returned nothing (undefined)."
        ),
        (
            #"{"Type":"Pass","Assign":{"x":{"y":"{% $no %}"}},"End":true}"#, "Assign/x/y",
            "'$no' specified for the field 'Assign/x/y' returned nothing (undefined)."
        ),
        (
            #"{"Type":"Pass","Output":"{% $sqrt(-1) %}","End":true}"#, "Output",
            "'$sqrt(-1)' specified for the field 'Output' threw an error during evaluation. D3060: The sqrt"
                + " function cannot be applied to a negative number: -1"
        ),
        (
            #"{"Type":"Pass","Output":"{% ($f := function($x){1 + $f($x)}; $f(1)) %}","End":true}"#,
            "Output",
            "'($f := function($x){1 + $f($x)}; $f(1))' specified for the field 'Output' threw an error during"
                + " evaluation: Stack overflow error: Check for non-terminating recursive function. Consider"
                + " rewriting as tail-recursive"
        ),
        (
            #"{"Type":"Choice","Choices":[{"Condition":"{% 1 %}","Next":"Done"}],"Default":"Done"}"#,
            "Choices[0]/Condition",
            "'1' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected"
                + " 'boolean', but was 'number' for value: 1"
        ),
        (
            #"{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","TimeoutSeconds":"{% 'x' %}","End":true}"#,
            "TimeoutSeconds",
            "''x'' specified for the field 'TimeoutSeconds' returned an unexpected result type. Expected"
                + " 'number', but was 'string' for value: \"x\""
        ),
    ])
    func `an expression that fails is told with its field`(
        state: String,
        location: String,
        cause: String
    ) throws {
        let driver = try Machines.run(Self.machine(state))
        let expected =
            "An error occurred while executing the state 'S' (entered at the event id #2). The JSONata"
            + " expression " + cause
        #expect(driver.outcome == "States.QueryEvaluationError: " + expected)
        let details = try #require(driver.details("EvaluationFailed"))
        #expect(details["location"] == .string(location))
        #expect(details["state"] == .string("S"))
        #expect(details["cause"] == .string(expected))
        #expect(driver.types.suffix(2) == ["EvaluationFailed", "ExecutionFailed"])
    }

    @Test func `arguments go to a task, and its result into the output`() throws {
        let state = #"""
            {"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Arguments":{"Key":"{% $states.input.id %}"},
            "Assign":{"seen":"{% $states.result.v %}"},"Output":{"v":"{% $states.result.v %}","in":"{% $states.input.id %}"},
            "Next":"Z"},"Z":{"Type":"Pass","Output":{"seen":"{% $seen %}","last":"{% $states.input %}"},"End":true}
            """#
        let driver = try Machines.run(Self.machine(state), input: #"{"id":4}"#) { request in
            .taskSucceeded(request.id, output: .object(["v": request.arguments["Key"] ?? .null]))
        }
        #expect(driver.outcome == #"{"seen":4,"last":{"v":4,"in":4}}"#)
    }

    @Test func `a failure of an expression is tried again and caught like others`() throws {
        let state = #"""
            {"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Arguments":"{% $states.input.no %}",
            "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],
            "Assign":{"e":"{% $states.errorOutput.Error %}"},"Output":"{% $e2 := $states.errorOutput.Error %}",
            "Next":"Done"}],"End":true}
            """#
        let driver = try Machines.run(Self.machine(state))
        #expect(driver.types[2...4] == ["EvaluationFailed", "EvaluationFailed", "TaskStateExited"])
        #expect(driver.outcome == #""States.QueryEvaluationError""#)
    }

    @Test func `a catcher that fails fails the state a second time`() throws {
        let state = #"""
            {"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Fail","Error":"E"}}}],
            "Catch":[{"ErrorEquals":["X"],"Next":"Done"},{"ErrorEquals":["States.ALL"],
            "Output":{"v":"{% $states.input.no %}"},"Next":"Done"}],"End":true}
            """#
        let driver = try Machines.run(Self.machine(state))
        #expect(
            driver.graph.dropFirst(3) == [
                "4<3 FailStateEntered", "5<4 ParallelStateFailed", "6<4 EvaluationFailed",
                "7<6 ParallelStateFailed", "8<7 ExecutionFailed",
            ]
        )
        #expect(driver.details("EvaluationFailed")?["location"] == .string("Catch[1]/Output/v"))
    }

    @Test func `states of both languages share data and variables`() throws {
        let driver = try Machines.run(
            #"""
            {"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"n.$":"$.n"},"Next":"B"},
            "B":{"Type":"Pass","QueryLanguage":"JSONata","Assign":{"m":"{% $n * 2 %}"},"Output":{"x":"{% $n %}"},"Next":"C"},
            "C":{"Type":"Pass","Parameters":{"m.$":"$m","x.$":"$.x"},"End":true}}}
            """#,
            input: #"{"n":21}"#
        )
        #expect(driver.outcome == #"{"x":21,"m":42}"#)
    }

    @Test(arguments: [
        ("{% 1 %}", "1" as String?), ("{%1%}", "1"), ("{% %}", ""), ("{%%}", ""), ("{%}", nil),
        ("x", nil),
        (" {% 1 %}", nil), ("{% 1 %} ", nil), ("{% '%}' %}", "'%}'"),
    ])
    func `an expression stands between marks and nothing beside them`(text: String, source: String?)
    {
        #expect(Expression.source(in: text) == source)
    }

    @Test func `what is no expression is refused with its place`() {
        #expect(throws: DefinitionError.self) {
            try StateMachineProgram.parse(
                Self.machine(#"{"Type":"Pass","Output":"{% 1 + %}","End":true}"#)
            )
        }
    }
}
