import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleGraphs

/// States of a distributed Map, told by what its child executions did.
struct ChildOutcomesTests {
    private static let machine = """
        {"StartAt": "D", "States": {"D": {"Type": "Map", "End": true, "ItemProcessor": {
          "ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "W", "States": {
            "W": {"Type": "Task", "Resource": "r", "Next": "X",
                  "Catch": [{"ErrorEquals": ["Soft"], "Next": "Y"}]},
            "X": {"Type": "Succeed"}, "Y": {"Type": "Pass", "End": true}}}}}}
        """

    /// An execution of the machine, whose Map runs in children.
    private static func parent() throws -> ExecutionCourse {
        var history = History()
        history.enter("Map", "D")
        history.add("MapStateStarted")
        history.add("MapRunStarted", ["mapRunArn": "run"])
        let graph = try StateGraph(definition: machine)
        return ExecutionCourse(graph, events: history.events)
    }

    /// A child whose Task fails with an error, or succeeds.
    private static func child(_ error: JSONValue?) throws -> ExecutionCourse {
        var history = History()
        history.add("ExecutionStarted", after: 0)
        history.enter("Task", "W")
        history.add("TaskScheduled")
        guard let error else {
            history.add("TaskSucceeded")
            history.exit("Task", "W")
            history.enter("Succeed", "X")
            history.exit("Succeed", "X")
            history.add("ExecutionSucceeded")
            return try course(history)
        }
        history.add("TaskFailed", ["error": error])
        if error == "Soft" {
            history.exit("Task", "W")
            history.enter("Pass", "Y")
            history.exit("Pass", "Y")
            history.add("ExecutionSucceeded")
        } else if error != "open" {
            history.add("ExecutionFailed", ["error": error])
        }
        return try course(history)
    }

    private static func course(_ history: History) throws -> ExecutionCourse {
        ExecutionCourse(try StateGraph(definition: machine), events: history.events)
    }

    private static func outcome(_ course: ExecutionCourse, _ name: String) throws -> Outcome {
        course.outcome(of: try #require(course.graph.state(name)))
    }

    private static func whole() throws -> ExecutionCourse {
        var whole = try parent()
        let children = try [nil, nil, "Soft", "Hard", nil].map(child)
        whole.add(children, of: 9, in: try #require(whole.graph.state("D")))
        return whole
    }

    @Test func `a state has the worst outcome that it had in any child, and the counts of all`()
        throws
    {
        let course = try Self.whole()
        #expect(try Self.outcome(course, "W") == .failed)
        #expect(try Self.outcome(course, "X") == .succeeded)
        #expect(try Self.outcome(course, "Y") == .succeeded)
        // The Map itself is told by its own history.
        #expect(try Self.outcome(course, "D") == .running)
        let words = course.children.words(of: try #require(course.graph.state("W")))
        #expect(words == ["3 succeeded", "1 failed", "1 caught"])
        #expect(course.share(of: 0) == ChildOutcomes.Share(read: 5, total: 9))
    }

    @Test(
        arguments: [
            ([nil, nil], Outcome.succeeded), ([nil, "Soft"], .caught),
            (["Soft", "open"], .running),
            (["open", "Hard"], .failed), ([], .notReached),
        ] as [([String?], Outcome)]
    )
    func `a failure is seen however few failed, and then what still runs`(
        errors: [String?],
        outcome: Outcome
    ) throws {
        var course = try Self.parent()
        let children = try errors.map { try Self.child($0.map(JSONValue.string)) }
        course.add(children, of: children.count, in: 0)
        #expect(try Self.outcome(course, "W") == outcome)
    }

    @Test func `the ways that children took are taken as often`() throws {
        let course = try Self.whole()
        let taken = zip(course.graph.transitions, course.taken).map { ($0.kind, $1) }
        #expect(taken.map(\.0) == [.next, .caught])
        #expect(taken.map(\.1) == [3, 1])
    }

    @Test func `the text tells the counts, and how many children were read`() throws {
        let text = ExecutionText(
            ExecutionSummary(.null),
            try Self.whole(),
            now: 1_010,
            columns: 100,
            detail: .cut,
            hasColours: false
        )
        let lines = text.lines()
        #expect(lines.contains { $0.contains("each item, in child executions, 5 of 9 read") })
        #expect(lines.contains("│  ✖ W     Task · r  3 succeeded · 1 failed · 1 caught"))
        #expect(lines.contains { $0.contains("✔ X") && $0.hasSuffix("3 succeeded") })
    }

    @Test func `the picture colours the boxes and draws the ways that were taken`() throws {
        let course = try Self.whole()
        let svg = ExecutionPicture(ExecutionSummary(.null), course, now: 0).svg()
        #expect(svg.contains("succeeded: X, Y. failed: W. running: D."))
        #expect(svg.contains("child executions of the Map: 3 succeeded, 1 failed, 1 caught"))
        #expect(svg.contains("5 of 9 child executions were read"))
        let bare = ExecutionPicture(ExecutionSummary(.null), try Self.parent(), now: 0).svg()
        #expect(bare.contains("not reached: W, X, Y."))
        func lit(_ svg: String) -> Int {
            svg.split(separator: Palette(.failed).strong, omittingEmptySubsequences: false).count
        }
        #expect(lit(svg) > lit(bare))
    }

    @Test func `the JSON has the counts of each state and of the children that were read`() throws {
        let course = try Self.whole()
        let report = ExecutionReport.json(ExecutionSummary(.null), course, mapRuns: [:], now: 0)
        let states = report["states"]?.elements ?? []
        let task = states.first { $0["name"] == "W" }
        #expect(task?["outcome"] == "failed")
        #expect(task?["executions"]?["succeeded"] == .integer(3))
        let map = states.first { $0["name"] == "D" }
        #expect(map?["childExecutions"]?["total"] == .integer(9))
    }
}
