internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleStates

// Runs of distributed Maps: listed, described, changed.

/// Lists the Map runs of an execution.
enum ListMapRuns: StatesOperation {
    static let name = "ListMapRuns"
    static let shape = [.required("executionArn", StatesShapes.arn)] + StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("executionArn")
        let page = try StatesPage("mapRuns", of: arn, members)
        let (machine, found) = try await service.checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["execution"])
            let machine = try await service.executions.describe(arn).machineARN
            return (machine, try await service.executions.listMapRuns(arn))
        }
        let rest = found.filter { run in page.last.map { $0 < run.arn } ?? true }
        return page.reply(rest, \.arn) { run in
            var told: Item = [
                "executionArn": .string(arn), "mapRunArn": .string(run.arn),
                "stateMachineArn": .string(machine), "startDate": .time(run.startMilliseconds),
            ]
            told["stopDate"] = run.stopMilliseconds.map { .time($0) }
            return told
        }
    }
}

/// Tells how a Map run stands.
enum DescribeMapRun: StatesOperation {
    static let name = "DescribeMapRun"
    static let shape: [Member] = [.required("mapRunArn", StatesShapes.longARN)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("mapRunArn")
        let (run, children, items, planned) = try await service.checked {
            () async throws(StatesError) in
            try StatesARN.require(arn, ["mapRun"])
            let (run, children, items) = try await service.executions.describeMapRun(arn)
            return (run, children, items, try await service.executions.childCount(of: run))
        }
        let total = max(children.total, planned ?? 0)
        var answer: Item = [
            "mapRunArn": .string(arn), "status": .string(run.status.rawValue),
            "executionArn": .string(service.executions.parent(of: run)),
            "startDate": .time(run.startMilliseconds),
            "maxConcurrency": .number(Number(run.limits.maxConcurrency)),
            "toleratedFailureCount": .number(Number(run.limits.toleratedCount ?? 0)),
            "toleratedFailurePercentage": .percentage(run.limits.toleratedPercentage ?? 0),
            "redriveCount": .number(Number(run.redriveCount)),
            "itemCounts": told(items, total: run.items, run),
            "executionCounts": told(children, total: total, run),
        ]
        answer["stopDate"] = run.stopMilliseconds.map { .time($0) }
        answer["redriveDate"] = run.redriveMilliseconds.map { .time($0) }
        return RestReply(answer)
    }

    private static func told(
        _ counts: MapRunCounts,
        total: Int,
        _ run: MapRunRecord
    ) -> AttributeValue {
        func number(_ status: ExecutionStatus) -> AttributeValue {
            .number(Number(counts.byStatus[status] ?? 0))
        }
        return .map([
            "pending": .number(Number(max(0, total - counts.total))),
            "running": number(.running),
            "succeeded": number(.succeeded), "failed": number(.failed),
            "timedOut": number(.timedOut), "aborted": number(.aborted),
            "total": .number(Number(total)),
            "resultsWritten": .number(Number(run.hasWritten ? total : 0)),
            "failuresNotRedrivable": 0,
            "pendingRedrive": 0,
        ])
    }
}

/// Changes what a Map run keeps to.
enum UpdateMapRun: StatesOperation {
    static let name = "UpdateMapRun"
    static let shape: [Member] = [
        .required("mapRunArn", StatesShapes.longARN),
        Member("maxConcurrency", .whole(0...Int.max)),
        Member("toleratedFailurePercentage", .decimal(0...100)),
        Member("toleratedFailureCount", .whole(0...Int.max)),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let arn = members.text("mapRunArn")
        try await service.checked { () async throws(StatesError) in
            try StatesARN.require(arn, ["mapRun"])
            try await service.executions.updateMapRun(
                arn,
                maxConcurrency: members["maxConcurrency"]?.numberValue?.intValue,
                toleratedCount: members["toleratedFailureCount"]?.numberValue?.intValue,
                toleratedPercentage: members["toleratedFailurePercentage"]?.numberValue
                    .flatMap { Double($0.description) }
            )
        }
        return RestReply([:])
    }
}
