internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleStates

/// Lists executions of a state machine, of a version or alias of it, or of a Map run: the latest first.
enum ListExecutions: StatesOperation {
    static let name = "ListExecutions"
    static let shape: [Member] = [
        Member("stateMachineArn", StatesShapes.arn), Member("mapRunArn", StatesShapes.longARN),
        Member(
            "statusFilter",
            .word([
                "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING",
            ])
        ), Member("redriveFilter", .word(["REDRIVEN", "NOT_REDRIVEN"])),
        Member("maxResults", .whole(0...1_000)), Member("nextToken", .text(1...3_096)),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let owner = members.optionalText("stateMachineArn") ?? members.optionalText("mapRunArn")
        let page = try StatesPage("executions", of: owner ?? "", members)
        let place = try await service.place(of: members)
        let status = members.optionalText("statusFilter")
        let isRedriven = members.optionalText("redriveFilter").map { $0 == "REDRIVEN" }
        if status == "PENDING_REDRIVE", members.optionalText("stateMachineArn") != nil {
            throw RestError(
                "ValidationException",
                400,
                "PENDING_REDRIVE is for the executions of a Map run: give a mapRunArn"
            )
        }
        let (found, next) = try await service.checked { () async throws(StatesError) in
            try await service.executions.list(
                place.group,
                where: { execution in
                    (status.map { $0 == execution.status.rawValue } ?? true)
                        && (isRedriven.map { $0 == (execution.redriveCount > 0) } ?? true)
                        && place.holds(execution)
                },
                limit: page.limit,
                after: page.last
            )
        }
        var answer: Item = [
            page.list: .list(found.map { .map(told($0, members, place.machineARN)) })
        ]
        if let next { answer["nextToken"] = .string(page.token(behind: next)) }
        return RestReply(answer)
    }

    private static func told(
        _ execution: ExecutionListing,
        _ members: Item,
        _ machine: String
    ) -> Item {
        var told: Item = [
            "executionArn": .string(execution.arn), "name": .string(execution.name),
            "stateMachineArn": .string(machine), "status": .string(execution.status.rawValue),
            "startDate": .time(execution.startMilliseconds),
            "redriveCount": .number(Number(execution.redriveCount)),
        ]
        told["stopDate"] = execution.stopMilliseconds.map { .time($0) }
        told["redriveDate"] = execution.redriveMilliseconds.map { .time($0) }
        told.set("stateMachineVersionArn", execution.versionARN)
        told.set("stateMachineAliasArn", execution.aliasARN)
        told.set("mapRunArn", members.optionalText("mapRunArn"))
        return told
    }
}

/// Whose executions are listed.
private struct ListedPlace: Sendable {
    /// As `Executions.list` knows it.
    var group: String
    var machineARN: String
    /// Of a version or an alias; nil is all of the machine.
    var qualifiedARN: String?

    func holds(_ execution: ExecutionListing) -> Bool {
        guard let qualifiedARN else { return true }
        return execution.versionARN == qualifiedARN || execution.aliasARN == qualifiedARN
    }
}

extension StatesService {
    fileprivate func place(of members: Item) async throws(RestError) -> ListedPlace {
        switch (members.optionalText("stateMachineArn"), members.optionalText("mapRunArn")) {
        case (let arn?, nil):
            let machine = try await checked { () async throws(StatesError) in
                try await machines.owner(of: arn)
            }
            guard machine.kind == .standard else {
                throw .states(
                    .stateMachineTypeNotSupported,
                    "This operation is not supported by this type of state machine"
                )
            }
            let machineARN = machines.resourceName(machine.name)
            return ListedPlace(
                group: machine.group,
                machineARN: machineARN,
                qualifiedARN: arn == machineARN ? nil : arn
            )
        case (nil, let arn?):
            let name = try await checked { () async throws(StatesError) in
                try StatesARN.require(arn, ["mapRun"])
                return arn.split(separator: ":")[6].split(separator: "/").first.map(String.init)
            }
            return ListedPlace(group: arn, machineARN: machines.resourceName(name ?? ""))
        case (nil, nil), (_?, _?):
            throw .states(
                .validation,
                "Exactly one of stateMachineArn and mapRunArn must be given."
            )
        }
    }
}
