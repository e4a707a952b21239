import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleGraphs

struct ExecutionCourseTests {
    private static let machine = """
        {"StartAt": "T", "States": {
          "T": {"Type": "Task", "Resource": "r", "Next": "M",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "P"}]},
          "M": {"Type": "Map", "Next": "P", "ItemProcessor": {"StartAt": "I", "States": {
             "I": {"Type": "Pass", "Next": "J"}, "J": {"Type": "Pass", "End": true}}}},
          "P": {"Type": "Parallel", "End": true, "Branches": [
             {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "r", "End": true}}},
             {"StartAt": "B", "States": {"B": {"Type": "Fail"}}}]}}}
        """

    private static func course(_ build: (inout History) -> Void) throws -> ExecutionCourse {
        var history = History()
        history.add("ExecutionStarted", after: 0)
        build(&history)
        return ExecutionCourse(try StateGraph(definition: machine), events: history.events)
    }

    /// States and what became of them, but for those that were not reached.
    private static func outcomes(_ course: ExecutionCourse) -> [String: Outcome] {
        var outcomes: [String: Outcome] = [:]
        for (number, state) in course.graph.states.enumerated() {
            let outcome = course.outcome(of: number)
            if outcome != .notReached { outcomes[state.name] = outcome }
        }
        return outcomes
    }

    @Test func `attempts of a Task have their errors, and what succeeds at last has succeeded`()
        throws
    {
        let course = try Self.course {
            $0.enter("Task", "T", after: 0)
            for _ in 0..<2 {
                $0.add("TaskScheduled")
                $0.add("TaskStarted")
                $0.add("TaskFailed", ["error": "E", "cause": "c"])
            }
            $0.add("TaskScheduled")
            $0.add("TaskSucceeded")
            $0.exit("Task", "T")
        }
        let visit = try #require(course.visits.first)
        #expect(visit.attempts.map(\.outcome) == [.failed, .failed, .succeeded])
        #expect(visit.attempts.map(\.error) == ["E", "E", nil])
        #expect(visit.outcome == .succeeded)
        #expect((visit.input, visit.output) == ("1", "2"))
        #expect(visit.milliseconds(at: 0) == 90)
    }

    @Test func `a failure that is left behind is caught, and the way of the catcher is taken`()
        throws
    {
        let course = try Self.course {
            $0.enter("Task", "T", after: 0)
            $0.add("TaskScheduled")
            $0.add("TaskTimedOut", ["error": "States.Timeout"])
            $0.exit("Task", "T")
            $0.enter("Parallel", "P")
        }
        #expect(Self.outcomes(course) == ["T": .caught, "P": .running])
        let taken = zip(course.graph.transitions, course.taken).filter { $0.1 > 0 }.map(\.0.kind)
        #expect(taken == [.caught])
    }

    @Test func `where both lead to one state, the failure decides which way was taken`() throws {
        let machine = """
            {"StartAt": "T", "States": {"P": {"Type": "Succeed"},
              "T": {"Type": "Task", "Resource": "r", "Next": "P",
                    "Catch": [{"ErrorEquals": ["E"], "Next": "P"}]}}}
            """
        for (end, taken) in [("TaskFailed", [0, 1]), ("TaskSucceeded", [1, 0])] {
            var history = History()
            history.enter("Task", "T")
            history.add("TaskScheduled")
            history.add(end, ["error": "E"])
            history.exit("Task", "T")
            history.enter("Succeed", "P")
            let graph = try StateGraph(definition: machine)
            #expect(ExecutionCourse(graph, events: history.events).taken == taken)
        }
    }

    @Test func `a failure without an event of its own is known by where it leads`() throws {
        let course = try Self.course {
            $0.enter("Task", "T", after: 0)
            $0.exit("Task", "T")
            $0.enter("Parallel", "P")
        }
        #expect(Self.outcomes(course)["T"] == .caught)
    }

