import OrderedCollections
import ShaleGraphs
import ShaleJSON

/// Reads what the child executions of distributed Maps did: those that did not succeed first, and so many at most.
///
/// Each costs a request, and a run may have 10,000; children of EXPRESS kind keep no history.
struct ChildHistories {
    /// Child executions that are read for one execution that is shown.
    private static let most = 200
    /// The order in which they are asked for.
    private static let statuses = ["FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED"]

    private let client: StatesClient
    private var left = Self.most
    /// The descriptions of the runs by their resource names.
    private(set) var mapRuns: [String: JSONValue] = [:]

    init(_ client: StatesClient) { self.client = client }

    /// Adds to a course what the runs of the Maps did that another execution of the same graph, or it itself, began.
    mutating func add(to course: inout ExecutionCourse, runsOf parent: ExecutionCourse) async throws
    {
        for visit in parent.visits {
            guard let run = visit.mapRunARN, mapRuns[run] == nil else { continue }
            let description = try await client.call("DescribeMapRun", ["mapRunArn": .string(run)])
            mapRuns[run] = description
            let children = try await children(of: run, course.graph)
            let total = MapRunSummary(description).total
            course.add(children, of: total, in: visit.state)
            for child in children { try await add(to: &course, runsOf: child) }
        }
    }

    private mutating func children(
        of run: String,
        _ graph: StateGraph
    ) async throws -> [ExecutionCourse] {
        var courses: [ExecutionCourse] = []
        for status in Self.statuses where left > 0 {
            let listed = try await client.all(
                "ListExecutions",
                "executions",
                ["mapRunArn": .string(run), "statusFilter": .string(status)],
                limit: left
            )
            for arn in listed.compactMap({ $0["executionArn"]?.text }) {
                guard left > 0, !arn.contains(":express:") else { continue }
                left -= 1
                let events = try await client.all(
                    "GetExecutionHistory",
                    "events",
                    ["executionArn": .string(arn)]
                )
                courses.append(ExecutionCourse(graph, events: events))
            }
        }
        return courses
    }
}
