internal import ShaleFunctions
package import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers

// Groups: names under which schedules stand, with tags. They end with all their schedules.

extension Schedules {
    static func group(
        _ name: String,
        _ region: String,
        _ account: String,
        _ world: World
    ) -> Item {
        var group: Item = [
            "Name": .string(name), "State": "ACTIVE",
            "Arn": .string("arn:aws:scheduler:\(region):\(account):schedule-group/\(name)"),
        ]
        let now = Schedule.date(world.time.wallMilliseconds)
        group["CreationDate"] = now
        group["LastModificationDate"] = now
        return group
    }

    static func turn(ofGroup name: String) -> String { "group " + name }

    /// A group, as clients are told it.
    ///
    /// - Throws: `.notFound`, `.failed`.
    package func group(_ name: String) async throws(ScheduleError) -> Item {
        Self.told(try await storedGroup(name))
    }

    private func storedGroup(_ name: String) async throws(ScheduleError) -> Item {
        let group = try await stored { () async throws(DatabaseError) in
            try await self.registry.group(name)
        }
        guard let group else { throw .missing(group: name) }
        return group
    }

    private static func told(_ group: Item) -> Item {
        Item(group.filter { !$0.name.hasPrefix("#") }.map { ($0.name, $0.value) })
    }

    /// Groups whose names begin so, behind one, in order.
    ///
    /// - Throws: `.failed`.
    package func groups(
        prefix: String,
        after last: String?,
        limit: Int
    ) async throws(ScheduleError) -> [Item] {
        try await stored { () async throws(DatabaseError) in
            try await self.registry.groups(prefix: prefix, after: last, limit: limit)
        }.map(Self.told)
    }

    /// Makes a group.
    ///
    /// - Returns: Its resource name.
    /// - Throws: `.conflict`, `.quotaExceeded`, `.failed`.
    package func createGroup(
        _ name: String,
        tags: Item = [:],
        token: ClientToken? = nil
    ) async throws(ScheduleError) -> String {
        // One turn for all: the number of groups counts.
        await turns.enter(Self.turn(ofGroup: ""))
        defer { turns.leave(Self.turn(ofGroup: "")) }
        var group = Self.group(name, region, account, world)
        let resourceName = group["Arn"]?.stringValue ?? ""
        if try await isRepeated(token) { return resourceName }
        let names = try await stored { () async throws(DatabaseError) in
            try await self.registry.groups().compactMap { $0["Name"]?.stringValue }
        }
        guard !names.contains(name) else {
            throw ScheduleError(.conflict, "Schedule group \(name) already exists.")
        }
        guard names.count < ScheduleLimits.groups else {
            throw ScheduleError(
                .quotaExceeded,
                "There are \(ScheduleLimits.groups) schedule groups already."
            )
        }
        try Self.check(tags)
        group["#tags"] = .map(tags)
        var round = Round()
        round.writes.put(ScheduleRegistry.item(group: name, group), in: registry.groups)
        try await write(round, token)
        return resourceName
    }

    /// Deletes a group with its schedules.
    ///
    /// - Throws: `.notFound`, `.validation` for the default group, `.failed`.
    package func deleteGroup(
        _ name: String,
        token: ClientToken? = nil
    ) async throws(ScheduleError) {
        guard name != Self.defaultGroup else {
            throw ScheduleError(.validation, "The default schedule group cannot be deleted.")
        }
        await turns.enter(Self.turn(ofGroup: name))
        defer { turns.leave(Self.turn(ofGroup: name)) }
        if try await isRepeated(token) { return }
        _ = try await storedGroup(name)
        while true {
            let page = try await stored { () async throws(DatabaseError) in
                try await self.registry.schedules(
                    of: name,
                    limit: ScheduleLimits.deletedAtATime
                )
            }
            guard !page.isEmpty else { break }
            for schedule in page {
                let turn = Self.turn(of: schedule.group, schedule.name)
                await turns.enter(turn)
                defer { turns.leave(turn) }
                // It may have fired meanwhile, so that another timer is its own.
                let present = try await stored { () async throws(DatabaseError) in
                    try await self.registry.schedule(schedule.group, schedule.name)
                }
                if let present { try await write(deletion(of: present)) }
            }
        }
        var round = Round()
        round.writes.delete(ScheduleRegistry.key(group: name), from: registry.groups)
        try await write(round, token)
    }

    // MARK: Tags

    /// The tags of a group.
    ///
    /// - Throws: `.notFound`, `.failed`.
    package func tags(of group: String) async throws(ScheduleError) -> Item {
        try await storedGroup(group)["#tags"]?.mapValue ?? [:]
    }

    /// Adds tags to a group, and takes others away.
    ///
    /// - Throws: `.notFound`, `.validation`, `.failed`.
    package func tag(
        _ name: String,
        adding tags: Item = [:],
        removing gone: [String] = []
    ) async throws(ScheduleError) {
        await turns.enter(Self.turn(ofGroup: name))
        defer { turns.leave(Self.turn(ofGroup: name)) }
        var group = try await storedGroup(name)
        var all = group["#tags"]?.mapValue ?? [:]
        for (tag, value) in tags { all[tag] = value }
        for tag in gone { all.remove(tag) }
        try Self.check(all)
        group["#tags"] = .map(all)
        var round = Round()
        round.writes.put(ScheduleRegistry.item(group: name, group), in: registry.groups)
        try await write(round)
    }

    private static func check(_ tags: Item) throws(ScheduleError) {
        guard tags.count <= ScheduleLimits.tags else {
            throw ScheduleError(
                .validation,
                "A schedule group has at most \(ScheduleLimits.tags) tags."
            )
        }
    }
}
