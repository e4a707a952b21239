internal import ShaleFunctions
package import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers

// Making, changing and deleting schedules. Each is one record of the log: the schedule, its timer, the client's token.

extension Schedules {
    /// What one record of the log is to hold, and what follows it.
    struct Round {
        var setting: [Timer] = []
        var cancelling: [Timer.Name] = []
        var writes = SystemWrites()
        /// Called once it is written.
        var begin: [@Sendable () async -> Void] = []
    }

    /// Writes a round, and begins what it starts.
    func write(_ round: Round, _ token: ClientToken? = nil) async throws(ScheduleError) {
        var round = round
        if let token { add(token, to: &round) }
        let whole = round
        try await stored { () async throws(DatabaseError) in
            try await self.timers.write(
                setting: whole.setting,
                cancelling: whole.cancelling,
                with: whole.writes
            )
        }
        for begin in whole.begin { await begin() }
    }

    static func turn(of group: String, _ name: String) -> String { "\(group)/\(name)" }

    /// Makes a schedule.
    ///
    /// - Parameters:
    ///   - given: What the client said, with the service's names, `Name` included; checked by its shapes.
    ///   - token: What makes a repetition do nothing.
    /// - Returns: Its resource name.
    /// - Throws: `.validation`, `.notFound` for its group, `.conflict`, `.quotaExceeded`, `.failed`.
    package func create(
        _ given: Item,
        token: ClientToken? = nil
    ) async throws(ScheduleError) -> String {
        var schedule = Schedule(whole(given))
        // A group that is being deleted takes no more schedules.
        let groupTurn = Self.turn(ofGroup: schedule.group)
        await turns.enter(groupTurn)
        defer { turns.leave(groupTurn) }
        let turn = Self.turn(of: schedule.group, schedule.name)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        if try await isRepeated(token) { return schedule.resourceName }
        let now = world.time.wallMilliseconds
        schedule.fields["#identity"] = .string(database.makeUUID())
        schedule.fields["#anchor"] = .number(Number(now))
        schedule.fields["CreationDate"] = Schedule.date(now)
        schedule.fields["LastModificationDate"] = Schedule.date(now)
        let occurrences = try checked(schedule, now)
        _ = try await group(schedule.group)
        let (group, name) = (schedule.group, schedule.name)
        let present = try await stored { () async throws(DatabaseError) in
            try await self.registry.schedule(group, name)
        }
        guard present == nil else {
            throw ScheduleError(.conflict, "Schedule \(schedule.name) already exists.")
        }
        guard registry.schedules.itemCount < ScheduleLimits.schedules else {
            throw ScheduleError(
                .quotaExceeded,
                "There are \(ScheduleLimits.schedules) schedules already."
            )
        }
        // A rate without a start is due at once.
        if schedule.isEnabled { schedule.next = occurrences.next(after: now - 1) }
        try await write(round(putting: schedule), token)
        return schedule.resourceName
    }

    /// Changes a schedule: what is not given is as it were in a new one.
    ///
    /// A rate whose expression and start stay goes on counting; another counts from now on.
    ///
    /// - Returns: Its resource name.
    /// - Throws: `.validation`, `.notFound`, `.conflict` for a token, `.failed`.
    package func update(
        _ given: Item,
        token: ClientToken? = nil
    ) async throws(ScheduleError) -> String {
        var schedule = Schedule(whole(given))
        let turn = Self.turn(of: schedule.group, schedule.name)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        if try await isRepeated(token) { return schedule.resourceName }
        let present = try await self.schedule(schedule.group, schedule.name)
        let now = world.time.wallMilliseconds
        let isSame =
            present.expressionText == schedule.expressionText && present.start == schedule.start
        for name in ["#identity", "#last", "CreationDate"] {
            schedule.fields[name] = present.fields[name]
        }
        schedule.fields["#anchor"] = .number(Number(isSame ? present.anchor : now))
        schedule.fields["LastModificationDate"] = Schedule.date(now)
        let occurrences = try checked(schedule, now, present)
        if schedule.isEnabled { schedule.next = occurrences.next(after: now) }
        var round = round(putting: schedule)
        if let timer = timer(of: present) { round.cancelling.append(timer.name) }
        try await write(round, token)
        return schedule.resourceName
    }

