import Testing

@testable import ShaleStates

@Suite struct DefinitionTests {
    /// Texts that are no state machines, and the place that is to blame.
    @Test(arguments: [
        ("", ""),
        ("[]", ""),
        ("{}", "/States"),
        (#"{"States":{}}"#, "/States"),
        (#"{"States":{"A":{"Type":"Succeed"}}}"#, "/StartAt"),
        (#"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#, "/StartAt"),
        (#"{"StartAt":"A","States":{"A":{}}}"#, "/States/A/Type"),
        (#"{"StartAt":"A","States":{"A":{"Type":"Nap"}}}"#, "/States/A/Type"),
        (#"{"StartAt":"A","States":{"A":{"Type":"Pass"}}}"#, "/States/A/Next"),
        (#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#, "/States/A/Next"),
        (
            #"{"StartAt":"A","TimeoutSeconds":"1","States":{"A":{"Type":"Succeed"}}}"#,
            "/TimeoutSeconds"
        ),
        (
            #"{"StartAt":"A","QueryLanguage":"SQL","States":{"A":{"Type":"Succeed"}}}"#,
            "/QueryLanguage"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"a","End":true}}}"#,
            "/States/A/InputPath"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","ResultPath":"$..a","End":true}}}"#,
            "/States/A/ResultPath"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":1},"End":true}}}"#,
            "/States/A/Parameters/a.$"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"b":[{"a.$":"x"}]},"End":true}}}"#,
            "/States/A/Parameters/b/0/a.$"
        ),
        (#"{"StartAt":"A","States":{"A":{"Type":"Task","End":true}}}"#, "/States/A/Resource"),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"x","End":true}}}"#,
            "/States/A/Resource"
        ),
        (#"{"StartAt":"A","States":{"A":{"Type":"Wait","End":true}}}"#, "/States/A/Seconds"),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Wait","Timestamp":"noon","End":true}}}"#,
            "/States/A/Timestamp"
        ),
        (#"{"StartAt":"A","States":{"A":{"Type":"Choice"}}}"#, "/States/A/Choices"),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Next":"A"}]}}}"#,
            "/States/A/Choices/0/Variable"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$","Next":"A"}]}}}"#,
            "/States/A/Choices/0"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true}]}}}"#,
            "/States/A/Choices/0/Next"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"A"}],"Default":"Z"}}}"#,
            "/States/A/Default"
        ),
        (#"{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true}}}"#, "/States/A/Branches"),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"States":{}}],"End":true}}}"#,
            "/States/A/Branches/0/States"
        ),
        (#"{"StartAt":"A","States":{"A":{"Type":"Map","End":true}}}"#, "/States/A/ItemProcessor"),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":1}},"End":true}}}"#,
            "/States/A/ItemProcessor/States/B"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"Retry":[{}],"End":true}}}"#,
            "/States/A/Retry/0/ErrorEquals"
        ),
        (
            #"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"Catch":[{"ErrorEquals":["E"],"Next":"B"}],"End":true}}}"#,
            "/States/A/Catch/0/Next"
        ),
    ])
    func `what is no state machine is refused with its place`(text: String, location: String) {
        do {
            _ = try StateMachineProgram.parse(text)
            Issue.record("it is refused")
        } catch {
            #expect(error.location == location)
        }
    }

    @Test func `a program knows its scopes, its limit and its resources`() throws {
        let program = try StateMachineProgram.parse(
            #"""
            {"Comment":"c","TimeoutSeconds":7,"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
            {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","End":true}}},
            {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","End":true}}}]}}}
            """#
        )
        #expect(program.scopes.count == 3)
        #expect(program.timeoutSeconds == 7)
        #expect(program.comment == "c")
        #expect(program.resources == ["arn:aws:states:::dynamodb:getItem"])
    }

    @Test func `states that stand too deep are refused`() throws {
        var state = #"{"Type":"Succeed"}"#
        for _ in 0..<60 {
            state =
                #"{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":\#(state)}}]}"#
        }
        #expect(throws: DefinitionError.self) {
            try StateMachineProgram.parse(#"{"StartAt":"A","States":{"A":\#(state)}}"#)
        }
    }

    @Test(arguments: [("JSONata", QueryLanguage.jsonata), ("JSONPath", .jsonPath)])
    func `states inside of one speak the machine's language, not that of the state around them`(
        machine: String,
        inner: QueryLanguage
    ) throws {
        let own = machine == "JSONPath" ? #","QueryLanguage":"JSONata""# : ""
        let scope = #"{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#
        let program = try StateMachineProgram.parse(
            """
            {"QueryLanguage":"\(machine)","StartAt":"P","States":{
            "P":{"Type":"Parallel"\(own),"Branches":[\(scope)],"Next":"M"},
            "M":{"Type":"Map"\(own),"ItemProcessor":\(scope.replacing("I", with: "J")),"End":true}}}
            """
        )
        let found = program.states.filter { ["I", "J"].contains($0.name) }
        #expect(found.map(\.language) == [inner, inner])
    }
}