    @Test func `iterations that run at the same time are told apart by what their events follow`()
        throws
    {
        let course = try Self.course {
            $0.enter("Map", "M", after: 0)
            let started = $0.add("MapStateStarted", ["length": .integer(2)])
            let first = $0.iteration("Started", "M", 0, after: started)
            let second = $0.iteration("Started", "M", 1, after: started)
            let one = $0.enter("Pass", "I", after: first)
            let two = $0.enter("Pass", "I", after: second)
            let twoEnd = $0.exit("Pass", "I", after: two)
            let oneEnd = $0.exit("Pass", "I", after: one)
            $0.enter("Pass", "J", after: twoEnd)
            let last = $0.exit("Pass", "J")
            $0.iteration("Succeeded", "M", 1, after: last)
            $0.enter("Pass", "J", after: oneEnd)
        }
        #expect(course.visits.map { $0.container?.index } == [nil, 0, 1, 1, 0])
        #expect(
            course.visits.map(\.outcome) == [
                .running, .succeeded, .succeeded, .succeeded, .running,
            ]
        )
        #expect(course.visits.map(\.next) == [nil, 4, 3, nil, nil])
        #expect(course.visits[0].iterations == [0: .running, 1: .succeeded])
    }

    @Test func `when a branch fails, the others are given up, and all around it fails`() throws {
        let course = try Self.course {
            $0.enter("Parallel", "P", after: 0)
            let started = $0.add("ParallelStateStarted")
            let task = $0.enter("Task", "A", after: started)
            let scheduled = $0.add("TaskScheduled", after: task)
            let fail = $0.enter("Fail", "B", after: started)
            $0.add("TaskStateAborted", after: scheduled)
            $0.add("ParallelStateFailed", after: fail)
            $0.add("ExecutionFailed", ["error": "E", "cause": "c"])
        }
        #expect(Self.outcomes(course) == ["P": .failed, "A": .aborted, "B": .failed])
        #expect(course.visits[0].error == "E")
        #expect(course.visits.map { $0.container?.index } == [nil, 0, 1])
    }

    @Test func `a redrive goes on with what was open`() throws {
        let course = try Self.course {
            $0.enter("Task", "T", after: 0)
            $0.add("TaskScheduled")
            $0.add("TaskFailed", ["error": "E"])
            $0.add("ExecutionFailed", ["error": "E"])
            $0.add("ExecutionRedriven")
            $0.add("TaskScheduled")
            $0.add("TaskSucceeded")
            $0.exit("Task", "T")
        }
        #expect(course.visits.map(\.outcome) == [.succeeded])
        #expect(course.visits[0].attempts.map(\.outcome) == [.failed, .succeeded])
    }

    @Test(arguments: [
        ("ExecutionAborted", Outcome.aborted), ("ExecutionTimedOut", .aborted),
        ("ExecutionFailed", .failed),
    ])
    func `what is open when the execution ends is no longer running`(
        end: String,
        outcome: Outcome
    ) throws {
        let course = try Self.course {
            $0.enter("Task", "T", after: 0)
            $0.add("TaskScheduled")
            $0.add(end, ["error": "E"])
        }
        #expect(course.visits.map(\.outcome) == [outcome])
    }

    @Test func `events that are none, and states that are not there, are passed over`() throws {
        let course = try Self.course {
            $0.enter("Pass", "nobody", after: 0)
            $0.exit("Pass", "nobody")
            $0.iteration("Started", "nobody", 0)
            $0.add("MapRunStarted", ["mapRunArn": "x"])
            $0.add("SomethingNew")
        }
        #expect(course.visits.isEmpty)
        let graph = try StateGraph(definition: Self.machine)
        #expect(ExecutionCourse(graph, events: [.null, "x", ["id": "y"]]).visits.isEmpty)
    }

    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (1_240, "1.24 s"), (9_999, "9.99 s"), (10_000, "10 s"),
        (59_900, "59.9 s"), (60_000, "1 min"), (184_000, "3 min 4 s"), (7_500_000, "2 h 5 min"),
        (273_600_000, "3 d 4 h"), (-5, "0 ms"),
    ])
    func `a time span is said with what counts of it`(milliseconds: Int64, words: String) {
        #expect(DurationWords.words(milliseconds) == words)
    }

    @Test(
        arguments: [
            ("E", "why", "E: why"), ("E", nil, "E"), (nil, nil, nil), (nil, "why", "why"),
            ("E", #"{"errorMessage": "no chair", "errorType": "E"}"#, "E: no chair"),
            ("E", "{no JSON", "E: {no JSON"), ("E", #"{"other": 1}"#, #"E: {"other": 1}"#),
        ] as [(String?, String?, String?)]
    )
    func `a failure is told in one line, a function's by its message`(
        error: String?,
        cause: String?,
        words: String?
    ) {
        #expect(FailureWords.words(error, cause) == words)
    }
}
