import ShaleStates
import Testing

/// Each table has a state or a machine that must be refused, and what is said of it.
@Suite("States: validation")
struct ValidationTests {
    /// What is said of a machine: severity (but for errors), code, message and place, one line each.
    private func said(of definition: String) -> [String] {
        Validation.read(definition).diagnostics.map { diagnostic in
            let severity = diagnostic.severity == .error ? "" : diagnostic.severity.rawValue + " "
            return "\(severity)\(diagnostic.code): \(diagnostic.message)"
                + (diagnostic.location.map { " at \($0)" } ?? "")
        }
    }

    /// What is said of a state S of a machine that goes on to a state E.
    private func said(ofState fields: String, language: String = "JSONPath") -> [String] {
        said(
            of: #"{"QueryLanguage":"\#(language)","StartAt":"S","States":{"S":{\#(fields)},"#
                + #""E":{"Type":"Succeed"}}}"#
        )
    }

    @Test(
        "the course of a machine",
        arguments: [
            ("", "MISSING_DESCRIPTION: Definition is missing"),
            ("{", "INVALID_JSON_DESCRIPTION: Invalid JSON: endOfText at byte 1"),
            ("[]", "INVALID_JSON_DESCRIPTION: Definition is not a JSON object"),
            (
                #"{"States":{"A":{"Type":"Succeed"}}}"#,
                "SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at "
            ),
            (
                #"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#,
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt"
            ),
            (
                #"{"StartAt":"A","States":{"A":{"Type":"Succeed"}},"x":1}"#,
                "SCHEMA_VALIDATION_FAILED: Field 'x' is not supported at "
            ),
            (
                #"{"Version":"2.0","StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#,
                "SCHEMA_VALIDATION_FAILED: Value is not one of [1.0] at /Version"
            ),
            (
                #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#,
                "MISSING_END_STATE: Workflow has no terminal state"
            ),
            (
                #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"C":{"Type":"Succeed"}}}"#,
                #"MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C"#
            ),
            (
                #"{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]}}}"#,
                "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"
            ),
            (
                #"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed","QueryLanguage":"JSONPath"}}}"#,
                "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A"
            ),
        ]
    )
    func course(definition: String, line: String) {
        #expect(said(of: definition) == [line])
    }

