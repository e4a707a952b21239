import Foundation
import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct CourseTests {
    /// States with their input, and the outcome in the words of the service.
    @Test(arguments: [
        (
            #"{"Type":"Pass","InputPath":"$.a","ResultPath":"$.b","End":true}"#, #"{"a":1}"#,
            #"{"a":1,"b":1}"#
        ),
        (
            #"{"Type":"Pass","Result":9,"ResultPath":null,"OutputPath":"$.a","End":true}"#,
            #"{"a":1}"#, "1"
        ),
        (
            #"{"Type":"Pass","Parameters":{"v.$":"$.items[5]"},"End":true}"#, #"{"items":[1]}"#,
            #"{"v":null}"#
        ),
        (#"{"Type":"Pass","InputPath":"States.Array($.a)","End":true}"#, #"{"a":1}"#, "[1]"),
        (#"{"Type":"Succeed","InputPath":"$.a","OutputPath":"$.b"}"#, #"{"a":{"b":2}}"#, "2"),
        (
            #"{"Type":"Pass","InputPath":"$.no","End":true}"#, "{}",
            "States.Runtime: %The JSONPath '$.no' specified for the field 'InputPath' could not be found in"
                + " the input '{}'"
        ),
        (
            #"{"Type":"Pass","ResultPath":"$.a","End":true}"#, #""text""#,
            "States.ResultPathMatchFailure: %Unable to apply ReferencePath $.a to input \"text\""
        ),
        (
            #"{"Type":"Choice","Choices":[{"Variable":"$.x","IsNull":true,"Next":"Done"}],"Default":"Done"}"#,
            "{}",
            "States.Runtime: %Invalid path '$.x': The choice state's condition path references an invalid value."
        ),
        (
            #"{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"Done"}]}"#, "{}",
            "States.Runtime: %Failed to transition out of the state. The state does not point to a next state."
        ),
        (
            #"{"Type":"Map","ItemsPath":"$.x","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"End":true}"#,
            #"{"x":1}"#, "States.Runtime: %Reference path \"$.x\" must point to array."
        ),
        (
            #"{"Type":"Wait","SecondsPath":"$.s","End":true}"#, #"{"s":-1}"#,
            "States.Runtime: %The SecondsPath parameter references a negative value: $.s == -1"
        ),
        (
            #"{"Type":"Wait","SecondsPath":"$.s","End":true}"#, #"{"s":1.5}"#,
            "States.Runtime: %The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"
        ),
        (
            #"{"Type":"Fail","ErrorPath":"$.e","CausePath":"States.Format('{}!', $.c)"}"#,
            #"{"e":"E","c":"why"}"#, "E: why!"
        ),
        (#"{"Type":"Fail"}"#, "{}", "-: -"),
    ])
    func `a state ends as the service's does`(state: String, input: String, outcome: String) throws
    {
        let driver = try Machines.runState(state, input: input)
        let prefix =
            "An error occurred while executing the state 'S' (entered at the event id #2). "
        let expected = outcome.split(separator: "%", maxSplits: 1).joined(separator: prefix)
        #expect(driver.outcome == expected)
    }

    @Test(arguments: [
        (#""Seconds":90"#, "{}", 90_000),
        (#""SecondsPath":"$.s""#, #"{"s":7}"#, 7_000),
        (#""Timestamp":"2023-11-14T22:14:20.500Z""#, "{}", 60_500),
        (#""TimestampPath":"$.t""#, #"{"t":"2023-11-14T23:13:25+01:00"}"#, 5_000),
        (#""Timestamp":"2016-03-05T21:29:29.243167252Z""#, "{}", 0),
        (#""Seconds":0"#, "{}", 0),
    ])
    func `a machine waits as long as it says`(field: String, input: String, waited: Int64) throws {
        let driver = try Machines.runState(#"{"Type":"Wait",\#(field),"End":true}"#, input: input)
        #expect(driver.now - 1_700_000_000_000 == waited)
        #expect(driver.types.suffix(2) == ["WaitStateExited", "ExecutionSucceeded"])
    }

    @Test func `an execution may take so long and no longer`() throws {
        let definition =
            #"{"TimeoutSeconds":5,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#
        let driver = try Machines.run(definition)
        #expect(driver.end?.status == .timedOut)
        #expect(driver.types.suffix(2) == ["WaitStateAborted", "ExecutionTimedOut"])
        #expect(driver.now == 1_700_000_005_000)
    }

    @Test func `an execution that is stopped ends at once`() throws {
        var driver = try Machines.driver(
            #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#
        )
        driver.give(.start)
        driver.give(.stop(error: "Enough", cause: nil))
        #expect(driver.end?.status == .aborted)
        #expect(driver.graph.suffix(2) == ["3<2 WaitStateAborted", "4<2 ExecutionAborted"])
        #expect(driver.details("ExecutionAborted") == ["error": .string("Enough")])
    }

    @Test func `an execution whose machine is deleted fails where it would enter a state`() throws {
        let definition =
            #"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1,"Next":"B"},"B":{"Type":"Succeed"}}}"#
        let program = try StateMachineProgram.parse(definition)
        var state = ExecutionState(program: program, context: try Machines.context(input: "{}"))
        _ = state.handle(.start, at: 0, entropy: 1)
        let timer = try #require(state.timers.keys.first)
        let quiet = state.handle(.proceed, at: 0, entropy: 1, isMachineDeleted: true)
        #expect(quiet.history.isEmpty)
        let step = state.handle(.timerFired(timer), at: 1_000, entropy: 1, isMachineDeleted: true)
        #expect(
            step.history.map { "\($0.id)<\($0.previousID) \($0.type)" }
                == ["3<2 WaitStateExited", "4<3 ExecutionFailed"]
        )
        let details = try #require(step.history.last?.details)
        #expect(details["error"] == .string("States.Runtime"))
        #expect(details["cause"] == .string("State machine orders has been deleted."))
        #expect(state.status == .failed)
        let again = state.handle(.redrive, at: 2_000, entropy: 1)
        #expect(again.history.last?.type == "ExecutionSucceeded")
    }

    @Test func `a redrive takes up the states that did not succeed`() throws {
        let task = #"{"Type":"Task","Resource":"\#(TaskTests.function)","End":true}"#
        var isDown = true
        var driver = try Machines.driver(
            #"""
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
            {"StartAt":"A","States":{"A":{"Type":"Pass","Result":1,"End":true}}},
            {"StartAt":"B","States":{"B":\#(task)}}]}}}
            """#
        ) { request in
            isDown
                ? .taskFailed(request.id, error: "Down", cause: nil)
                : .taskSucceeded(request.id, output: .integer(2))
        }
        driver.run()
        #expect(driver.end?.error == "Down")
        let count = driver.history.count
        isDown = false
        driver.give(.redrive)
        #expect(
            driver.types.dropFirst(count) == [
                "ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted",
                "LambdaFunctionSucceeded", "TaskStateExited", "ParallelStateSucceeded",
                "ParallelStateExited", "ExecutionSucceeded",
            ]
        )
        #expect(driver.outcome == "[1,2]")
        #expect(driver.state.redriveCount == 1)
    }

    @Test func `a loop gives the thread back now and then, and ends with a full history`() throws {
        let definition = #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}"#
        let driver = try Machines.run(definition)
        #expect(driver.commands.filter { $0 == .proceed }.count == 12)
        #expect(driver.history.count == ExecutionState.historyLimit)
        #expect(
            driver.outcome
                == "States.Runtime: The execution reached the maximum number of history events (25000)."
        )
    }

    @Test func `what one event leads to is not much more than one record may hold`() throws {
        let states = #"""
            "L":{"Type":"Pass","Parameters":{"v.$":"$.v","n.$":"States.MathAdd($.n,1)"},"Next":"C"},
            "C":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericLessThan":100,"Next":"L"}],"Default":"E"},
            "E":{"Type":"Succeed"}
            """#
        let program = try StateMachineProgram.parse(#"{"StartAt":"L","States":{\#(states)}}"#)
        let text = String(repeating: "x", count: 200_000)
        let context = try Machines.context(input: #"{"v":"\#(text)","n":0}"#)
        var execution = ExecutionState(program: program, context: context)
        var event = ExecutionEvent.start
        var turns = 0
        while execution.status == .running {
            let step = execution.handle(event, at: 0, entropy: 1)
            let bytes = step.history.reduce(0) { $0 + $1.json.encoded().count }
            #expect(bytes < ExecutionState.turnBytes + 3 * ExecutionState.dataLimit)
            #expect(step.commands.contains(.proceed) == (execution.status == .running))
            event = .proceed
            turns += 1
        }
        #expect(execution.status == .succeeded)
        // 200 states are entered and left with 200 KB each.
        #expect((19...22).contains(turns))
    }

    @Test func `no history is longer than it may be, however wide the machine`() throws {
        let state = #"""
            {"Type":"Map","End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}}
            """#
        let items = "[" + Array(repeating: "1", count: 7_000).joined(separator: ",") + "]"
        let program = try StateMachineProgram.parse(#"{"StartAt":"S","States":{"S":\#(state)}}"#)
        var execution = ExecutionState(
            program: program,
            context: try Machines.context(input: items)
        )
        var history = execution.handle(.start, at: 0, entropy: 1).history
        while execution.status == .running {
            history += execution.handle(.proceed, at: 0, entropy: 1).history
        }
        #expect(history.map(\.id) == Array(1...ExecutionState.historyLimit))
        #expect(history.last?.type == "ExecutionFailed")
        let express = try Machines.context(input: items, limitsHistory: false)
        execution = ExecutionState(program: program, context: express)
        _ = execution.handle(.start, at: 0, entropy: 1)
        while execution.status == .running { _ = execution.handle(.proceed, at: 0, entropy: 1) }
        #expect(execution.status == .succeeded)
    }

    @Test func `the same events lead to the same history`() throws {
        let state =
            #"{"Type":"Pass","Parameters":{"u.$":"States.UUID()","r.$":"States.MathRandom(1, 1000000)"},"End":true}"#
        let outcomes = try (0..<2).map { _ in try Machines.runState(state).outcome }
        #expect(outcomes[0] == outcomes[1])
    }

    @Test func `data that grows deeper ends the execution, on a small stack`() async throws {
        let definition = #"""
            {"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":"$"},"Next":"A"}}}
            """#
        let outcome = await withCheckedContinuation { continuation in
            let thread = Thread {
                let outcome = try? Machines.run(definition).outcome
                continuation.resume(returning: outcome)
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
        #expect(outcome?.contains("nested deeper than 300 levels") ?? false)
    }

    @Test func `what cannot be kept ends the execution, and a redrive begins its state anew`()
        throws
    {
        var driver = try Machines.driver(
            #"""
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
            {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"End":true}}},
            {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:f","End":true}}}]}}}
            """#
        )
        driver.give(.start)
        driver.give(.tooLarge(bytes: 300, limit: 200))
        #expect(driver.end?.error == "States.DataLimitExceeded")
        #expect(driver.end?.cause?.contains("takes 300 bytes, at most 200") == true)
        #expect(driver.types.last == "ExecutionFailed")
        #expect(driver.state.timers.isEmpty && driver.state.tasks.isEmpty)
        #expect(driver.state.branches.count == 1)
        driver.give(.redrive)
        #expect(driver.state.status == .running)
        #expect(driver.state.branches.count == 3)
        #expect(driver.state.timers.count == 1 && driver.state.tasks.count == 1)
    }
}
