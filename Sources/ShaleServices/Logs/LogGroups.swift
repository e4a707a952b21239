internal import ShaleItems
internal import ShaleLogs

// Groups: made, deleted, listed, and for how long their lines are kept.

/// Makes a group.
enum CreateLogGroup: LogsOperation {
    static let name = "CreateLogGroup"

    private static let shape: [Member] = [
        .required("logGroupName", LogsShapes.group), Member("kmsKeyId", .text(0...256)),
        Member("tags", LogsShapes.tags),
        Member("logGroupClass", .word(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])),
        Member("deletionProtectionEnabled", .flag),
    ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        guard members["kmsKeyId"] == nil else { throw .absentOfLogs("A key of encryption") }
        if let kind = service.text(members, "logGroupClass"), kind != "STANDARD" {
            throw .absentOfLogs("The log group class \(kind)")
        }
        guard members["deletionProtectionEnabled"]?.boolValue != true else {
            throw .absentOfLogs("Protection of log groups from deletion")
        }
        let name = service.text(members, "logGroupName") ?? ""
        try await service.checked { () async throws(LogsError) in
            try await service.logs.createGroup(name, tags: service.tags(members))
        }
        return RestReply()
    }
}

/// Deletes a group with all that is in it.
enum DeleteLogGroup: LogsOperation {
    static let name = "DeleteLogGroup"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([.required("logGroupName", LogsShapes.group)])
        try await service.checked { () async throws(LogsError) in
            try await service.logs.deleteGroup(service.text(members, "logGroupName") ?? "")
        }
        return RestReply()
    }
}

/// Says for how many days lines are kept.
enum PutRetentionPolicy: LogsOperation {
    static let name = "PutRetentionPolicy"

    private static let shape: [Member] = [
        .required("logGroupName", LogsShapes.group),
        .required("retentionInDays", .whole(Int.min...Int.max)),
    ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        try await service.checked { () async throws(LogsError) in
            try await service.logs.changeGroup(service.text(members, "logGroupName") ?? "") {
                $0.retentionDays = service.whole(members, "retentionInDays")
            }
        }
        return RestReply()
    }
}

/// Says that lines are kept for ever.
enum DeleteRetentionPolicy: LogsOperation {
    static let name = "DeleteRetentionPolicy"

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members([.required("logGroupName", LogsShapes.group)])
        try await service.checked { () async throws(LogsError) in
            try await service.logs.changeGroup(service.text(members, "logGroupName") ?? "") {
                $0.retentionDays = nil
            }
        }
        return RestReply()
    }
}
