import Foundation
import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleGraphs

/// The picture in Docs/StateMachines.md is what the tool draws of a recorded execution of the saga in Docs/Examples.
///
/// With SHALE_DRAW in the environment it is written instead of compared.
struct SagaPictureTests {
    static func saga() throws -> (ExecutionSummary, ExecutionCourse) {
        let recorded = try JSONParser.value(
            of: try text("Tests/ShaleGraphsTests/Fixtures/saga.json")
        )
        let graph = try StateGraph(definition: try text("Docs/Examples/Saga/machine.json"))
        let course = ExecutionCourse(graph, events: recorded["events"]?.elements ?? [])
        return (ExecutionSummary(recorded["execution"] ?? .null), course)
    }

    private static func file(_ path: String) -> URL {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.appendingPathComponent(path)
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: file(path), encoding: .utf8)
    }

    @Test func `the picture of the saga in the documentation is the one that is drawn`() throws {
        let (summary, course) = try Self.saga()
        let svg = ExecutionPicture(summary, course, now: 0).svg()
        let path = "Docs/Pictures/saga.svg"
        if ProcessInfo.processInfo.environment["SHALE_DRAW"] != nil {
            try svg.write(to: Self.file(path), atomically: true, encoding: .utf8)
        }
        #expect(
            try Self.text(path) == svg,
            "draw it anew: SHALE_DRAW=1 swift test --filter SagaPicture"
        )
    }

    @Test func `a picture says in words what it shows`() throws {
        let (summary, course) = try Self.saga()
        let svg = ExecutionPicture(summary, course, now: 0).svg()
        #expect(svg.contains("<title id=\"t\">orders: execution order-7, failed</title>"))
        #expect(svg.contains("caught: Ship. not reached: Complete order."))
    }

    @Test(arguments: [
        ("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"), ("tab\tline\n", "tab\tline\n"),
        ("bell\u{7}", "bell\u{FFFD}"), ("\u{FFFE}", "\u{FFFD}"), ("ü🙂", "ü🙂"),
    ])
    func `text of users is text in the picture`(text: String, escaped: String) {
        #expect(SVGWriter.escaped(text) == escaped)
    }
}
