import OrderedCollections
import ShaleGraphs
import ShaleJSON

/// All that a server knows of one execution.
struct ShownExecution {
    let summary: ExecutionSummary
    let course: ExecutionCourse
    /// The runs of distributed Maps by their resource names.
    let mapRuns: [String: JSONValue]

    init(_ arn: String, from client: StatesClient) async throws {
        let name: JSONObject = ["executionArn": .string(arn)]
        let description = try await client.call("DescribeExecution", name)
        summary = ExecutionSummary(description)
        let machine = try await client.call("DescribeStateMachineForExecution", name)
        let events = try await client.all("GetExecutionHistory", "events", name)
        let first = events.lazy.compactMap { $0["stateEnteredEventDetails"]?["name"]?.text }.first
        let isChild = description["mapRunArn"] != nil
        let graph: StateGraph
        do throws(GraphError) {
            graph = try StateGraph(
                definition: machine["definition"]?.text ?? "",
                ofProcessorWith: isChild ? first : nil
            )
        } catch {
            throw Complaint(.failed, "\(arn): \(error.reason)")
        }
        var course = ExecutionCourse(graph, events: events)
        var children = ChildHistories(client)
        let alone = course
        try await children.add(to: &course, runsOf: alone)
        course.mapRuns = children.mapRuns.mapValues(MapRunSummary.init)
        (self.course, mapRuns) = (course, children.mapRuns)
    }
}
