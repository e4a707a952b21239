internal import ShaleItems
internal import ShaleLogs

/// Members that requests of CloudWatch Logs have in common.
enum LogsShapes {
    static let group: Shape = .text(1...512, Patterns.logGroup)
    static let stream: Shape = .text(1...512, streamPattern)
    static let token: Shape = .text(1...2_048)
    static let time: Shape = .whole(0...Int.max)
    static let tags: Shape = .map(.text(0...256), 1...50)
    static let tagKeys: Shape = .list(.text(1...128), 0...50)
    static let resource: Shape = .text(1...1_011)

    private static let streamPattern = Pattern("[^:*]*") { text in
        text.utf8.allSatisfy { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "*") }
    }

    /// A group by its name or by its identifier, which is the name or the resource name.
    static let either: [Member] = [
        Member("logGroupName", group), Member("logGroupIdentifier", .text(1...2_048)),
    ]
}

extension LogsService {
    /// The group that one of two members names.
    func group(_ members: Item) throws(RestError) -> String {
        switch (text(members, "logGroupName"), text(members, "logGroupIdentifier")) {
        case (let name?, nil): return name
        case (nil, let identifier?): return try groupName(identifier)
        case (nil, nil):
            throw .logs(.invalid, "Either logGroupName or logGroupIdentifier must be given.")
        case (_?, _?):
            throw .logs(.invalid, "logGroupName and logGroupIdentifier cannot both be given.")
        }
    }

    /// A text that may be left out.
    func text(_ members: Item, _ name: String) -> String? { members[name]?.stringValue }

    /// A whole number that may be left out.
    func whole(_ members: Item, _ name: String) -> Int? { members[name]?.numberValue?.intValue }

    /// Tags, by their names.
    func tags(_ members: Item) -> [String: String] {
        var tags: [String: String] = [:]
        for tag in members["tags"]?.mapValue ?? [:] { tags[tag.name] = tag.value.stringValue }
        return tags
    }
}
