internal import ShaleItems
internal import ShaleStateMachines

// Executions that are ended, and taken up again.

/// Stops an execution.
enum StopExecution: StatesOperation {
    static let name = "StopExecution"
    static let shape =
        [.required("executionArn", StatesShapes.arn)] + StatesShapes.failure

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("executionArn")
        let stop = try await service.checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["execution"])
            return try await service.executions.stop(
                arn,
                error: members.optionalText("error"),
                cause: members.optionalText("cause")
            )
        }
        return RestReply(["stopDate": .time(stop)])
    }
}

/// Takes an execution up again that did not succeed.
///
/// The client's last token is kept with the execution: with the same one within fifteen minutes it is the same redrive.
enum RedriveExecution: StatesOperation {
    static let name = "RedriveExecution"
    static let shape: [Member] = [
        .required("executionArn", StatesShapes.arn),
        Member(
            "clientToken",
            .text(1...64, Pattern("[!-~]+") { $0.utf8.allSatisfy { 0x21...0x7E ~= $0 } })
        ),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("executionArn")
        let redriven = try await service.checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["execution"])
            let token = members.optionalText("clientToken")
            return try await service.executions.redrive(arn, token: token)
        }
        return RestReply(["redriveDate": .time(redriven)])
    }
}
