import ShalePlatform
import ShaleStates
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// States that are tested alone, in a simulated world.
@Suite struct StateTestTests {
    typealias Change = @Sendable (inout StateTestRequest) -> Void

    private static let lambda = #""Type":"Task","Resource":"arn:aws:states:::lambda:invoke""#

    /// Tests a state; answers the result and the milliseconds that it took.
    private func test(
        _ definition: String,
        input: String = "{}",
        _ change: @escaping Change = { $0.roleARN = "role" }
    ) throws -> (result: Result<StateTestResult, StatesError>, milliseconds: Int64) {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        let answer = Mutex<(Result<StateTestResult, StatesError>, Int64)?>(nil)
        try simulation.runTask {
            let opened = try await TestExecutions.open(world, TestMachines(), TestCaller())
            var request = StateTestRequest(definition: definition)
            request.input = input
            change(&request)
            let start = opened.executions.now
            var result: Result<StateTestResult, StatesError>
            do throws(StatesError) {
                result = .success(try await opened.executions.test(request))
            } catch {
                result = .failure(error)
            }
            let taken = opened.executions.now - start
            answer.withLock { $0 = (result, taken) }
            try await opened.close()
        }
        return try #require(answer.withLock { $0 })
    }

    private func text(_ result: StateTestResult) -> String {
        let parts = [
            result.status.rawValue, result.nextState.map { "to " + $0 }, result.output,
            result.error, result.cause,
        ]
        return parts.compactMap { $0 }.joined(separator: " | ")
    }

    private static func mock(_ result: String) -> Change {
        { request in
            request.mock = StateTestRequest.Mock()
            request.mock?.result = result
        }
    }

    private static func failing(
        _ error: String,
        causedBy state: String? = nil,
        retries: Int? = nil,
        failures: Int? = nil
    ) -> Change {
        { request in
            request.mock = StateTestRequest.Mock()
            request.mock?.failure = (error, "why")
            request.errorCausedBy = state
            request.retryCount = retries
            request.failedIterations = failures
        }
    }