    /// Deletes a schedule; what it has started goes on.
    ///
    /// - Throws: `.notFound`, `.conflict` for a token, `.failed`.
    package func delete(
        _ group: String,
        _ name: String,
        token: ClientToken? = nil
    ) async throws(ScheduleError) {
        let turn = Self.turn(of: group, name)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        if try await isRepeated(token) { return }
        try await write(deletion(of: try await schedule(group, name)), token)
    }

    // MARK: Pieces

    /// All members, with those that the service sets.
    private func whole(_ given: Item) -> Item {
        var fields: Item = [
            "GroupName": .string(Self.defaultGroup), "ScheduleExpressionTimezone": "UTC",
            "State": "ENABLED", "ActionAfterCompletion": "NONE",
        ]
        for (name, value) in given { fields[name] = value }
        var target = fields["Target"]?.mapValue ?? [:]
        var policy: Item = [
            "MaximumEventAgeInSeconds": .number(Number(ScheduleLimits.eventAgeSeconds)),
            "MaximumRetryAttempts": .number(Number(ScheduleLimits.retries)),
        ]
        for (name, value) in target["RetryPolicy"]?.mapValue ?? [:] { policy[name] = value }
        target["RetryPolicy"] = .map(policy)
        fields["Target"] = .map(target)
        let schedule = Schedule(fields)
        fields["Arn"] = .string(resourceName(schedule.group, schedule.name))
        return fields
    }

    /// The timer for when a schedule is due next; nil where it is not.
    func timer(of schedule: Schedule) -> Timer? {
        schedule.next.map { FiringNote(schedule, .due, scheduled: $0).timer(at: $0) }
    }

    private func round(putting schedule: Schedule) -> Round {
        var round = Round()
        round.writes.put(ScheduleRegistry.item(schedule), in: registry.schedules)
        if let timer = timer(of: schedule) { round.setting.append(timer) }
        return round
    }

    /// What deletes a schedule with its timer.
    func deletion(of schedule: Schedule) -> Round {
        var round = Round()
        round.writes.delete(
            ScheduleRegistry.key(schedule.group, schedule.name),
            from: registry.schedules
        )
        if let timer = timer(of: schedule) { round.cancelling.append(timer.name) }
        return round
    }

    /// Checks what shapes do not say; answers when the schedule is due.
    private func checked(
        _ schedule: Schedule,
        _ now: Int64,
        _ present: Schedule? = nil
    ) throws(ScheduleError) -> Occurrences {
        let occurrences = try occurrences(schedule)
        let window = schedule.fields["FlexibleTimeWindow"]?.mapValue
        let hasMinutes = window?["MaximumWindowInMinutes"] != nil
        guard hasMinutes == (window?["Mode"] == "FLEXIBLE") else {
            throw ScheduleError(
                .validation,
                hasMinutes
                    ? "MaximumWindowInMinutes cannot be specified when flexible time window mode is OFF."
                    : "MaximumWindowInMinutes must be specified when flexible time window mode is FLEXIBLE."
            )
        }
        if case .at = occurrences.expression {
        } else {
            try checkDates(schedule, now, present)
        }
        try checkTarget(schedule)
        return occurrences
    }

    private func checkDates(
        _ schedule: Schedule,
        _ now: Int64,
        _ present: Schedule?
    ) throws(ScheduleError) {
        if let start = schedule.start, start != present?.start,
            start < now - ScheduleLimits.startAgeMilliseconds
        {
            throw ScheduleError(
                .validation,
                "The StartDate you specify cannot be earlier than 5 minutes ago."
            )
        }
        guard let end = schedule.end, end != present?.end else { return }
        guard end > now else {
            throw ScheduleError(.validation, "The EndDate you specify cannot be in the past.")
        }
        guard schedule.start.map({ $0 < end }) ?? true else {
            throw ScheduleError(.validation, "The StartDate must be before the EndDate.")
        }
    }

    private func checkTarget(_ schedule: Schedule) throws(ScheduleError) {
        let name = schedule.targetName
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn", !parts[2].isEmpty else {
            throw ScheduleError(.validation, "Provided Arn is not in correct format.")
        }
        guard let target = target(of: schedule) else {
            throw ScheduleError(
                .validation,
                "The target \(name) is not supported by this server; see Docs/Schedules.md."
            )
        }
        let example = ScheduleInput(
            schedule: schedule,
            scheduled: 0,
            attempt: 0,
            identity: schedule.identity
        )
        do throws(ScheduleTargetError) {
            try target.check(input: schedule.input == nil ? nil : example.bytes)
        } catch {
            throw ScheduleError(.validation, "Invalid Input for target \(name): \(error.message)")
        }
    }
}
