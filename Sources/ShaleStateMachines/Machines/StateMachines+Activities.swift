internal import ShaleEngine
package import ShaleItems
internal import ShaleTables
internal import Synchronization

/// How activities stand in the system table `$activities`.
///
///     kind     S  partition key: "activity"
///     name     S  sort key
///     created  N  milliseconds since 1970-01-01 UTC
///     tags     M  texts by name; absent where there are none
enum ActivityFormat {
    static let table = "$activities"
    static let key = KeySchema(
        partition: KeySchema.Attribute("kind", .string),
        sort: KeySchema.Attribute("name", .string)
    )
    static let kind: AttributeValue = "activity"

    static func key(_ name: String) -> Item { ["kind": kind, "name": .string(name)] }
}

/// What workers ask for tasks of.
package struct Activity: Sendable, Equatable {
    package let name: String
    /// Milliseconds since 1970-01-01 UTC.
    package let createdMilliseconds: Int64
    var tags: Item = [:]

    init(name: String, createdMilliseconds: Int64, tags: Item = [:]) {
        self.name = name
        self.createdMilliseconds = createdMilliseconds
        self.tags = tags
    }

    init?(_ item: Item) {
        guard let name = item["name"]?.stringValue,
            let created = MachineFormat.number(item["created"])
        else { return nil }
        self.init(name: name, createdMilliseconds: created, tags: item["tags"]?.mapValue ?? [:])
    }

    var item: Item {
        var item = ActivityFormat.key(name)
        item["created"] = .number(Number(createdMilliseconds))
        if !tags.isEmpty { item["tags"] = .map(tags) }
        return item
    }
}

// Activities: names that workers ask for tasks of.

extension StateMachines {
    /// The resource name of an activity.
    package func resourceName(activity: String) -> String {
        "arn:aws:states:\(region):\(account):activity:\(activity)"
    }

    /// Makes an activity; one of that name that is there is the answer, whatever its tags.
    ///
    /// - Throws: `.invalidName`, `.tooManyTags`, `.activityLimitExceeded`, `.failed`.
    @discardableResult
    package func createActivity(
        _ name: String,
        tags: Item = [:]
    ) async throws(StatesError) -> Activity {
        try StatesName.check(name)
        try Self.checkTags(tags, of: resourceName(activity: name))
        await turn.take()
        defer { turn.give() }
        if let present = try await activity(named: name) { return present }
        try await requireRoomForActivity()
        let activity = Activity(name: name, createdMilliseconds: now, tags: tags)
        try await put(activity)
        counts.withLock { $0.activities = $0.activities.map { $0 + 1 } }
        return activity
    }

    /// The activity of a resource name.
    ///
    /// - Throws: `.activityDoesNotExist`, `.invalidArn`, `.failed`.
    package func activity(_ arn: String) async throws(StatesError) -> Activity {
        guard let activity = try await found(arn) else {
            throw StatesError(
                .activityDoesNotExist,
                "Activity Does Not Exist: '\(arn.prefix(256))'"
            )
        }
        return activity
    }

    /// Whether there is an activity of a resource name.
    ///
    /// - Throws: `.invalidArn`, `.failed`.
    package func activityExists(_ arn: String) async throws(StatesError) -> Bool {
        try await found(arn) != nil
    }

    /// Deletes an activity; one that is not there is no error.
    ///
    /// - Throws: `.invalidArn`, `.failed`.
    package func deleteActivity(_ arn: String) async throws(StatesError) {
        await turn.take()
        defer { turn.give() }
        guard let activity = try await found(arn) else { return }
        try await stored { () async throws(DatabaseError) in
            try await activityTable.write(deleting: [ActivityFormat.key(activity.name)])
        }
        counts.withLock { $0.activities = $0.activities.map { $0 - 1 } }
    }

    /// The activities behind one, in the order of their names.
    ///
    /// - Throws: `.failed`.
    package func activities(
        after last: String? = nil,
        limit: Int = .max
    ) async throws(StatesError) -> [Activity] {
        let from: AttributeValue? = last.map { .string($0 + "\u{0}") }
        let items = try await stored { () async throws(DatabaseError) in
            try await activityTable.items(
                of: ActivityFormat.kind,
                in: (from: from, to: nil),
                limit: limit
            )
        }
        return items.compactMap(Activity.init)
    }

    private func requireRoomForActivity() async throws(StatesError) {
        var known = counts.withLock { $0.activities }
        if known == nil {
            known = try await activities().count
            let counted = known
            counts.withLock { $0.activities = counted }
        }
        guard let known, known < StatesLimits.activities else {
            throw StatesError(
                .activityLimitExceeded,
                "There are \(StatesLimits.activities) activities, which is the limit."
            )
        }
    }

    func put(_ activity: Activity) async throws(StatesError) {
        try await stored { () async throws(DatabaseError) in
            try await activityTable.write(putting: [activity.item])
        }
    }

    private func found(_ arn: String) async throws(StatesError) -> Activity? {
        let name = try StatesARN(arn, [.activity])
        guard name.region == region, name.account == account else { return nil }
        return try await activity(named: name.name)
    }

    func activity(named name: String) async throws(StatesError) -> Activity? {
        let item = try await stored { () async throws(DatabaseError) in
            try await activityTable.item(ActivityFormat.key(name))
        }
        return item.flatMap(Activity.init)
    }
}