    @Test("a missing target comes before the missing end, as the service says them")
    func order() {
        #expect(
            said(of: #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#) == [
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
                "MISSING_END_STATE: Workflow has no terminal state",
            ]
        )
    }

    @Test(
        "states of JSONPath",
        arguments: [
            (
                #""Type":"Pass","Next":"E","Catch":[]"#,
                "Field 'Catch' is not supported at /States/S"
            ),
            (
                #""Type":"Pass","Next":"E","Output":1"#,
                "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/S"
            ),
            (
                #""Type":"Pass","Next":"E","End":true"#,
                "There should only be one of the following fields: [Next, End] at /States/S"
            ),
            (
                #""Type":"Pass","Next":"E","InputPath":"a.b""#,
                "Value is not a valid JSONPath or intrinsic function at /States/S/InputPath"
            ),
            (
                #""Type":"Pass","Next":"E","ResultPath":"$.a[*]""#,
                "Value is not a Reference Path at /States/S/ResultPath"
            ),
            (
                #""Type":"Pass","Next":"E","Parameters":{"a.$":"States.MathAdd(1)"}"#,
                "Value is not a valid JSONPath or intrinsic function at /States/S/Parameters/a.$"
            ),
            (
                #""Type":"Pass","Next":"E","Parameters":{"a.$":"States.MathAdd(1,'2')"}"#,
                "Invalid arguments in States.MathAdd at /States/S/Parameters/a.$"
            ),
            (
                #""Type":"Pass","Next":"E","Parameters":{"a":1,"a.$":"$.a"}"#,
                "Duplicate field: a at /States/S/Parameters"
            ),
            (#""Type":"Task","Next":"E""#, "These fields are required: [Resource] at /States/S"),
            (
                #""Type":"Task","Next":"E","Resource":"f""#,
                "Value is not a valid resource ARN at /States/S/Resource"
            ),
            (
                #""Type":"Wait","Next":"E""#,
                "One of the following fields is required: [Seconds, Timestamp, SecondsPath, TimestampPath] at /States/S"
            ),
            (#""Type":"Wait","Next":"E","Seconds":-1"#, "Minimum value is 0 at /States/S/Seconds"),
            (
                #""Type":"Choice","Choices":[{"Variable":"$.a","IsNull":1,"Next":"E"}]"#,
                "Value is not a boolean at /States/S/Choices[0]/IsNull"
            ),
            (
                #""Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsNull":true,"Next":"E"}],"Next":"E"}]"#,
                "Field 'Next' is not supported at /States/S/Choices[0]/And[0]"
            ),
            (
                #""Type":"Choice","Choices":[{"Variable":"$.a","Next":"E"}]"#,
                "A rule needs a comparison at /States/S/Choices[0]"
            ),
            (
                #""Type":"Map","Next":"E""#,
                "One of the following fields is required: [ItemProcessor, Iterator] at /States/S"
            ),
            (
                #""Type":"Map","Next":"E","ToleratedFailurePercentage":101,"Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#,
                "Maximum value is 100.0 at /States/S/ToleratedFailurePercentage"
            ),
            (
                #""Type":"Map","Next":"E","Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"ResultWriter":{}"#,
                "These fields are required: [Resource] at /States/S/ResultWriter"
            ),
            (
                #""Type":"Map","Next":"E","Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"ResultWriter":{"WriterConfig":{"Transformation":"flat"}}"#,
                "Value is not one of [NONE, COMPACT, FLATTEN] at /States/S/ResultWriter/WriterConfig/Transformation"
            ),
            (
                #""Type":"Map","Next":"E","Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"ResultWriter":{"WriterConfig":{"OutputType":"CSV"}}"#,
                "Value is not one of [JSON, JSONL] at /States/S/ResultWriter/WriterConfig/OutputType"
            ),
            (
                #""Type":"Map","Next":"E","Iterator":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"ResultWriter":{"WriterConfig":{"Format":"JSON"}}"#,
                "Field 'Format' is not supported at /States/S/ResultWriter/WriterConfig"
            ),
            (
                #""Type":"Map","Next":"E","ItemProcessor":{"QueryLanguage":"JSONata","StartAt":"I","States":{"I":{"Type":"Succeed"}}}"#,
                "Field 'QueryLanguage' is not supported at /States/S/ItemProcessor"
            ),
            (
                #""Type":"Parallel","Next":"E","Branches":[]"#,
                "Value is not an array of branches at /States/S/Branches"
            ),
            (
                #""Type":"Nap","Next":"E""#,
                "Value is not one of [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait] at /States/S/Type"
            ),
        ]
    )
    func paths(fields: String, message: String) {
        #expect(said(ofState: fields) == ["SCHEMA_VALIDATION_FAILED: " + message])
    }

    @Test(
        "retriers and catchers",
        arguments: [
            (
                #""Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["A"]}]"#,
                "States.ALL must be in the last rule at /States/S/Retry[0]/ErrorEquals"
            ),
            (
                #""Retry":[{"ErrorEquals":["States.ALL","A"]}]"#,
                "States.ALL must appear alone at /States/S/Retry[0]/ErrorEquals"
            ),
            (
                #""Retry":[{"ErrorEquals":["A"],"BackoffRate":0.5}]"#,
                "Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate"
            ),
            (
                #""Retry":[{"ErrorEquals":["A"],"JitterStrategy":"SOME"}]"#,
                "Value is not one of [FULL, NONE] at /States/S/Retry[0]/JitterStrategy"
            ),
            (
                #""Catch":[{"ErrorEquals":[],"Next":"E"}]"#,
                "Value is not an array of error names at /States/S/Catch[0]/ErrorEquals"
            ),
            (
                #""Catch":[{"ErrorEquals":["A"]}]"#,
                "These fields are required: [Next] at /States/S/Catch[0]"
            ),
            (
                #""TimeoutSeconds":5,"HeartbeatSeconds":5"#,
                "HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds"
            ),
            (
                #""TimeoutSeconds":5,"TimeoutSecondsPath":"$.t""#,
                "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/S"
            ),
        ]
    )
    func failures(fields: String, message: String) {
        let task = #""Type":"Task","Next":"E","Resource":"arn:aws:lambda:us-east-1:1:function:f","#
        #expect(said(ofState: task + fields) == ["SCHEMA_VALIDATION_FAILED: " + message])
    }

    @Test(
        "states of JSONata",
        arguments: [
            (
                #""Type":"Pass","Next":"E","Output":{"v":"{% phone.x %}"}"#,
                "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Output/v"
            ),
            (
                #""Type":"Pass","Next":"E","Output":"{% 1 + %}""#,
                "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output"
            ),
            (
                #""Type":"Pass","Next":"E","Output":["{% 1"]"#,
                "INVALID_JSONATA_EXPRESSION: A JSONata expression must begin with {% and end with %} at /States/S/Output[0]"
            ),
            (
                #""Type":"Pass","Next":"E","Output":"{% $states.errorOutput %}""#,
                "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.errorOutput' is only supported in a Catch. at /States/S/Output"
            ),
            (
                #""Type":"Pass","Next":"E","ResultPath":"$.a""#,
                "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage at /States/S"
            ),
            (
                #""Type":"Choice","Choices":[{"Condition":"yes","Next":"E"}]"#,
                "SCHEMA_VALIDATION_FAILED: Value is not a JSONata expression at /States/S/Choices[0]/Condition"
            ),
        ]
    )
    func expressions(fields: String, line: String) {
        #expect(said(ofState: fields, language: "JSONata") == [line])
    }

    @Test("what an expression may refer to is accepted")
    func accepted() {
        let fields =
            #""Type":"Task","Next":"E","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":"{% $t %}","#
            + #""Arguments":{"a":"{% $states.input.x[y = 1].($.z & z) ~> $map(function($v){$v.w}) %}"},"#
            + #""Catch":[{"ErrorEquals":["States.ALL"],"Next":"E","Output":"{% $states.errorOutput.Cause %}"}]"#
        #expect(said(ofState: fields, language: "JSONata").isEmpty)
    }

    /// As the service does: recorded machines with such an expression were made, and failed when they ran.
    @Test(
        "a variable that no state assigns is for the execution to find",
        arguments: [
            (#""Type":"Pass","Next":"E","Output":"{% $doesNotExist %}""#, "JSONata"),
            (#""Type":"Pass","Next":"E","Assign":{"r":"{% $doesNotExist %}"}"#, "JSONata"),
            (#""Type":"Pass","Next":"E","Parameters":{"a.$":"$doesNotExist"}"#, "JSONPath"),
        ]
    )
    func unassigned(fields: String, language: String) {
        #expect(said(ofState: fields, language: language) == [])
    }

    @Test("what may not be meant is warned of")
    func warnings() {
        #expect(
            said(
                ofState:
                    #""Type":"Pass","Next":"E","Parameters":{"a":"$.b"},"Result":{"c.$":"$.d"}"#
            )
            .map { $0.prefix(35) } == [
                "WARNING NO_DOLLAR: The value looks ", "WARNING PASS_RESULT_IS_STATIC: The ",
            ]
        )
    }

    @Test("definitions cut short and changed are judged without a fault")
    func damaged() {
        let text =
            #"{"StartAt":"S","States":{"S":{"Type":"Map","ItemsPath":"$.a","Catch":[{"ErrorEquals":["A"],"Next":"E"}],"#
            + #""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Choice","Choices":[{"Not":{"Variable":"$.b","IsNull":true},"Next":"J"}]},"#
            + #""J":{"Type":"Wait","Seconds":1,"End":true}}},"Next":"E"},"E":{"Type":"Succeed"}}}"#
        #expect(said(of: text).isEmpty)
        let pieces = ["{", "}", "[", "]", "1", "null", "true", "\"x\"", ",", ":"]
        for index in text.indices {
            _ = said(of: String(text[..<index]))
            let rest = text[text.index(after: index)...]
            for piece in pieces { _ = said(of: text[..<index] + piece + rest) }
        }
        let deep = String(
            repeating: #"{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":"#,
            count: 400
        )
        _ = said(of: deep + "1" + String(repeating: "}}}", count: 400))
    }
}
