internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers

// A schedule's timer has come. What it starts, when it is due next and that timer are one record of the log.

extension Schedules {
    /// Does what a timer tells.
    func told(_ timer: Timer) async -> Timers.Answer {
        guard let note = FiringNote(timer.note) else { return .handled }
        let turn = Self.turn(of: note.group, note.name)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        do throws(ScheduleError) {
            let schedule = try await stored { () async throws(DatabaseError) in
                try await self.registry.schedule(note.group, note.name)
            }
            // Deleted, made anew, or switched off meanwhile.
            guard let schedule, schedule.identity == note.identity, schedule.isEnabled else {
                return .handled
            }
            if note.kind == .due, schedule.next != note.scheduled { return .handled }
            guard let target = target(of: schedule) else {
                report(
                    "The schedule \(note.group)/\(note.name) waits: this server runs no "
                        + "\(schedule.targetName). A function needs a server without --no-functions, and "
                        + "each target the server's region and account."
                )
                return .again(after: ScheduleLimits.absenceMilliseconds)
            }
            var round = Round()
            round.cancelling.append(timer.name)
            switch note.kind {
            case .due: try await comesDue(schedule, target, &round)
            case .fires: try await fires(schedule, target, note, &round)
            }
            try await write(round)
            return .deleted
        } catch {
            report("The schedule \(note.group)/\(note.name) waits: \(error.message)")
            return .again(after: ScheduleLimits.failureMilliseconds)
        }
    }

    /// Notes when a schedule is due next, and fires it.
    ///
    /// Of all the times that have passed since it was due, as while the server was down, the last one counts.
    private func comesDue(
        _ schedule: Schedule,
        _ target: any ScheduleTarget,
        _ round: inout Round
    ) async throws(ScheduleError) {
        guard let due = schedule.next else { return }
        let now = world.time.wallMilliseconds
        let occurrences = try occurrences(schedule)
        let scheduled = occurrences.last(after: due, notAfter: now) ?? due
        var changed = schedule
        changed.last = scheduled
        changed.next = occurrences.next(after: scheduled)
        if let next = timer(of: changed) { round.setting.append(next) }
        var isOver = true
        if now - scheduled > schedule.retryRules.ageMilliseconds {
            report("\(schedule.resourceName) was due too long ago to be fired: \(scheduled) ms.")
        } else {
            let note = FiringNote(schedule, .fires, scheduled: scheduled)
            let time = scheduled + offset(within: schedule.windowMilliseconds)
            if time > now {
                round.setting.append(note.timer(at: time))
                isOver = false
            } else {
                isOver = try await start(changed, target, note, &round)
            }
        }
        if isOver, isComplete(changed, scheduled) {
            round.writes.append(deletion(of: changed).writes)
        } else {
            round.writes.put(ScheduleRegistry.item(changed), in: registry.schedules)
        }
    }

    /// What runs what a schedule names; nil where this server does not.
    func target(of schedule: Schedule) -> (any ScheduleTarget)? {
        targets.first { $0.isNamed(by: schedule.targetName) }
    }

    /// Any moment of a window, each as likely.
    private func offset(within milliseconds: Int64) -> Int64 {
        guard milliseconds > 0 else { return 0 }
        return Int64(world.randomness.next() % UInt64(milliseconds))
    }

    /// Fires a schedule that was due.
    private func fires(
        _ schedule: Schedule,
        _ target: any ScheduleTarget,
        _ note: FiringNote,
        _ round: inout Round
    ) async throws(ScheduleError) {
        guard try await start(schedule, target, note, &round),
            isComplete(schedule, note.scheduled)
        else { return }
        round.writes.append(deletion(of: schedule).writes)
    }

    /// Whether a schedule ends with the firing of a time.
    private func isComplete(_ schedule: Schedule, _ scheduled: Int64) -> Bool {
        schedule.endsWithItself && schedule.next == nil && schedule.last == scheduled
    }

    /// Starts a schedule's target, or sets a timer for the next attempt; answers whether there is none.
    private func start(
        _ schedule: Schedule,
        _ target: any ScheduleTarget,
        _ note: FiringNote,
        _ round: inout Round
    ) async throws(ScheduleError) -> Bool {
        let identity = database.makeUUID()
        let input = ScheduleInput(
            schedule: schedule,
            scheduled: note.scheduled,
            attempt: note.attempt,
            identity: identity
        )
        do throws(ScheduleTargetError) {
            let start = try await target.start(
                schedule.targetName,
                input: input.bytes,
                FiringIdentity(
                    attempt: identity,
                    occurrence: "\(schedule.identity)#\(note.scheduled)"
                )
            )
            round.writes.append(start.writes)
            round.begin.append(start.begin)
            return true
        } catch {
            guard error.code == .refused else { throw ScheduleError(.failed, error.message) }
            let next = schedule.retryRules.next(
                after: note.attempt,
                scheduled: note.scheduled,
                now: world.time.wallMilliseconds
            )
            guard let next else {
                report("\(schedule.resourceName) gives up a firing: \(error.message)")
                return true
            }
            var again = note
            again.attempt += 1
            round.setting.append(again.timer(at: next))
            return false
        }
    }
}
