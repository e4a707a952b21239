internal import ShaleTables
internal import ShaleWire

/// Lists of what is never there: always empty.
enum AbsentLists {
    private static let token = AbsentShape.Rule.text(0...Int.max)
    private static let resourceName = AbsentShape.Rule.text(1...1_024)

    /// By operation: the member of the response that is an empty list, and what a request may say.
    private static let lists: [(operation: String, member: String, shape: AbsentShape)] = [
        (
            "ListContributorInsights", "ContributorInsightsSummaries",
            AbsentShape(members: [
                "TableName": .table, "NextToken": token, "MaxResults": .number(Int.min...100),
            ])
        ),
        (
            "ListGlobalTables", "GlobalTables",
            AbsentShape(members: [
                "ExclusiveStartGlobalTableName": .table, "RegionName": token,
                "Limit": .number(1...Int(Int32.max)),
            ])
        ),
    ]

    static let operations: [String: AbsentFeatures.Run] = {
        var operations: [String: AbsentFeatures.Run] = [:]
        for (operation, member, shape) in lists { operations[operation] = empty(member, shape) }
        return operations
    }()

    private static func empty(_ member: String, _ shape: AbsentShape) -> AbsentFeatures.Run {
        { (body, _) throws(WireError) in
            _ = try shape.read(body.array)
            var writer = JSONWriter()
            writer.beginObject()
            writer.name(member)
            writer.beginArray()
            writer.endArray()
            writer.endObject()
            return writer.bytes
        }
    }
}
