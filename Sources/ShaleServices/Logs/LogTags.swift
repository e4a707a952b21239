internal import ShaleItems
internal import ShaleLogs

// Tags of groups, by two generations of operations: resource names, and names.

/// Adds tags to the group of a resource name.
enum TagLogResource: LogsOperation {
    static let name = "TagResource"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([
            .required("resourceArn", LogsShapes.resource), .required("tags", LogsShapes.tags),
        ])
        try await service.tag(try service.tagged(members), adding: service.tags(members))
        return RestReply()
    }
}

/// Takes tags away from the group of a resource name.
enum UntagLogResource: LogsOperation {
    static let name = "UntagResource"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([
            .required("resourceArn", LogsShapes.resource),
            .required("tagKeys", LogsShapes.tagKeys),
        ])
        try await service.tag(try service.tagged(members), removing: members["tagKeys"])
        return RestReply()
    }
}

/// Lists the tags of the group of a resource name.
enum ListLogTags: LogsOperation {
    static let name = "ListTagsForResource"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([.required("resourceArn", LogsShapes.resource)])
        return try await service.tags(of: try service.tagged(members))
    }
}

/// Adds tags to a group.
enum TagLogGroup: LogsOperation {
    static let name = "TagLogGroup"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([
            .required("logGroupName", LogsShapes.group), .required("tags", LogsShapes.tags),
        ])
        let name = service.text(members, "logGroupName") ?? ""
        try await service.tag(name, adding: service.tags(members))
        return RestReply()
    }
}

/// Takes tags away from a group.
enum UntagLogGroup: LogsOperation {
    static let name = "UntagLogGroup"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([
            .required("logGroupName", LogsShapes.group), .required("tags", LogsShapes.tagKeys),
        ])
        let name = service.text(members, "logGroupName") ?? ""
        try await service.tag(name, removing: members["tags"])
        return RestReply()
    }
}

/// Lists the tags of a group.
enum ListTagsLogGroup: LogsOperation {
    static let name = "ListTagsLogGroup"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([.required("logGroupName", LogsShapes.group)])
        return try await service.tags(of: service.text(members, "logGroupName") ?? "")
    }
}

extension LogsService {
    /// The group of a resource name.
    fileprivate func tagged(_ members: Item) throws(RestError) -> String {
        let text = text(members, "resourceArn") ?? ""
        guard text.hasPrefix("arn:") else {
            throw .logs(.invalid, "\(text.prefix(256)) is no resource name of a log group.")
        }
        return try groupName(text)
    }

    fileprivate func tag(
        _ group: String,
        adding new: [String: String] = [:],
        removing gone: AttributeValue? = nil
    ) async throws(RestError) {
        let names = gone?.listValue?.compactMap(\.stringValue) ?? []
        try await checked { () async throws(LogsError) in
            try await logs.changeGroup(group) { group in
                for name in names { group.tags[name] = nil }
                group.tags.merge(new) { $1 }
            }
        }
    }

    fileprivate func tags(of name: String) async throws(RestError) -> RestReply {
        let group = try await checked { () async throws(LogsError) in
            try await logs.group(name)
        }
        let tags = group.tags.map { ($0.key, AttributeValue.string($0.value)) }
        return RestReply(["tags": .map(Item(tags))])
    }
}
