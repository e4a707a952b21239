internal import ShaleItems
internal import ShaleStateMachines

/// What starts an execution: its machine and its input.
private let startShape: [Member] = [
    .required("stateMachineArn", StatesShapes.arn), Member("name", StatesShapes.name),
    Member("input", StatesShapes.data), Member("traceHeader", .text(0...256)),
]

/// Starts an execution, and answers when that is durable.
enum StartExecution: StatesOperation {
    static let name = "StartExecution"
    static let shape = startShape

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let (arn, start) = try await service.checked { () async throws(StatesError) in
            try await service.executions.start(
                members.text("stateMachineArn"),
                name: members.optionalText("name"),
                input: try input(members),
                traceHeader: members.optionalText("traceHeader")
            )
        }
        return RestReply(["executionArn": .string(arn), "startDate": .time(start)])
    }

    /// The input, `{}` where there is none.
    static func input(_ members: Item) throws(StatesError) -> String {
        guard let input = members.optionalText("input") else { return "{}" }
        guard !input.isEmpty else {
            throw StatesError(
                .invalidExecutionInput,
                "Invalid State Machine Execution Input: 'Invalid execution input.'"
            )
        }
        return input
    }
}

/// Runs an execution of an EXPRESS state machine, and answers its end.
enum StartSyncExecution: StatesOperation {
    static let name = "StartSyncExecution"
    static let shape = startShape + [StatesShapes.included]
    /// What the service bills an execution of small data with.
    private static let billedMegabytes = 64
    /// Durations are billed in steps of so many milliseconds.
    private static let billedStep: Int64 = 100

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let end = try await service.checked { () async throws(StatesError) in
            try await service.executions.run(
                members.text("stateMachineArn"),
                name: members.optionalText("name"),
                input: try StartExecution.input(members),
                traceHeader: members.optionalText("traceHeader")
            )
        }
        var answer = service.told(end.description, members)
        // Told also of one that has no output.
        answer["outputDetails"] = answer["inputDetails"]
        let steps = max(1, (end.durationMilliseconds + billedStep - 1) / billedStep)
        answer["billingDetails"] = .map([
            "billedDurationInMilliseconds": .number(Number(steps * billedStep)),
            "billedMemoryUsedInMB": .number(Number(billedMegabytes)),
        ])
        return RestReply(answer)
    }
}
