internal import ShaleItems
internal import ShaleStateMachines

// Activities: names that workers ask for tasks of.

/// Makes an activity.
enum CreateActivity: StatesOperation {
    static let name = "CreateActivity"
    static let shape: [Member] = [
        .required("name", StatesShapes.name), Member("tags", StatesShapes.tags),
        StatesShapes.encryption,
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try service.requireOwnedKey(members)
        let activity = try await service.checked { () async throws(StatesError) in
            try await service.machines.createActivity(
                members.text("name"),
                tags: service.tags(members)
            )
        }
        return RestReply([
            "activityArn": .string(service.machines.resourceName(activity: activity.name)),
            "creationDate": .time(activity.createdMilliseconds),
        ])
    }
}

/// Tells what an activity is.
enum DescribeActivity: StatesOperation {
    static let name = "DescribeActivity"
    static let shape: [Member] = [.required("activityArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let activity = try await service.checked { () async throws(StatesError) in
            try await service.machines.activity(members.text("activityArn"))
        }
        var answer = service.told(activity)
        answer["encryptionConfiguration"] = StatesService.encryption
        return RestReply(answer)
    }
}

/// Lists activities in the order of their names.
enum ListActivities: StatesOperation {
    static let name = "ListActivities"
    static let shape = StatesShapes.page

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let page = try StatesPage("activities", members)
        let found = try await service.checked { () async throws(StatesError) in
            try await service.machines.activities(after: page.last, limit: page.limit + 1)
        }
        return page.reply(found, \.name, service.told)
    }
}

/// Deletes an activity.
enum DeleteActivity: StatesOperation {
    static let name = "DeleteActivity"
    static let shape: [Member] = [.required("activityArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.machines.deleteActivity(members.text("activityArn"))
        }
        return RestReply([:])
    }
}

extension StatesService {
    fileprivate func told(_ activity: Activity) -> Item {
        [
            "activityArn": .string(machines.resourceName(activity: activity.name)),
            "name": .string(activity.name),
            "creationDate": .time(activity.createdMilliseconds),
        ]
    }
}
