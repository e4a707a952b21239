import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct TaskTests {
    static let function = "arn:aws:lambda:eu-west-1:123456789012:function:ship"
    static let activity = "arn:aws:states:eu-west-1:123456789012:activity:pack"

    static func task(_ resource: String, _ rest: String = "") -> String {
        #"{"Type":"Task","Resource":"\#(resource)","End":true\#(rest)}"#
    }

    @Test(arguments: [
        (
            "arn:aws:states:::dynamodb:getItem", TaskResource.Kind.service,
            TaskResource.Pattern.response, "dynamodb", "getItem"
        ),
        (
            "arn:aws:states:::aws-sdk:dynamodb:query", .service, .response, "aws-sdk:dynamodb",
            "query"
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2", .service, .job, "states",
            "startExecution.sync:2"
        ),
        (
            "arn:aws:states:::states:startExecution.sync", .service, .job, "states",
            "startExecution.sync"
        ),
        (
            "arn:aws:states:::lambda:invoke.waitForTaskToken", .service, .token, "lambda",
            "invoke.waitForTaskToken"
        ),
        (function, .function, .response, "lambda", function),
        (activity, .activity, .response, "activity", activity),
    ])
    func `a resource says what a task calls`(
        arn: String,
        kind: TaskResource.Kind,
        pattern: TaskResource.Pattern,
        type: String,
        name: String
    ) throws {
        let resource = try #require(TaskResource(arn: arn))
        #expect(resource.kind == kind)
        #expect(resource.pattern == pattern)
        #expect(resource.resourceType == type)
        #expect(resource.resource == name)
    }

    @Test(arguments: [
        (
            function,
            ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
        ),
        (activity, ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]),
        ("arn:aws:states:::dynamodb:getItem", ["TaskScheduled", "TaskStarted", "TaskSucceeded"]),
    ])
    func `each kind of task has events of its own`(arn: String, types: [String]) throws {
        let driver = try Machines.runState(Self.task(arn), input: #"{"a":1}"#) { request in
            .taskSucceeded(request.id, output: .integer(7))
        }
        #expect(driver.outcome == "7")
        #expect(
            driver.graph == [
                "1<0 ExecutionStarted", "2<0 TaskStateEntered", "3<2 \(types[0])",
                "4<3 \(types[1])",
                "5<4 \(types[2])", "6<5 TaskStateExited", "7<6 ExecutionSucceeded",
            ]
        )
    }

    @Test func `the details of events are those of the service`() throws {
        let state = Self.task(
            "arn:aws:states:::dynamodb:getItem",
            #","TimeoutSeconds":5,"Parameters":{"TableName":"t","Key.$":"$"}"#
        )
        let driver = try Machines.runState(state, input: #"{"id":1}"#) { request in
            .taskFailed(request.id, error: "DynamoDB.Gone", cause: nil)
        }
        let scheduled = driver.history[2].json
        #expect(
            scheduled.json
                == #"{"timestamp":1.7E9,"type":"TaskScheduled","id":3,"previousEventId":2,"#
                + #""taskScheduledEventDetails":{"resourceType":"dynamodb","resource":"getItem","#
                + #""region":"eu-west-1","parameters":"{\"TableName\":\"t\",\"Key\":{\"id\":1}}","#
                + #""timeoutInSeconds":5}}"#
        )
        let failed = try #require(driver.details("TaskFailed"))
        #expect(
            JSONValue.object(failed).json
                == #"{"resourceType":"dynamodb","resource":"getItem","error":"DynamoDB.Gone"}"#
        )
    }

    @Test func `a task with a token waits until somebody reports`() throws {
        let resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
        let state = Self.task(resource, #","Parameters":{"Token.$":"$$.Task.Token"}"#)
        var request: TaskRequest?
        var driver = try Machines.runState(state) { scheduled in
            request = scheduled
            return .taskSubmitted(scheduled.id, output: .object(["MessageId": .string("m")]))
        }
        let scheduled = try #require(request)
        #expect(scheduled.arguments["Token"]?.text == scheduled.token)
        #expect(driver.end == nil)
        driver.give(.taskSucceeded(scheduled.id, output: .string("yes")))
        #expect(
            driver.types[2...5] == [
                "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded",
            ]
        )
        #expect(driver.outcome == #""yes""#)
    }

    @Test func `retries wait longer each time, up to a limit`() throws {
        let retry =
            #","Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":2,"BackoffRate":3,"MaxAttempts":4,"MaxDelaySeconds":20}]"#
        let driver = try Machines.runState(Self.task(Self.function, retry)) { request in
            .taskFailed(request.id, error: "Busy", cause: "full")
        }
        let times = driver.history.filter { $0.type == "LambdaFunctionScheduled" }.map(\.timestamp)
        #expect(zip(times, times.dropFirst()).map { $1 - $0 } == [2_000, 6_000, 18_000, 20_000])
        #expect(driver.outcome == "Busy: full")
    }

    @Test func `each retrier counts for itself`() throws {
        let retry =
            #","Retry":[{"ErrorEquals":["A"],"MaxAttempts":1},{"ErrorEquals":["States.ALL"],"MaxAttempts":2}]"#
        var errors = ["A", "B", "A", "never"]
        let driver = try Machines.runState(Self.task(Self.function, retry)) { request in
            .taskFailed(request.id, error: errors.removeFirst(), cause: nil)
        }
        // The second A finds its retrier used up, and no other one is asked.
        #expect(driver.outcome == "A: -")
        #expect(errors == ["never"])
    }

    @Test func `full jitter draws a delay below the interval`() throws {
        let retrier = Retrier(
            errors: [],
            intervalSeconds: 100,
            backoffRate: 2,
            maxAttempts: 3,
            maxDelaySeconds: nil,
            hasFullJitter: true
        )
        let random = RandomStream(seed: 4)
        let delays = (0..<50).map { _ in retrier.delay(attempt: 1, random: random) }
        #expect(delays.allSatisfy { (0..<100_000).contains($0) })
        #expect(Set(delays).count > 40)
    }

    @Test(arguments: [
        (["States.ALL"], "Lambda.Unknown", true),
        (["States.ALL"], "States.DataLimitExceeded", false),
        (["States.ALL"], "States.Runtime", false),
        (["States.Runtime"], "States.Runtime", false),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", true),
        (["States.TaskFailed"], "Lambda.Unknown", true),
        (["States.TaskFailed"], "States.Timeout", false),
        (["States.Timeout"], "States.HeartbeatTimeout", true),
        (["States.HeartbeatTimeout"], "States.Timeout", false),
        (["A", "B"], "B", true),
        (["A"], "B", false),
    ])
    func `names match failures as the language has it`(
        names: [String],
        error: String,
        matches: Bool
    ) {
        #expect(StateFailure(error: error, cause: nil).matches(names) == matches)
    }

    @Test(arguments: [
        (#","Catch":[{"ErrorEquals":["E"],"Next":"Done"}]"#, #"{"Error":"E","Cause":"c"}"#),
        (
            #","Catch":[{"ErrorEquals":["E"],"ResultPath":"$.why","Next":"Done"}]"#,
            #"{"a":1,"why":{"Error":"E","Cause":"c"}}"#
        ),
        (#","Catch":[{"ErrorEquals":["E"],"ResultPath":null,"Next":"Done"}]"#, #"{"a":1}"#),
        (
            #","Catch":[{"ErrorEquals":["X"],"Next":"S"},{"ErrorEquals":["States.ALL"],"Next":"Done"}]"#,
            #"{"Error":"E","Cause":"c"}"#
        ),
    ])
    func `a catcher goes on with the failure`(fields: String, output: String) throws {
        let driver = try Machines.runState(Self.task(Self.function, fields), input: #"{"a":1}"#) {
            .taskFailed($0.id, error: "E", cause: "c")
        }
        #expect(driver.outcome == output)
        #expect(driver.graph[5] == "6<5 TaskStateExited")
    }

    @Test func `a task that takes too long times out, and is given up`() throws {
        let driver = try Machines.runState(Self.task(Self.function, #","TimeoutSeconds":3"#))
        #expect(driver.types.suffix(2) == ["LambdaFunctionTimedOut", "ExecutionFailed"])
        #expect(driver.end?.error == "States.Timeout")
        #expect(driver.now == 1_700_000_003_000)
        #expect(driver.commands.contains { if case .cancelTask = $0 { true } else { false } })
    }

    @Test func `heartbeats put the time-out off`() throws {
        let state = Self.task(Self.activity, #","HeartbeatSeconds":10"#)
        var id: TaskID?
        var driver = try Machines.runState(state) { request in
            id = request.id
            return nil
        }
        let task = try #require(id)
        driver.give(.taskStarted(task, workerName: "w"))
        driver.give(.taskHeartbeat(task))
        #expect(driver.details("ActivityStarted") == ["workerName": .string("w")])
        driver.runTimers()
        #expect(driver.end?.error == "States.HeartbeatTimeout")
        #expect(driver.types.suffix(2) == ["ActivityTimedOut", "ExecutionFailed"])
    }

    @Test func `what comes too late does nothing`() throws {
        var driver = try Machines.runState(Self.task(Self.function)) {
            .taskSucceeded($0.id, output: .null)
        }
        let count = driver.history.count
        for event: ExecutionEvent in [
            .taskSucceeded(TaskID(1), output: .null),
            .taskFailed(TaskID(1), error: "E", cause: nil),
            .timerFired(TimerID(1)), .stop(error: nil, cause: nil), .start, .proceed, .redrive,
            .itemsRead(TaskID(9), items: []), .childSucceeded(TaskID(1), index: 3, output: .null),
        ] {
            driver.give(event)
        }
        #expect(driver.history.count == count)
    }

    @Test func `a result that is too large fails the state`() throws {
        let text = String(repeating: "x", count: ExecutionState.dataLimit)
        let fields = #","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Done"}]"#
        let driver = try Machines.runState(Self.task(Self.function, fields)) {
            .taskSucceeded($0.id, output: .string(text))
        }
        #expect(driver.end?.error == "States.DataLimitExceeded")
    }
}
