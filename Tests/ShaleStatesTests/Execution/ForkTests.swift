import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct ForkTests {
    @Test func `branches have chains of their own, and the state goes on from the last event`()
        throws
    {
        let driver = try Machines.runState(
            #"""
            {"Type":"Parallel","Next":"Done","Branches":[
            {"StartAt":"A1","States":{"A1":{"Type":"Pass","Next":"A2"},"A2":{"Type":"Pass","End":true}}},
            {"StartAt":"B1","States":{"B1":{"Type":"Pass","Result":2,"End":true}}}]}
            """#,
            input: #"{"x":1}"#
        )
        #expect(driver.outcome == #"[{"x":1},2]"#)
        #expect(
            driver.graph == [
                "1<0 ExecutionStarted", "2<0 ParallelStateEntered", "3<2 ParallelStateStarted",
                "4<3 PassStateEntered", "5<4 PassStateExited", "6<3 PassStateEntered",
                "7<6 PassStateExited", "8<5 PassStateEntered", "9<8 PassStateExited",
                "10<9 ParallelStateSucceeded", "11<9 ParallelStateExited", "12<11 PassStateEntered",
                "13<12 PassStateExited", "14<13 ExecutionSucceeded",
            ]
        )
    }

    /// Branches that fail, and the graph that the service has for them.
    @Test(arguments: [
        (
            #"{"Type":"Fail","Error":"E","Cause":"c"}"#, "",
            ["4<3 FailStateEntered", "5<4 ParallelStateFailed", "6<5 ExecutionFailed"], "E: c"
        ),
        (
            #"{"Type":"Pass","Parameters":{"m.$":"$.nope"},"End":true}"#,
            #","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Done"}]"#,
            ["4<3 PassStateEntered", "5<4 ExecutionFailed"],
            "States.Runtime: An error occurred while executing the state 'B' (entered at the event id #4)."
                + " The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '{}'"
        ),
        (
            #"{"Type":"Fail","Error":"E","Cause":"c"}"#,
            #","Retry":[{"ErrorEquals":["E"],"MaxAttempts":1}]"#,
            [
                "4<3 FailStateEntered", "5<4 ParallelStateStarted", "6<5 FailStateEntered",
                "7<6 ParallelStateFailed", "8<7 ExecutionFailed",
            ], "E: c"
        ),
        (
            #"{"Type":"Fail","Error":"E","Cause":"c"}"#,
            #","Catch":[{"ErrorEquals":["E"],"Next":"Done"}]"#,
            [
                "4<3 FailStateEntered", "5<4 ParallelStateFailed", "6<5 ParallelStateExited",
                "7<6 PassStateEntered", "8<7 PassStateExited", "9<8 ExecutionSucceeded",
            ], #"{"Error":"E","Cause":"c"}"#
        ),
        (
            #"{"Type":"Pass","End":true}"#, #","ResultSelector":{"m.$":"$.nope"}"#,
            [
                "4<3 PassStateEntered", "5<4 PassStateExited", "6<5 ParallelStateSucceeded",
                "7<5 ExecutionFailed",
            ],
            "States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2)."
                + " The JSONPath '$.nope' specified for the field 'm.$' could not be found in the input '[{}]'"
        ),
    ])
    func `a branch that fails fails its state`(
        branch: String,
        fields: String,
        graph: [String],
        outcome: String
    ) throws {
        let driver = try Machines.runState(
            #"{"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":\#(branch)}}]\#(fields)}"#
        )
        #expect(Array(driver.graph.dropFirst(3)) == graph)
        #expect(driver.outcome == outcome)
    }

    @Test func `siblings that are given up are told, and cancelled`() throws {
        let task = #"{"Type":"Task","Resource":"\#(TaskTests.function)","End":true}"#
        var requests: [TaskRequest] = []
        let program = try StateMachineProgram.parse(
            #"""
            {"StartAt":"S","States":{"Done":{"Type":"Pass","End":true},"S":{"Type":"Parallel","End":true,
            "Branches":[{"StartAt":"A","States":{"A":\#(task)}},
            {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":99,"End":true}}},
            {"StartAt":"B","States":{"B":\#(task)}}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Done"}]}}}
            """#
        )
        var driver = ExecutionDriver(program, try Machines.context(input: "{}"))
        driver.answer = { request in
            requests.append(request)
            return nil
        }
        driver.give(.start)
        driver.give(.taskFailed(requests[0].id, error: "E", cause: nil))
        #expect(
            driver.types.dropFirst(8) == [
                "LambdaFunctionStarted", "LambdaFunctionFailed", "TaskStateAborted",
                "WaitStateAborted",
                "TaskStateAborted", "ParallelStateFailed", "ParallelStateExited",
                "PassStateEntered",
                "PassStateExited", "ExecutionSucceeded",
            ]
        )
        #expect(driver.commands.contains(.cancelTask(requests[1].id)))
        #expect(driver.commands.contains { if case .cancelTimer = $0 { true } else { false } })
    }

    @Test func `iterations start from the start of the state while there is room`() throws {
        let driver = try Machines.runState(
            #"""
            {"Type":"Map","End":true,"MaxConcurrency":2,"ItemProcessor":{"StartAt":"I","States":{
            "I":{"Type":"Pass","End":true}}}}
            """#,
            input: "[1,2,3]"
        )
        let iterations = driver.history.filter { $0.type.hasPrefix("MapIteration") }
        #expect(
            iterations.map { "\($0.previousID) \($0.type) \($0.details["index"]?.json ?? "")" } == [
                "3 MapIterationStarted 0", "3 MapIterationStarted 1", "7 MapIterationSucceeded 0",
                "7 MapIterationStarted 2", "11 MapIterationSucceeded 1",
                "14 MapIterationSucceeded 2",
            ]
        )
        #expect(driver.graph.suffix(3).map { $0.prefix(5) } == ["16<15", "17<15", "18<17"])
        #expect(driver.outcome == "[1,2,3]")
    }

    @Test func `never more iterations run than may`() throws {
        var running = 0
        var most = 0
        var requests: [TaskRequest] = []
        let program = try StateMachineProgram.parse(
            #"""
            {"StartAt":"S","States":{"S":{"Type":"Map","End":true,"MaxConcurrencyPath":"$.limit",
            "ItemsPath":"$.items","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task",
            "Resource":"\#(TaskTests.function)","End":true}}}}}}
            """#
        )
        let input = #"{"limit":3,"items":[1,2,3,4,5,6,7,8]}"#
        var driver = ExecutionDriver(program, try Machines.context(input: input))
        driver.answer = { request in
            requests.append(request)
            running += 1
            most = max(most, running)
            return nil
        }
        driver.give(.start)
        while !requests.isEmpty {
            running -= 1
            let request = requests.removeLast()
            driver.give(.taskSucceeded(request.id, output: request.arguments))
        }
        #expect(most == 3)
        #expect(driver.outcome == "[1,2,3,4,5,6,7,8]")
    }

    @Test func `inner states read the variables of outer scopes and set their own`() throws {
        let driver = try Machines.run(
            #"""
            {"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"base":10,"name":"outer"},"Next":"M"},
            "M":{"Type":"Map","ItemsPath":"$.items","ItemProcessor":{"StartAt":"I","States":{
            "I":{"Type":"Pass","Assign":{"sum.$":"States.MathAdd($base, $)"},"Next":"J"},
            "J":{"Type":"Pass","Parameters":{"sum.$":"$sum","name.$":"$name"},"End":true}}},
            "ResultPath":"$.sums","Next":"Z"},
            "Z":{"Type":"Pass","Parameters":{"all.$":"$.sums[*].sum","name.$":"$name"},"End":true}}}
            """#,
            input: #"{"items":[1,2]}"#
        )
        #expect(driver.outcome == #"{"all":[11,12],"name":"outer"}"#)
    }

    @Test func `a failed iteration is tried again from its start`() throws {
        var isFirst = true
        let driver = try Machines.runState(
            #"""
            {"Type":"Map","End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task",
            "Resource":"\#(TaskTests.function)","End":true}}},"Retry":[{"ErrorEquals":["E"]}]}
            """#,
            input: "[5]"
        ) { request in
            defer { isFirst = false }
            return isFirst
                ? .taskFailed(request.id, error: "E", cause: nil)
                : .taskSucceeded(request.id, output: .integer(6))
        }
        #expect(driver.types.filter { $0 == "MapStateStarted" }.count == 2)
        #expect(driver.types.contains("MapIterationFailed"))
        #expect(!driver.types.contains("MapStateFailed"))
        #expect(driver.outcome == "[6]")
    }
}
