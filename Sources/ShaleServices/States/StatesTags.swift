internal import ShaleItems
internal import ShaleStateMachines

// Tags of state machines and of activities.

/// Adds tags.
enum TagStatesResource: StatesOperation {
    static let name = "TagResource"
    static let shape: [Member] = [
        .required("resourceArn", StatesShapes.arn), .required("tags", StatesShapes.tags),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.machines.tag(
                members.text("resourceArn"),
                adding: service.tags(members)
            )
        }
        return RestReply([:])
    }
}

/// Takes tags away.
enum UntagStatesResource: StatesOperation {
    static let name = "UntagResource"
    static let shape: [Member] = [
        .required("resourceArn", StatesShapes.arn), .required("tagKeys", StatesShapes.tagKeys),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        try await service.checked { () async throws(StatesError) in
            try await service.machines.tag(
                members.text("resourceArn"),
                removing: members["tagKeys"]?.listValue?.compactMap(\.stringValue) ?? []
            )
        }
        return RestReply([:])
    }
}

/// Lists tags.
enum ListStatesTags: StatesOperation {
    static let name = "ListTagsForResource"
    static let shape: [Member] = [.required("resourceArn", StatesShapes.arn)]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let tags = try await service.checked { () async throws(StatesError) in
            try await service.machines.tags(of: members.text("resourceArn"))
        }
        let told = tags.map { tag in
            AttributeValue.map(["key": .string(tag.name), "value": tag.value])
        }
        return RestReply(["tags": .list(told)])
    }
}
