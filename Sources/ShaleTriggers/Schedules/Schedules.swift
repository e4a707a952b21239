internal import ShaleEngine
internal import ShaleFunctions
internal import ShaleItems
package import ShalePlatform
package import ShaleTables
package import ShaleTimers

/// The schedules of a database: what there are, and that they fire.
///
/// A schedule has one timer, for when it is due next. What it starts, the note of when it is due then, and that
/// timer are one record of the log: it fires once for each time, whatever ends meanwhile. Changes of one schedule take turns.
package final class Schedules: Sendable {
    static let timerOwner = "schedules"
    static let tokenOwner = "schedule-tokens"
    /// The group of those that name none; always there.
    package static let defaultGroup = "default"

    let registry: ScheduleRegistry
    let database: Database
    let timers: Timers
    let targets: [any ScheduleTarget]
    let zones: Zones
    let world: World
    let region: String
    let account: String
    let report: @Sendable (String) -> Void
    let turns = Turns()

    /// Opens what there is.
    ///
    /// - Parameters:
    ///   - database: Where they are kept.
    ///   - timers: What tells when they are due.
    ///   - targets: What they can run.
    ///   - world: Clocks, randomness, and the files of time zones.
    ///   - region: In their names.
    ///   - account: Twelve digits, in their names.
    ///   - report: Told of firings that were given up or cannot be noted.
    /// - Throws: `.failed`.
    package init(
        _ database: Database,
        _ timers: Timers,
        targets: [any ScheduleTarget],
        world: World,
        region: String,
        account: String,
        report: @escaping @Sendable (String) -> Void
    ) async throws(ScheduleError) {
        self.database = database
        self.timers = timers
        self.targets = targets
        self.world = world
        self.region = region
        self.account = account
        self.report = report
        zones = Zones(world.files)
        do throws(DatabaseError) {
            registry = try await ScheduleRegistry(database)
            guard try await registry.group(Self.defaultGroup) == nil else { return }
            let group = Self.group(Self.defaultGroup, region, account, world)
            try await registry.groups.write(
                putting: [ScheduleRegistry.item(group: Self.defaultGroup, group)]
            )
        } catch {
            throw ScheduleError(.failed, error.message)
        }
    }

    /// Begins to fire, with what was missed.
    package func resume() {
        timers.register(Self.tokenOwner) { [weak self] in
            await self?.forget($0) ?? .again(after: 1_000)
        }
        timers.register(Self.timerOwner) { [weak self] in
            await self?.told($0) ?? .again(after: 1_000)
        }
    }

    // MARK: Reading

    /// A schedule.
    ///
    /// - Throws: `.notFound`, `.failed`.
    package func schedule(
        _ group: String,
        _ name: String
    ) async throws(ScheduleError) -> Schedule {
        let found = try await stored { () async throws(DatabaseError) in
            try await self.registry.schedule(group, name)
        }
        if let found { return found }
        _ = try await self.group(group)
        throw .missing(schedule: name)
    }

    /// Which schedules are asked for.
    package struct Wanted: Sendable {
        /// Of one group; nil is all.
        package var group: String?
        /// How their names begin.
        package var prefix = ""
        /// `ENABLED` or `DISABLED`; nil is both.
        package var state: String?
        /// Behind that one.
        package var after: (group: String, name: String)?

        /// All.
        package init() {}
    }

    /// Schedules in the order of their groups and names.
    ///
    /// - Parameters:
    ///   - wanted: Which.
    ///   - limit: The most.
    /// - Returns: Some, and whether there may be more behind them.
    /// - Throws: `.notFound`, `.failed`.
    package func schedules(
        _ wanted: Wanted,
        limit: Int
    ) async throws(ScheduleError) -> (found: [Schedule], hasMore: Bool) {
        if let group = wanted.group { _ = try await self.group(group) }
        return try await stored { () async throws(DatabaseError) in
            var groups: [String]
            if let group = wanted.group {
                groups = [group]
            } else {
                groups = try await self.registry.groups().compactMap { $0["Name"]?.stringValue }
            }
            if let after = wanted.after {
                groups.removeAll { $0.utf8.lexicographicallyPrecedes(after.group.utf8) }
            }
            var found: [Schedule] = []
            for group in groups {
                var last = wanted.after?.group == group ? wanted.after?.name : nil
                while found.count <= limit {
                    let page = try await self.registry.schedules(
                        of: group,
                        prefix: wanted.prefix,
                        after: last,
                        limit: limit + 1
                    )
                    found += page.filter { schedule in
                        wanted.state.map { schedule.fields["State"] == .string($0) } ?? true
                    }
                    guard page.count > limit, let end = page.last else { break }
                    last = end.name
                }
                if found.count > limit { break }
            }
            return (Array(found.prefix(limit)), found.count > limit)
        }
    }

    // MARK: Pieces

    /// Runs what reads or writes the database, and tells its errors as the service's.
    func stored<Answer: Sendable>(
        _ body: () async throws(DatabaseError) -> Answer
    ) async throws(ScheduleError) -> Answer {
        do throws(DatabaseError) { return try await body() } catch {
            throw ScheduleError(.failed, error.message)
        }
    }

    /// The resource name of a schedule.
    package func resourceName(_ group: String, _ name: String) -> String {
        "arn:aws:scheduler:\(region):\(account):schedule/\(group)/\(name)"
    }

    /// When a schedule is due.
    ///
    /// - Throws: `.validation`.
    func occurrences(_ schedule: Schedule) throws(ScheduleError) -> Occurrences {
        guard let expression = ScheduleExpression(schedule.expressionText) else {
            throw ScheduleError(
                .validation,
                "Invalid Schedule Expression \(schedule.expressionText)."
            )
        }
        guard let zone = zones.zone(schedule.zoneName) else {
            throw ScheduleError(
                .validation,
                "Invalid Schedule Expression Timezone \(schedule.zoneName)."
            )
        }
        return Occurrences(
            expression,
            in: zone,
            anchor: schedule.anchor,
            start: schedule.start,
            end: schedule.end
        )
    }
}