    /// A state, its input, and how the test ends.
    private static let states: [(String, String, String)] = [
        (#"{"Type":"Pass","Next":"B"}"#, #"{"a": 1}"#, #"SUCCEEDED | to B | {"a": 1}"#),
        (
            #"{"Type":"Pass","Result":7,"ResultPath":"$.r","End":true}"#, "{}",
            #"SUCCEEDED | {"r":7}"#
        ),
        (
            #"{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input.a + 1 %}","End":true}"#,
            #"{"a":1}"#, "SUCCEEDED | 2"
        ),
        (
            #"{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":2,"Next":"Two"}],"Default":"No"}"#,
            #"{"n":2}"#, #"SUCCEEDED | to Two | {"n":2}"#
        ),
        (
            #"{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":2,"Next":"Two"}],"Default":"No"}"#,
            #"{"n":3}"#, #"SUCCEEDED | to No | {"n":3}"#
        ),
        (#"{"Type":"Succeed","InputPath":"$.a"}"#, #"{"a":[]}"#, "SUCCEEDED | []"),
        (#"{"Type":"Fail","Error":"E","Cause":"C"}"#, "{}", "FAILED | E | C"),
        (#"{"Type":"Pass","Next":"StateName"}"#, "{}", "SUCCEEDED | to StateName | {}"),
        (
            #"{"Type":"Pass","Parameters":{"x.$":"$.a"},"End":true}"#, "{}",
            "FAILED | States.Runtime | The JSONPath '$.a' specified for the field 'x.$' could not be found in the input '{}'"
        ),
        (
            #"{"Type":"Pass","Parameters":{"n.$":"$$.State.Name","r.$":"$$.Execution.RoleArn"},"End":true}"#,
            "{}", #"SUCCEEDED | {"r":"role","n":"StateName"}"#
        ),
        (
            #"{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:ok","Next":"N"}"#, "[1]",
            #"SUCCEEDED | to N | {"got":[1]}"#
        ),
        (
            #"{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:fail","Catch":[{"ErrorEquals":["Odd"],"Next":"C","ResultPath":"$.e"}],"End":true}"#,
            "{}", #"CAUGHT_ERROR | to C | {"e":{"Error":"Odd","Cause":"because"}} | Odd | because"#
        ),
    ]

    @Test(arguments: states)
    func `a state alone ends as it would in a machine`(
        state: String,
        input: String,
        end: String
    ) throws {
        #expect(text(try test(state, input: input).result.get()) == end)
    }

    /// Seconds of a Wait, the milliseconds that the test takes, and how it ends.
    @Test(arguments: [(3, 3_000, "SUCCEEDED | {}"), (301, 300_000, "FAILED | States.Timeout")])
    func `a test waits, for five minutes`(seconds: Int, taken: Int, end: String) throws {
        let (result, milliseconds) = try test(#"{"Type":"Wait","Seconds":\#(seconds),"End":true}"#)
        #expect(text(try result.get()) == end)
        #expect((Int64(taken)...Int64(taken + 200)).contains(milliseconds))
    }

    /// What a state looks like under the glass: the state, its input, and what is told of it.
    @Test(
        arguments: [
            (
                #"{"Type":"Pass","InputPath":"$.p","Parameters":{"d":1},"ResultPath":"$.r","OutputPath":"$.r.d","Next":"A"}"#,
                #"{"p":{"f":2}}"#,
                #"input={"p":{"f":2}} afterInputPath={"f":2} afterParameters={"d":1} afterResultSelector={"d":1} afterResultPath={"p":{"f":2},"r":{"d":1}}"#
            ),
            (
                #"{"Type":"Pass","Result":7,"End":true}"#, "{}",
                "input={} result=7 afterResultSelector=7 afterResultPath=7"
            ),
            (#"{"Type":"Succeed"}"#, "[]", "input=[] afterInputPath=[]"),
            (#"{"Type":"Fail","Error":"E"}"#, "[]", "input=[] afterInputPath=[]"),
            (
                #"{"Type":"Pass","QueryLanguage":"JSONata","Assign":{"b":"{% $a + 1 %}"},"End":true}"#,
                "{}", #"input={} variables={"a":1,"b":2}"#
            ),
            (
                #"{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:ok","ResultSelector":{"g.$":"$.got.i"},"ResultPath":"$.r","End":true}"#,
                #"{"i":1}"#,
                #"input={"i":1} afterInputPath={"i":1} afterParameters={"i":1} result={"got":{"i":1}} afterResultSelector={"g":1} afterResultPath={"i":1,"r":{"g":1}} variables={"a":1}"#
            ),
        ] as [(String, String, String)]
    )
    func `what a state makes of its data is told step by step`(
        state: String,
        input: String,
        told: String
    ) throws {
        let asks = told.contains("variables")
        let result = try test(state, input: input) { request in
            request.roleARN = "role"
            if asks { request.variables = #"{"a":1}"# }
        }.result.get()
        #expect(result.inspection.text == told)
    }

    @Test(
        arguments: [
            (4, "RETRIABLE | E | why", "retry=0 backoff=16"),
            (
                5, "CAUGHT_ERROR | to C | {\"Error\":\"E\",\"Cause\":\"why\"} | E | why",
                "catch=0 retry=0"
            ),
            (0, "RETRIABLE | E | why", "retry=0 backoff=1"),
        ] as [(Int, String, String)]
    )
    func `a mocked failure is tried again, then caught`(
        retries: Int,
        end: String,
        details: String
    ) throws {
        let state =
            "{\(Self.lambda),"
            + #""Retry":[{"ErrorEquals":["E"],"MaxAttempts":5}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],"End":true}"#
        let result = try test(state, Self.failing("E", retries: retries)).result.get()
        #expect(text(result) == end)
        #expect(result.inspection.text.hasSuffix(details))
    }

    private static let map =
        #"{"Type":"Map","ItemsPath":"$.v","ItemSelector":{"i.$":"$$.Map.Item.Value"},"ItemProcessor":{"StartAt":"In","States":{"In":{"Type":"Pass","End":true}}},"ToleratedFailureCount":1,"MaxConcurrency":2,"End":true}"#
    private static let parallel =
        #"{"Type":"Parallel","Branches":[{"StartAt":"In","States":{"In":{"Type":"Pass","End":true}}},{"StartAt":"In2","States":{"In2":{"Type":"Pass","End":true}}}],"Next":"N"}"#

    @Test func `the items of a Map are told as its children would get them`() throws {
        let result = try test(Self.map, input: #"{"v":[1,2]}"#, Self.mock("[5,6]")).result.get()
        #expect(text(result) == "SUCCEEDED | [5,6]")
        #expect(
            result.inspection.text
                == #"input={"v":[1,2]} afterInputPath={"v":[1,2]} afterResultSelector=[5,6] afterResultPath=[5,6] afterItemsPath=[1,2] afterItemSelector=[{"i":1},{"i":2}] count=1 concurrency=2"#
        )
    }

    /// Iterations that failed, and how a Map ends that bears one.
    @Test(
        arguments: [
            (1, "SUCCEEDED | [0,0,1]"),
            (
                2,
                "FAILED | States.ExceedToleratedFailureThreshold | The specified tolerated failure threshold was exceeded"
            ),
        ] as [(Int, String)]
    )
    func `a Map fails where more iterations failed than it bears`(
        failures: Int,
        end: String
    ) throws {
        let result = try test(Self.map, input: #"{"v":[1,2,3]}"#) { request in
            Self.mock("[0,0,1]")(&request)
            request.failedIterations = failures
        }.result.get()
        #expect(text(result) == end)
    }

    @Test func `a state within a Map is found by its name and has an item`() throws {
        let machine =
            #"{"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":{"StartAt":"In","States":{"In":{"Type":"Pass","Output":"{% $states.context.Map.Item %}","End":true}}},"End":true}}}"#
        let result = try test(machine, input: "9") { $0.stateName = "In" }.result.get()
        #expect(text(result) == #"SUCCEEDED | {"Index":0,"Value":9}"#)
    }

    @Test func `the data that a reader would read is read`() throws {
        let state =
            #"{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON","ItemsPointer":"/o"}},"ItemBatcher":{"MaxItemsPerBatch":2},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"In","States":{"In":{"Type":"Pass","End":true}}},"End":true}"#
        let result = try test(state) { request in
            Self.mock("[1]")(&request)
            request.readerData = #"{"o":[1,2,3]}"#
        }.result.get()
        #expect(result.inspection.afterItemsPointer == "[1,2,3]")
        #expect(result.inspection.afterItemBatcher == #"[{"Items":[1,2]},{"Items":[3]}]"#)
    }

    @Test func `a given context is the context, and nothing is added`() throws {
        let state =
            #"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Parameters":{"c.$":"$$"},"End":true}"#
        let result = try test(state) { request in
            Self.mock("{}")(&request)
            request.context = #"{"Execution":{"Id":"i"},"Task":{"Token":"t"}}"#
        }.result.get()
        #expect(
            result.inspection.afterParameters
                == #"{"c":{"Execution":{"Id":"i"},"Task":{"Token":"t"}}}"#
        )
    }

    private static let pass = #"{"Type":"Pass","End":true}"#
    private static let task = "{\(lambda),\"End\":true}"
    private static let nested =
        #"{"Type":"Task","Resource":"arn:aws:states:::states:startExecution","End":true}"#
    private static let activity =
        #"{"Type":"Task","Resource":"arn:aws:states:here:1:activity:a","End":true}"#
    private static let context: @Sendable (String) -> Change = { text in
        { request in
            mock("{}")(&request)
            request.context = text
        }
    }

    /// What is wrong, the state, the change, and the refusal.
    private static let refusals: [(String, String, Change, String)] = [
        (
            "mock of a Pass", pass, mock("1"),
            "State type 'Pass' is not supported when a mock is specified"
        ),
        (
            "no mock of a Map", map, { _ in },
            "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
        ),
        ("no role", task, { _ in }, "RoleArn must be specified when testing a Task state"),
        (
            "an empty mock", task, { $0.mock = .init() },
            "A test mock should have only one of the following fields: [result, errorOutput]."
        ),
        (
            "two mocks", task,
            {
                failing("E")(&$0); $0.mock?.result = "1"
            }, "A test mock should have only one of the following fields: [result, errorOutput]."
        ),
        (
            "secrets", task,
            {
                mock("{}")(&$0); $0.revealsSecrets = true
            }, "TestState does not support RevealSecrets when a mock is specified."
        ),
        ("no array", map, mock("{}"), "Mocked result must be an array."),
        (
            "too few branches", parallel, mock("[1]"),
            "Mocked result must contain the same number of items as number of Parallel branches."
        ),
        ("no JSON", task, mock("x"), "Mocked result must be valid JSON"),
        (
            "a word for a number", task, mock(#"{"StatusCode":"x"}"#),
            "Mock result schema validation error: Field 'StatusCode' must be a number"
        ),
        (
            "a missing member", nested, mock("{}"),
            "Mock result schema validation error: Required field 'ExecutionArn' is missing"
        ),
        (
            "an activity", activity, { $0.roleARN = "r" },
            "TestState supports the resource 'arn:aws:states:here:1:activity:a' only when a mock is specified."
        ),
        (
            "no such state", #"{"StartAt":"A","States":{"A":\#(pass)}}"#, { $0.stateName = "B" },
            "State not found in definition"
        ),
        (
            "a strange member", task, context(#"{"Pokedex":{}}"#),
            "Invalid Context object provided: Field 'Pokedex' is not allowed"
        ),
        (
            "a number for an id", task, context(#"{"Execution":{"Id":1}}"#),
            "Invalid Context object provided: Execution.Id must be a string"
        ),
        (
            "a Map", task, context(#"{"Map":{}}"#),
            "Invalid Context object provided: 'Map' field is not supported when mocking a Context object"
        ),
        (
            "a token", task, context(#"{"Task":{"Token":"t"}}"#),
            "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern"
        ),
        (
            "a context and no mock", pass, { $0.context = "{}" },
            "TestState supports a Context object only when a mock is specified."
        ),
        (
            "variables of no object", pass, { $0.variables = "[]" },
            "Variables must be a JSON object."
        ),
        (
            "nobody to blame", parallel, failing("E"),
            "errorCausedByState must be specified when an errorOutput is mocked for a Map or Parallel state."
        ),
        (
            "a stranger to blame", parallel, failing("E", causedBy: "X"),
            "The state 'X' of errorCausedByState is not in the definition."
        ),
        (
            "rules that are not here",
            #"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true}"#,
            {
                mock("{}")(&$0); $0.mock?.validation = "STRICT"
            },
            "fieldValidationMode STRICT is not supported by this server for the resource 'arn:aws:states:::sqs:sendMessage'; see Docs/StateMachines.md."
        ),
        (
            "no input", pass, { $0.input = "x" },
            "Invalid State Machine Execution Input: 'The input is no JSON: unexpected at byte 0'"
        ),
        (
            "a type that is none", #"{"Type":"Odd"}"#, { _ in },
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "
        ),
    ]

    @Test(arguments: refusals.indices)
    func `what a test cannot be of is refused in words`(_ place: Int) throws {
        let (what, state, change, words) = Self.refusals[place]
        let (result, _) = try test(state, change)
        guard case .failure(let error) = result else {
            Issue.record("\(what) is not refused")
            return
        }
        #expect(error.message.hasPrefix(words), "\(what)")
        #expect(error.code.rawValue.utf8.count > 0 && error.code != .failed)
    }
}

extension StateInspection {
    /// What is told, as `name=value`.
    fileprivate var text: String {
        let texts: [(String, String?)] = [
            ("input", input), ("afterArguments", afterArguments),
            ("afterInputPath", afterInputPath), ("afterParameters", afterParameters),
            ("result", result), ("afterResultSelector", afterResultSelector),
            ("afterResultPath", afterResultPath), ("afterItemsPath", afterItemsPath),
            ("afterItemsPointer", afterItemsPointer), ("afterItemSelector", afterItemSelector),
            ("afterItemBatcher", afterItemBatcher),
            ("count", toleratedFailureCount.map(String.init)),
            ("concurrency", maxConcurrency.map(String.init)), ("variables", variables),
            ("catch", catchIndex.map(String.init)), ("retry", retryIndex.map(String.init)),
            ("backoff", backoffSeconds.map(String.init)),
        ]
        return texts.compactMap { name, value in value.map { "\(name)=\($0)" } }
            .joined(separator: " ")
    }
}
