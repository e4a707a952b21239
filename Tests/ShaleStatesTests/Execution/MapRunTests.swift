import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct MapRunTests {
    static func map(_ fields: String, _ state: String = #"{"Type":"Pass","End":true}"#) -> String {
        #"""
        {"Type":"Map","End":true,"Label":"L","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED",
        "ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":\#(state)}}\#(fields)}
        """#
    }

    /// The inputs of the children that were started.
    static func inputs(_ driver: ExecutionDriver) -> [String] {
        driver.commands.flatMap { command in
            guard case .startChildren(let request) = command else { return [String]() }
            return request.children.map(\.input.json)
        }
    }

    @Test(arguments: [
        ("", "[1,2,3]", ["1", "2", "3"]),
        (
            #","ItemBatcher":{"MaxItemsPerBatch":2}"#, "[1,2,3]",
            [#"{"Items":[1,2]}"#, #"{"Items":[3]}"#]
        ),
        (
            #","ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"k.$":"$[0]"}}"#, "[1,2,3]",
            [#"{"Items":[1,2],"BatchInput":{"k":1}}"#, #"{"Items":[3],"BatchInput":{"k":1}}"#]
        ),
        (
            #","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"}"#, "[7]",
            [#"{"v":7,"i":0}"#]
        ),
        (
            #","ItemBatcher":{"MaxInputBytesPerBatch":90}"#,
            #"["aaaaaaaaaaaaaaa","bbbbbbbbbbbbbbb"]"#,
            [#"{"Items":["aaaaaaaaaaaaaaa"]}"#, #"{"Items":["bbbbbbbbbbbbbbb"]}"#]
        ),
    ])
    func `children get items, selected and in batches`(
        fields: String,
        input: String,
        expected: [String]
    ) throws {
        let driver = try Machines.runState(Self.map(fields), input: input)
        #expect(Self.inputs(driver) == expected)
        #expect(driver.end?.status == .succeeded)
        let arn = driver.details("MapRunStarted")?["mapRunArn"]?.text ?? ""
        #expect(arn.hasPrefix("arn:aws:states:eu-west-1:123456789012:mapRun:orders/L:"))
    }

    static let failing = #"""
        {"Type":"Choice","Choices":[{"Variable":"$","NumericGreaterThan":2,"Next":"F"}],"Default":"G"},
        "F":{"Type":"Fail","Error":"E"},"G":{"Type":"Pass","End":true}
        """#

    @Test(arguments: [
        ("", false),
        (#","ToleratedFailureCount":1"#, false),
        (#","ToleratedFailureCount":2"#, true),
        (#","ToleratedFailurePercentage":40"#, false),
        (#","ToleratedFailurePercentage":50"#, true),
        (#","ToleratedFailurePercentage":100,"ToleratedFailureCount":1"#, false),
    ])
    func `failures are tolerated up to a threshold`(fields: String, isTolerated: Bool) throws {
        let driver = try Machines.runState(Self.map(fields, Self.failing), input: "[1,2,3,4]")
        if isTolerated {
            #expect(driver.outcome == "[1,2]")
            return
        }
        #expect(
            driver.outcome
                == "States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded"
        )
        #expect(driver.types.suffix(3) == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"])
    }

    @Test func `items are read and results written by others`() throws {
        let fields =
            #","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key.$":"$.key"},"ReaderConfig":{"InputType":"JSON","MaxItems":9}},"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"out"}}"#
        var driver = try Machines.driver(
            #"{"StartAt":"S","States":{"S":\#(Self.map(fields))}}"#,
            input: #"{"key":"k"}"#
        )
        driver.give(.start)
        guard case .readItems(let request)? = driver.commands.last else {
            Issue.record("items are to be read")
            return
        }
        #expect(request.parameters.json == #"{"Bucket":"b","Key":"k"}"#)
        #expect(request.maxItems == 9)
        driver.give(.itemsRead(request.id, items: [.integer(1), .integer(2)]))
        guard case .writeResults(let write)? = driver.commands.last else {
            Issue.record("results are to be written")
            return
        }
        #expect(write.results == [.integer(1), .integer(2)])
        driver.give(.resultsWritten(write.id, output: .object(["ResultWriterDetails": .null])))
        #expect(driver.outcome == #"{"ResultWriterDetails":null}"#)
    }

    @Test func `a reader that fails fails the state`() throws {
        let fields =
            #","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{}}"#
        var driver = try Machines.driver(#"{"StartAt":"S","States":{"S":\#(Self.map(fields))}}"#)
        driver.give(.start)
        driver.give(.itemsFailed(TaskID(1), cause: "no bucket"))
        #expect(
            driver.types.dropFirst(2) == [
                "MapStateStarted", "MapRunStarted", "MapRunFailed", "MapStateFailed",
                "ExecutionFailed",
            ]
        )
        #expect(driver.details("MapStateStarted") == ["length": .integer(0)])
        #expect(
            driver.outcome
                == "States.ItemReaderFailed: An error occurred while executing the state 'S'"
                + " (entered at the event id #2). no bucket"
        )
    }

    /// The third child's success is told when the run has failed already.
    @Test func `a redrive starts the children again that did not succeed, and no others`() throws {
        let task = #"{"Type":"Task","Resource":"\#(TaskTests.function)","End":true}"#
        var isDown = true
        var driver = try Machines.driver(
            #"{"StartAt":"S","States":{"S":\#(Self.map("", task))}}"#,
            input: "[1,2,3]"
        ) { request in
            isDown && request.arguments == .integer(2)
                ? .taskFailed(request.id, error: "Down", cause: nil)
                : .taskSucceeded(request.id, output: request.arguments)
        }
        driver.run()
        #expect(driver.end?.error == "States.ExceedToleratedFailureThreshold")
        let before = Self.inputs(driver).count
        isDown = false
        driver.give(.redrive)
        #expect(Self.inputs(driver).dropFirst(before) == ["2"])
        #expect(driver.state.status == .succeeded)
        #expect(driver.types.contains("MapRunRedriven"))
        #expect(driver.outcome == "[1,2,3]")
    }

    private static let writer =
        #","ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"out"}}"#

    /// A run of three children, the first of which fails, and what is done then.
    private static func failed(
        tolerating count: Int = 0
    ) throws -> (state: ExecutionState, step: ExecutionStep) {
        let task = #"{"Type":"Wait","Seconds":9,"End":true}"#
        let fields = writer + #","ToleratedFailureCount":\#(count)"#
        let program = try StateMachineProgram.parse(
            #"{"StartAt":"S","States":{"S":\#(map(fields, task))}}"#
        )
        var state = ExecutionState(
            program: program,
            context: try Machines.context(input: "[1,2,3]")
        )
        _ = state.handle(.start, at: 0, entropy: 1)
        let first = ExecutionEvent.childFailed(TaskID(1), index: 0, error: "E", cause: nil)
        let step = state.handle(first, at: 0, entropy: 2)
        return (state, step)
    }

    @Test(
        arguments: [
            .resultsWritten(TaskID(1), output: .null),
            .resultsFailed(TaskID(1), cause: "no bucket"),
        ] as [ExecutionEvent]
    )
    func `a run that fails is over when its results are written, also behind a crash`(
        event: ExecutionEvent
    ) throws {
        var (state, step) = try Self.failed()
        #expect(step.history.isEmpty)
        let run = TaskID(1)
        let late = ExecutionEvent.childSucceeded(run, index: 1, output: .integer(7))
        #expect(state.handle(late, at: 0, entropy: 3).commands.isEmpty)
        for commands in [step.commands, state.outstandingMapCommands(at: 0, entropy: 4)] {
            #expect(commands.contains(.stopChildren(run)))
            guard case .writeResults(let request)? = commands.last else {
                Issue.record("results are to be written")
                return
            }
            #expect(request.isDone[0])
        }
        let end = state.handle(event, at: 0, entropy: 5)
        #expect(end.history.map(\.type) == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"])
        #expect(state.status == .failed)
        let again = state.handle(.redrive, at: 0, entropy: 6)
        #expect(Self.started(again) == [0, 2])
    }

    @Test(arguments: [0, 1, .max - 1, .max])
    func `a tolerated count of any size is kept`(count: Int) throws {
        var (state, _) = try Self.failed(tolerating: 1)
        let update = ExecutionEvent.mapRunUpdated(
            TaskID(1),
            maxConcurrency: 1,
            toleratedCount: max(count, 1),
            toleratedPercentage: nil
        )
        _ = state.handle(update, at: 0, entropy: 3)
        let bytes = state.encoded()
        let read = try ExecutionState(bytes, program: state.program, context: state.context)
        let kept = read.mapRunProgress(TaskID(1))?.toleratedCount
        #expect(kept == min(max(count, 1), .max - 1))
    }

    @Test func `a run that was stopped while it failed goes on after a redrive`() throws {
        var (state, _) = try Self.failed()
        _ = state.handle(.stop(error: nil, cause: nil), at: 0, entropy: 3)
        #expect(Self.started(state.handle(.redrive, at: 0, entropy: 4)) == [0, 1, 2])
        for index in 0..<3 {
            let done = ExecutionEvent.childSucceeded(TaskID(1), index: index, output: .null)
            _ = state.handle(done, at: 0, entropy: 5)
        }
        guard case .writeResults? = state.outstandingMapCommands(at: 0, entropy: 6).last else {
            Issue.record("results are to be written")
            return
        }
    }

    private static func started(_ step: ExecutionStep) -> [Int] {
        step.commands.flatMap { command in
            guard case .startChildren(let request) = command else { return [Int]() }
            return request.children.map(\.index)
        }
    }

    @Test func `a run tells how it stands, takes new limits, and ends with its execution`() throws {
        let task = #"{"Type":"Wait","Seconds":9,"End":true}"#
        let program = try StateMachineProgram.parse(
            #"{"StartAt":"S","States":{"S":\#(Self.map(#","MaxConcurrency":2"#, task))}}"#
        )
        var state = ExecutionState(
            program: program,
            context: try Machines.context(input: "[1,2,3,4,5]")
        )
        func children(_ step: ExecutionStep) -> [Int] { Self.started(step) }
        let run = TaskID(1)
        #expect(children(state.handle(.start, at: 0, entropy: 1)) == [0, 1])
        let first = ExecutionEvent.childSucceeded(run, index: 0, output: .null)
        #expect(children(state.handle(first, at: 0, entropy: 2)) == [2])
        // The same end again does nothing.
        #expect(children(state.handle(first, at: 0, entropy: 3)) == [])
        let update = ExecutionEvent.mapRunUpdated(
            run,
            maxConcurrency: 3,
            toleratedCount: 1,
            toleratedPercentage: nil
        )
        #expect(children(state.handle(update, at: 0, entropy: 4)) == [3])
        let failed = ExecutionEvent.childFailed(run, index: 3, error: "E", cause: nil)
        #expect(children(state.handle(failed, at: 0, entropy: 5)) == [4])
        let progress = try #require(state.mapRunProgress(run))
        #expect(progress.total == 5)
        #expect(progress.pending == 0)
        #expect(progress.running == 3)
        #expect(progress.succeeded == 1)
        #expect(progress.failed == 1)
        let step = state.handle(.stop(error: nil, cause: nil), at: 0, entropy: 6)
        #expect(
            step.history.map(\.type) == ["MapRunAborted", "MapStateAborted", "ExecutionAborted"]
        )
        #expect(step.commands.contains(.stopChildren(run)))
        #expect(state.mapRunProgress(run) == nil)
    }
}
