internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleStates

/// Tells what an execution is, was given and has answered.
enum DescribeExecution: StatesOperation {
    static let name = "DescribeExecution"
    static let shape: [Member] = [
        .required("executionArn", StatesShapes.arn), StatesShapes.included,
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let execution = try await service.execution(members)
        var answer = service.told(execution, members)
        answer.set("stateMachineVersionArn", execution.versionARN)
        answer.set("stateMachineAliasArn", execution.aliasARN)
        answer.set("mapRunArn", execution.mapRunARN)
        answer["redriveCount"] = .number(Number(execution.redriveCount))
        answer["redriveDate"] = execution.redriveMilliseconds.map { .time($0) }
        answer["redriveStatus"] = .string(execution.redriveStatus)
        answer.set("redriveStatusReason", execution.redriveObstacle)
        return RestReply(answer)
    }
}

/// Tells the state machine as it was when an execution of it began.
enum DescribeStateMachineForExecution: StatesOperation {
    static let name = "DescribeStateMachineForExecution"
    static let shape = DescribeExecution.shape

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let execution = try await service.execution(members)
        let (machine, revision) = try await service.checked { () async throws(StatesError) in
            let machine = try StatesARN(execution.machineARN).name
            return (
                machine, try await service.machines.revision(execution.revision, of: machine)
            )
        }
        var answer = service.told(machine, revision, members)
        answer["stateMachineArn"] = .string(execution.machineARN)
        answer["updateDate"] = .time(revision.createdMilliseconds)
        answer.set("mapRunArn", execution.mapRunARN)
        // Children of a distributed Map are those of `MACHINE/LABEL`.
        if let run = execution.mapRunARN {
            let name = run.split(separator: ":").dropFirst(6).first ?? ""
            answer.set("label", name.split(separator: "/").dropFirst().first.map(String.init))
        }
        return RestReply(answer)
    }
}

extension StatesService {
    /// The execution of a STANDARD machine that a request names.
    func execution(_ members: Item) async throws(RestError) -> ExecutionDescription {
        let arn = members.text("executionArn")
        return try await checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["execution"])
            return try await executions.describe(arn)
        }
    }

    /// What is told of an execution whether somebody has waited for it or not.
    func told(_ execution: ExecutionDescription, _ members: Item) -> Item {
        let isWhole = members.text("includedData") != "METADATA_ONLY"
        let details: AttributeValue = .map(["included": .bool(isWhole)])
        var told: Item = [
            "executionArn": .string(execution.arn),
            "stateMachineArn": .string(execution.machineARN), "name": .string(execution.name),
            "status": .string(execution.status.rawValue),
            "startDate": .time(execution.startMilliseconds), "inputDetails": details,
        ]
        told["stopDate"] = execution.stopMilliseconds.map { .time($0) }
        told.set("error", execution.error)
        told.set("cause", execution.cause)
        told.set("traceHeader", execution.traceHeader)
        if isWhole { told.set("input", execution.input) }
        if let output = execution.output {
            told["outputDetails"] = details
            if isWhole { told["output"] = .string(output) }
        }
        return told
    }
}
