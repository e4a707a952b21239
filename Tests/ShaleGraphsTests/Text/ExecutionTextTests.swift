import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleGraphs

struct ExecutionTextTests {
    private static func lines(
        columns: Int = 80,
        detail: ExecutionText.Detail = .cut,
        hasColours: Bool = false
    ) throws -> [String] {
        let (summary, course) = try SagaPictureTests.saga()
        return ExecutionText(
            summary,
            course,
            now: 0,
            columns: columns,
            detail: detail,
            hasColours: hasColours
        ).lines()
    }

    /// What stands in the list but data.
    private static func outline(_ definition: String) throws -> [String] {
        let graph = try StateGraph(definition: definition)
        return Outline(graph).lines.map { line in
            switch line.content {
            case .state(let state): line.prefix + graph.states[state].name
            case .branch: line.prefix + "├─ branch"
            case .alternative(let number, let isFollowed):
                line.prefix + "├─ \(graph.transitions[number].kind)"
                    + (isFollowed ? "" : " ▶ \(graph.states[graph.transitions[number].to].name)")
            case .jump(let target): line.prefix + "└▶ \(graph.states[target].name)"
            }
        }
    }

    @Test func `a saga that failed is told with its attempts and what was caught`() throws {
        let lines = try Self.lines()
        #expect(lines[0] == "orders/order-7  ✖ FAILED")
        for part in [
            "✔ Charge card     Task · λ charge-card  2 attempts · 1.06 s",
            "▲ Ship            Task · λ ship  49 ms",
            "├─ catch any error  (taken × 1)", "│  ✔ Refund card  Task · λ refund-card  453 ms",
            "│  └▶ Release stock",
            "○ Complete order  Task · dynamodb updateItem Orders",
        ] {
            #expect(lines.contains(part), "\(part)")
        }
        #expect(lines.allSatisfy { $0.count <= 80 }, "lines are cut to the width")
        #expect(!lines.contains { $0.contains("\u{1B}") }, "no colours where none are wanted")
    }

    @Test func `full text is not cut, and colours are there where they are wanted`() throws {
        #expect(
            try Self.lines(detail: .full).contains {
                $0.hasSuffix(#""payment":"payment-of-order-7"}}"#)
            }
        )
        #expect(
            try Self.lines(hasColours: true).contains { $0.contains("\u{1B}[33m▲ Ship\u{1B}[0m") }
        )
    }

    @Test func `what only one alternative leads to stands in it, what several lead to behind them`()
        throws
    {
        let outline = try Self.outline(
            """
            {"StartAt": "C", "States": {
              "C": {"Type": "Choice", "Choices": [{"Condition": true, "Next": "A"},
                {"Condition": false, "Next": "Z"}], "Default": "B"},
              "A": {"Type": "Pass", "Next": "Z"}, "B": {"Type": "Pass", "Next": "C2"},
              "C2": {"Type": "Pass", "Next": "Z"}, "Z": {"Type": "Pass", "End": true}}}
            """
        )
        #expect(
            outline == [
                "C", "├─ rule", "│  A", "│  └▶ Z", "├─ rule ▶ Z", "├─ otherwise", "│  B", "│  C2",
                "│  └▶ Z", "Z",
            ]
        )
    }

    @Test func `a loop and branches are told`() throws {
        let outline = try Self.outline(
            """
            {"StartAt": "A", "States": {
              "A": {"Type": "Parallel", "Next": "C", "Branches": [
                {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": true}}}]},
              "C": {"Type": "Choice", "Choices": [{"Condition": true, "Next": "Z"}], "Default": "W"},
              "W": {"Type": "Wait", "Seconds": 1, "Next": "A"}, "Z": {"Type": "Succeed"}}}
            """
        )
        #expect(
            outline == [
                "A", "├─ branch", "│  X", "C", "├─ rule", "│  Z", "├─ otherwise ▶ W", "W", "└▶ A",
            ]
        )
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[2Jgone", " [2Jgone"), ("two\nlines", "two lines"),
        ("\u{9B}31m", " 31m"),
    ])
    func `text of users cannot steer the terminal`(text: String, clean: String) {
        #expect(TerminalText.clean(text) == clean)
    }

    @Test(arguments: [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語です", 5, "日本…")])
    func `a text is cut to columns`(text: String, columns: Int, cut: String) {
        #expect(TerminalText.cut(text, to: columns) == cut)
    }

    @Test func `the JSON of an execution has its states, visits and ways`() throws {
        let (summary, course) = try SagaPictureTests.saga()
        let report = ExecutionReport.json(summary, course, mapRuns: [:], now: 0)
        #expect(report["status"] == "FAILED")
        let charge = report["visits"]?.elements?.first { $0["state"] == "Charge card" }
        #expect(charge?["attempts"]?.elements?.map { $0["outcome"] } == ["failed", "succeeded"])
        let taken = report["transitions"]?.elements?.filter { $0["taken"] == .integer(1) }
        #expect(taken?.map { $0["kind"] }.contains("caught") == true)
    }

    @Test func `a distributed Map is told with the counts of its run`() throws {
        let graph = try StateGraph(
            definition: """
                {"StartAt": "D", "States": {"D": {"Type": "Map", "End": true, "ItemProcessor": {
                  "ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "W",
                  "States": {"W": {"Type": "Pass", "End": true}}}}}}
                """
        )
        var history = History()
        history.enter("Map", "D")
        history.add("MapStateStarted")
        history.add("MapRunStarted", ["mapRunArn": "run"])
        var course = ExecutionCourse(graph, events: history.events)
        let description = #"""
            {"status": "RUNNING", "itemCounts": {"total": 300},
             "executionCounts": {"total": 3, "succeeded": 2, "running": 1}}
            """#
        course.mapRuns["run"] = MapRunSummary(try JSONParser.value(of: description))
        let text = ExecutionText(
            ExecutionSummary(.null),
            course,
            now: 1_010,
            columns: 80,
            detail: .cut,
            hasColours: false
        )
        let lines = text.lines()
        #expect(lines.contains("▶ D     Map · distributed  2 succeeded · 1 running · 1.00 s"))
        #expect(
            lines.contains { $0.hasSuffix("300 items in 3 executions: 2 succeeded, 1 running") }
        )
        #expect(lines.contains("│  · W  Pass"))
    }
}
