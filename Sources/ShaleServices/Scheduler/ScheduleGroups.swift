internal import ShaleItems
internal import ShaleTriggers
internal import ShaleWire

// Groups of schedules.

/// Makes a group.
enum CreateScheduleGroup: SchedulerOperation {
    static let name = "CreateScheduleGroup"
    static let route = Route("POST", "/schedule-groups/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        var constraints = Constraints()
        let group = call.schedulerName(&constraints)
        let members = try call.members(
            [Member("ClientToken", SchedulerShapes.token), Member("Tags", SchedulerShapes.tags)],
            also: constraints
        )
        let token = call.token(members["ClientToken"]?.stringValue, name)
        let made = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.createGroup(group, tags: members.tags, token: token)
        }
        return RestReply(["ScheduleGroupArn": .string(made)])
    }
}

/// Describes a group.
enum GetScheduleGroup: SchedulerOperation {
    static let name = "GetScheduleGroup"
    static let route = Route("GET", "/schedule-groups/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        var constraints = Constraints()
        let name = call.schedulerName(&constraints)
        try constraints.finished()
        let group = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.group(name)
        }
        return RestReply(group)
    }
}

/// Deletes a group with its schedules.
enum DeleteScheduleGroup: SchedulerOperation {
    static let name = "DeleteScheduleGroup"
    static let route = Route("DELETE", "/schedule-groups/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        var constraints = Constraints()
        let group = call.schedulerName(&constraints)
        try constraints.finished()
        let token = call.token(call.value("clientToken"), name)
        try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.deleteGroup(group, token: token)
        }
        return RestReply([:])
    }
}

/// Lists groups in the order of their names.
enum ListScheduleGroups: SchedulerOperation {
    static let name = "ListScheduleGroups"
    static let route = Route("GET", "/schedule-groups")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let most = SchedulerShapes.mostResults
        let limit = try call.limit("MaxResults", 1...most, else: most)
        var constraints = Constraints()
        let prefix = call.schedulerName("NamePrefix", &constraints) ?? ""
        try constraints.finished()
        let last: String? =
            if let token = call.value("NextToken") { try PageToken.text(token) } else { nil }
        let groups = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.groups(prefix: prefix, after: last, limit: limit + 1)
        }
        let page = groups.prefix(limit)
        var answer: Item = ["ScheduleGroups": .list(page.map { .map($0) })]
        if groups.count > limit, let name = page.last?["Name"]?.stringValue {
            answer["NextToken"] = .string(PageToken.token(name))
        }
        return RestReply(answer)
    }
}
