internal import ShaleItems
internal import ShaleLogs

/// Lists groups in the order of their names: those that begin so, those that have this in them, or these.
enum DescribeLogGroups: LogsOperation {
    static let name = "DescribeLogGroups"

    private static let shape: [Member] = [
        Member("accountIdentifiers", .list(.text(12...12), 0...20)),
        Member("logGroupNamePrefix", LogsShapes.group),
        Member("logGroupNamePattern", .text(0...512)),
        Member("nextToken", LogsShapes.token), Member("limit", .whole(1...50)),
        Member("includeLinkedAccounts", .flag),
        Member("logGroupClass", .word(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])),
        Member("logGroupIdentifiers", .list(.text(1...2_048), 1...50)),
    ]

    static func run(
        _ call: RestCall,
        _ service: LogsService
    ) async throws(RestError) -> RestReply {
        let members = try call.members(shape)
        let limit = service.whole(members, "limit") ?? 50
        let prefix = service.text(members, "logGroupNamePrefix")
        let pattern = service.text(members, "logGroupNamePattern")
        guard prefix == nil || pattern == nil else {
            throw .logs(
                .invalid,
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
            )
        }
        let wanted = try identifiers(members, service)
        guard wanted == nil || (prefix == nil && pattern == nil) else {
            throw .logs(.invalid, "logGroupIdentifiers stands alone, without prefix and pattern.")
        }
        if let kind = service.text(members, "logGroupClass"), kind != "STANDARD" {
            return RestReply(["logGroups": []])
        }
        let last = try service.text(members, "nextToken").map(LogsToken.name)
        let answer = try await service.checked { () async throws(LogsError) in
            var found: [LogGroup]
            if wanted == nil, pattern == nil {
                found = try await service.logs.groups(
                    prefix: prefix ?? "",
                    after: last,
                    limit: limit + 1
                )
            } else {
                found = try await service.logs.groups(after: last).filter { group in
                    wanted?.contains(group.name) ?? true
                        && group.name.contains(literally: pattern ?? "")
                }
            }
            let isAll = found.count <= limit
            found = Array(found.prefix(limit))
            var told: [AttributeValue] = []
            for group in found { told.append(.map(try await service.told(group))) }
            var answer: Item = ["logGroups": .list(told)]
            if !isAll, let last = found.last {
                answer["nextToken"] = .string(LogsToken.text(name: last.name))
            }
            return answer
        }
        return RestReply(answer)
    }

    private static func identifiers(
        _ members: Item,
        _ service: LogsService
    ) throws(RestError) -> Set<String>? {
        guard let list = members["logGroupIdentifiers"]?.listValue else { return nil }
        var names: Set<String> = []
        for value in list { names.insert(try service.groupName(value.stringValue ?? "")) }
        return names
    }
}

extension LogsService {
    /// A group as lists tell it.
    fileprivate func told(_ group: LogGroup) async throws(LogsError) -> Item {
        let name = resourceName(group.name)
        var told: Item = [
            "logGroupName": .string(group.name), "arn": .string(name + ":*"),
            "logGroupArn": .string(name), "logGroupClass": "STANDARD", "metricFilterCount": 0,
            "creationTime": .number(Number(group.createdMilliseconds)),
            "storedBytes": .number(Number(try await logs.storedBytes(of: group.name))),
        ]
        if let days = group.retentionDays { told["retentionInDays"] = .number(Number(days)) }
        return told
    }
}

extension String {
    /// Whether a text stands in this one, byte by byte; the empty one does.
    func contains(literally text: String) -> Bool {
        let part = Array(text.utf8)
        guard let first = part.first else { return true }
        let bytes = Array(utf8)
        guard bytes.count >= part.count else { return false }
        for start in 0...(bytes.count - part.count) where bytes[start] == first {
            if bytes[start..<(start + part.count)].elementsEqual(part) { return true }
        }
        return false
    }
}
