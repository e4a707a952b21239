internal import OrderedCollections
internal import ShaleItems
internal import ShaleJSON
internal import ShaleStateMachines

/// Tells the events of an execution, from the first or from the last.
enum GetExecutionHistory: StatesOperation {
    static let name = "GetExecutionHistory"
    static let shape: [Member] =
        [
            .required("executionArn", StatesShapes.arn), Member("reverseOrder", .flag),
            Member("includeExecutionData", .flag),
        ] + StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("executionArn")
        let order = members.isSet("reverseOrder") ? "backwards" : "forwards"
        let page = try StatesPage("events", of: "\(arn)/\(order)", members)
        let (events, next) = try await service.checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["execution"])
            return try await service.executions.history(
                arn,
                isReversed: members.isSet("reverseOrder"),
                limit: page.limit,
                from: page.last.flatMap { Int($0) },
                includesData: members["includeExecutionData"]?.boolValue ?? true
            )
        }
        var answer: JSONObject = [page.list: .array(events)]
        if let next { answer["nextToken"] = .string(page.token(behind: String(next))) }
        return RestReply(body: JSONValue.object(answer).encoded())
    }
}
