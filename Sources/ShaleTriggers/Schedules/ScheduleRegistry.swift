internal import ShaleItems
package import ShaleTables

/// What schedules and groups there are: items of three system tables.
///
///     table             attribute  type  what
///     $schedules        group      S     partition key
///                       name       S     sort key
///                       fields     M     the description (`Schedule`)
///     $schedule-groups  kind       S     partition key: "group"
///                       name       S     sort key
///                       fields     M     the description, with the service's names; #tags, a map of texts
///     $schedule-tokens  token      S     partition key: what a client has sent with a request
///                       digest     S     of the request
package struct ScheduleRegistry: Sendable {
    let schedules: SystemTable
    let groups: SystemTable
    let tokens: SystemTable

    /// Opens the registry; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    package init(_ database: Database) async throws(DatabaseError) {
        schedules = try await database.systemTable(
            "$schedules",
            key: KeySchema(
                partition: KeySchema.Attribute("group", .string),
                sort: KeySchema.Attribute("name", .string)
            ),
            counting: .exactly
        )
        groups = try await database.systemTable(
            "$schedule-groups",
            key: KeySchema(
                partition: KeySchema.Attribute("kind", .string),
                sort: KeySchema.Attribute("name", .string)
            )
        )
        tokens = try await database.systemTable(
            "$schedule-tokens",
            key: KeySchema(partition: KeySchema.Attribute("token", .string))
        )
    }

    /// A schedule; nil where there is none.
    func schedule(_ group: String, _ name: String) async throws(DatabaseError) -> Schedule? {
        try await schedules.item(Self.key(group, name))?["fields"]?.mapValue.map { Schedule($0) }
    }

    /// The schedules of a group whose names begin so, behind one, in order.
    func schedules(
        of group: String,
        prefix: String = "",
        after last: String? = nil,
        limit: Int
    ) async throws(DatabaseError) -> [Schedule] {
        try await schedules.items(
            of: .string(group),
            in: Self.range(prefix, last),
            limit: limit
        ).compactMap { $0["fields"]?.mapValue.map { Schedule($0) } }
    }

    /// A group; nil where there is none.
    func group(_ name: String) async throws(DatabaseError) -> Item? {
        try await groups.item(Self.key(group: name))?["fields"]?.mapValue
    }

    /// Groups whose names begin so, behind one, in order.
    func groups(
        prefix: String = "",
        after last: String? = nil,
        limit: Int = .max
    ) async throws(DatabaseError) -> [Item] {
        try await groups.items(of: "group", in: Self.range(prefix, last), limit: limit)
            .compactMap { $0["fields"]?.mapValue }
    }

    private static func range(
        _ prefix: String,
        _ last: String?
    ) -> (from: AttributeValue?, to: AttributeValue?) {
        var from = prefix
        if let last, !last.utf8.lexicographicallyPrecedes(prefix.utf8) { from = last + "\0" }
        // Behind all that names may hold.
        return (
            from.isEmpty ? nil : .string(from), prefix.isEmpty ? nil : .string(prefix + "\u{7F}")
        )
    }

    static func key(_ group: String, _ name: String) -> Item {
        ["group": .string(group), "name": .string(name)]
    }

    static func key(group name: String) -> Item { ["kind": "group", "name": .string(name)] }

    static func item(_ schedule: Schedule) -> Item {
        var item = key(schedule.group, schedule.name)
        item["fields"] = .map(schedule.fields)
        return item
    }

    static func item(group name: String, _ fields: Item) -> Item {
        var item = key(group: name)
        item["fields"] = .map(fields)
        return item
    }
}
