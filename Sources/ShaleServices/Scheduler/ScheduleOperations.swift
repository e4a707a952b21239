internal import ShaleItems
internal import ShaleTriggers
internal import ShaleWire

// One schedule: making, reading, changing, deleting.

/// Makes a schedule.
enum CreateSchedule: SchedulerOperation {
    static let name = "CreateSchedule"
    static let route = Route("POST", "/schedules/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let (fields, token) = try ScheduleMembers.read(call, name)
        let made = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.create(fields, token: token)
        }
        return RestReply(["ScheduleArn": .string(made)])
    }
}

/// Changes a schedule: what is not given is as in a new one.
enum UpdateSchedule: SchedulerOperation {
    static let name = "UpdateSchedule"
    static let route = Route("PUT", "/schedules/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let (fields, token) = try ScheduleMembers.read(call, name)
        let changed = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.update(fields, token: token)
        }
        return RestReply(["ScheduleArn": .string(changed)])
    }
}

/// Describes a schedule.
enum GetSchedule: SchedulerOperation {
    static let name = "GetSchedule"
    static let route = Route("GET", "/schedules/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let (group, name) = try call.schedule()
        let schedule = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.schedule(group, name)
        }
        return RestReply(schedule.told)
    }
}

/// Deletes a schedule.
enum DeleteSchedule: SchedulerOperation {
    static let name = "DeleteSchedule"
    static let route = Route("DELETE", "/schedules/{Name}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let (group, scheduleName) = try call.schedule()
        let token = call.token(call.value("clientToken"), name)
        try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.delete(group, scheduleName, token: token)
        }
        return RestReply([:])
    }
}

extension RestCall {
    /// The group and the name of the schedule that a request without a body is about.
    fileprivate func schedule() throws(RestError) -> (group: String, name: String) {
        var constraints = Constraints()
        let name = schedulerName(&constraints)
        let group = schedulerName("groupName", &constraints)
        try constraints.finished()
        return (group ?? Schedules.defaultGroup, name)
    }
}

/// Lists schedules in the order of their groups and names.
enum ListSchedules: SchedulerOperation {
    static let name = "ListSchedules"
    static let route = Route("GET", "/schedules")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let most = SchedulerShapes.mostResults
        let limit = try call.limit("MaxResults", 1...most, else: most)
        var constraints = Constraints()
        var wanted = Schedules.Wanted()
        wanted.group = call.schedulerName("ScheduleGroup", &constraints)
        wanted.prefix = call.schedulerName("NamePrefix", &constraints) ?? ""
        wanted.state = call.value("State")
        if let state = wanted.state, !["ENABLED", "DISABLED"].contains(state) {
            constraints.note(
                state,
                at: "state",
                "Member must satisfy enum value set: [ENABLED, DISABLED]"
            )
        }
        try constraints.finished()
        if let token = call.value("NextToken") {
            let parts = try PageToken.text(token).split(separator: "/").map(String.init)
            guard parts.count == 2 else { throw PageToken.invalid }
            wanted.after = (parts[0], parts[1])
        }
        let asked = wanted
        let (found, hasMore) = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.schedules(asked, limit: limit)
        }
        var answer: Item = ["Schedules": .list(found.map { .map($0.listed) })]
        if hasMore, let last = found.last {
            answer["NextToken"] = .string(PageToken.token("\(last.group)/\(last.name)"))
        }
        return RestReply(answer)
    }
}

/// Where a list goes on: names, which clients are to pass on as they are.
enum PageToken {
    static let invalid = RestError("ValidationException", 400, "Invalid NextToken.")

    static func token(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

    static func text(_ token: String) throws(RestError) -> String {
        do throws(WireError) {
            return String(decoding: try Base64.decode(token), as: UTF8.self)
        } catch {
            throw invalid
        }
    }
}
