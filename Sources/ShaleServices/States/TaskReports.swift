internal import ShaleItems
internal import ShaleStateMachines

// What workers tell of tasks: by the token that they were given.

/// Tells that a task is done.
enum SendTaskSuccess: StatesOperation {
    static let name = "SendTaskSuccess"
    static let shape: [Member] = [
        .required("taskToken", StatesShapes.taskToken), .required("output", StatesShapes.data),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.executions.succeed(
                members.text("taskToken"),
                output: members.text("output")
            )
        }
        return RestReply([:])
    }
}

/// Tells that a task has failed.
enum SendTaskFailure: StatesOperation {
    static let name = "SendTaskFailure"
    static let shape =
        [.required("taskToken", StatesShapes.taskToken)] + StatesShapes.failure

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.executions.fail(
                members.text("taskToken"),
                error: members.optionalText("error"),
                cause: members.optionalText("cause")
            )
        }
        return RestReply([:])
    }
}

/// Tells that a task is still worked on.
enum SendTaskHeartbeat: StatesOperation {
    static let name = "SendTaskHeartbeat"
    static let shape: [Member] = [.required("taskToken", StatesShapes.taskToken)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.executions.heartbeat(members.text("taskToken"))
        }
        return RestReply([:])
    }
}

/// Gives a worker a task of an activity, or nothing after a minute.
enum GetActivityTask: StatesOperation {
    static let name = "GetActivityTask"
    static let shape: [Member] = [
        .required("activityArn", StatesShapes.arn), Member("workerName", StatesShapes.name),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await run(members, service, for: nil)
    }

    static func run(
        _ members: Item,
        _ service: StatesService,
        for client: (any ClientPresence)?
    ) async throws(RestError) -> RestReply {
        let arn = members.text("activityArn")
        let task = try await service.checked { () async throws(StatesError) in
            _ = try await service.machines.activity(arn)
            return try await service.executions.activityTask(
                arn,
                worker: members.optionalText("workerName")
            ) { client?.isGone ?? false }
        }
        guard let (token, input) = task else { return RestReply([:]) }
        return RestReply(["taskToken": .string(token), "input": .string(input)])
    }
}
