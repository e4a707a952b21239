internal import ShaleItems
internal import ShaleTriggers
internal import ShaleWire

// Tags: groups have them, and schedules do not.

/// Lists the tags of a group.
enum ListScheduleTags: SchedulerOperation {
    static let name = "ListTagsForResource"
    static let route = Route("GET", "/tags/{ResourceArn}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let group = try service.taggedGroup(call)
        let tags = try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.tags(of: group)
        }
        let told = tags.map { AttributeValue.map(["Key": .string($0.name), "Value": $0.value]) }
        return RestReply(["Tags": .list(told)])
    }
}

/// Adds tags to a group.
enum TagScheduleGroup: SchedulerOperation {
    static let name = "TagResource"
    static let route = Route("POST", "/tags/{ResourceArn}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let group = try service.taggedGroup(call)
        let members = try call.members([.required("Tags", SchedulerShapes.tags)])
        try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.tag(group, adding: members.tags)
        }
        return RestReply([:])
    }
}

/// Takes tags away from a group.
enum UntagScheduleGroup: SchedulerOperation {
    static let name = "UntagResource"
    static let route = Route("DELETE", "/tags/{ResourceArn}")

    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply {
        let group = try service.taggedGroup(call)
        let gone = call.query.filter { $0.name == "TagKeys" }.map(\.value)
        try await service.checked { () async throws(ScheduleError) in
            try await service.schedules.tag(group, removing: gone)
        }
        return RestReply([:])
    }
}

extension Item {
    /// The list `Tags` of a request, by the tags' names.
    var tags: Item {
        var tags = Item()
        for tag in self["Tags"]?.listValue ?? [] {
            if let key = tag.mapValue?["Key"]?.stringValue { tags[key] = tag.mapValue?["Value"] }
        }
        return tags
    }
}

extension SchedulerService {
    /// The name of the group that a resource name in the path names.
    fileprivate func taggedGroup(_ call: RestCall) throws(RestError) -> String {
        let text = call.parameters["ResourceArn"] ?? ""
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let mark = "schedule-group/"
        guard parts.count == 6, parts[0] == "arn", parts[2] == "scheduler",
            parts[5].hasPrefix(mark), parts[5].utf8.count > mark.utf8.count
        else {
            var constraints = Constraints()
            constraints.note(
                text,
                at: "resourceArn",
                #"Member must satisfy regular expression pattern: ^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+$"#
            )
            try constraints.finished()
            return ""
        }
        let name = String(parts[5].dropFirst(mark.count))
        guard parts[3] == region, parts[4] == account else {
            throw RestError(ScheduleError(.notFound, "Schedule group \(name) does not exist."))
        }
        return name
    }
}
