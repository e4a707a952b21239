import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleTimers
import Simulation
import Synchronization
import Testing

@testable import ShaleTriggers

/// A database of a simulated world with schedules, whose target remembers durably what it was given.
final class ScheduleScene: Sendable {
    /// What a target was started with.
    struct Start: Equatable {
        var at: Int64
        var input: String
    }

    /// Notes each start in a table, in the record that notes the firing.
    final class Target: ScheduleTarget {
        let table: SystemTable
        let world: World
        /// How many starts are still refused.
        let refusals = Mutex(0)
        let refused = Mutex<[String]>([])

        init(_ table: SystemTable, _ world: World) {
            self.table = table
            self.world = world
        }

        func isNamed(by resourceName: String) -> Bool { resourceName.hasPrefix("arn:aws:test:") }

        func check(input: [UInt8]?) throws(ScheduleTargetError) {
            guard input?.first == UInt8(ascii: "{") else {
                throw ScheduleTargetError(.refused, "no object")
            }
        }

        func start(
            _ resourceName: String,
            input: [UInt8],
            _ firing: FiringIdentity
        ) async throws(ScheduleTargetError) -> ScheduledStart {
            let text = String(decoding: input, as: UTF8.self)
            let isRefused = refusals.withLock { count in
                count -= 1
                return count >= 0
            }
            if isRefused {
                refused.withLock { $0.append(text) }
                throw ScheduleTargetError(.refused, "not now")
            }
            var writes = SystemWrites()
            writes.put(
                [
                    "kind": "start", "id": .string(firing.attempt), "input": .string(text),
                    "at": .number(Number(world.time.wallMilliseconds)),
                ],
                in: table
            )
            return ScheduledStart(writes) {}
        }
    }

    static let targetName = "arn:aws:test:us-east-1:000000000000:thing"

    let simulation: SimulatedWorld
    let database: Database
    let timers: Timers
    let schedules: Schedules
    let target: Target

    private struct Parts: Sendable {
        let database: Database
        let timers: Timers
        let schedules: Schedules
        let target: Target
    }

    /// Opens what the disk of a world holds; a server that does not run the target has schedules of it all the same.
    init(_ simulation: SimulatedWorld, runsTarget: Bool = true) throws {
        self.simulation = simulation
        let world = simulation.world
        let parts = try simulation.runTask {
            var options = DatabaseOptions()
            options.housekeepingInterval = .zero
            let database = try await Database.open("db", options, in: world)
            let timers = try await Timers(database, world) { _ in }
            let table = try await database.systemTable(
                "$starts",
                key: KeySchema(
                    partition: KeySchema.Attribute("kind", .string),
                    sort: KeySchema.Attribute("id", .string)
                )
            )
            let target = Target(table, world)
            let schedules = try await Schedules(
                database,
                timers,
                targets: runsTarget ? [target] : [],
                world: world,
                region: "us-east-1",
                account: "000000000000"
            ) { _ in }
            return Parts(
                database: database,
                timers: timers,
                schedules: schedules,
                target: target
            )
        }
        database = parts.database
        timers = parts.timers
        schedules = parts.schedules
        target = parts.target
        schedules.resume()
    }

    var now: Int64 { simulation.world.time.wallMilliseconds }

    /// A time so many seconds from now, as `at` has it; the clock is set to a whole second first.
    func at(in seconds: Int64) -> String {
        let rest = 1_000 - now % 1_000
        simulation.time.advance(by: .milliseconds(rest % 1_000))
        let text = CivilDate(seconds: now / 1_000 + seconds).isoText(milliseconds: 0).prefix(19)
        return "at(\(text))"
    }

    /// A description with what all need.
    func given(_ name: String, _ expression: String, _ more: Item = [:]) -> Item {
        var given: Item = [
            "Name": .string(name), "ScheduleExpression": .string(expression),
            "FlexibleTimeWindow": ["Mode": "OFF"],
            "Target": [
                "Arn": .string(Self.targetName), "RoleArn": "arn:aws:iam::000000000000:role/r",
                "Input": .string("{\"name\": \"\(name)\"}"),
            ],
        ]
        for (member, value) in more { given[member] = value }
        return given
    }

    func create(_ name: String, _ expression: String, _ more: Item = [:]) throws {
        let given = given(name, expression, more)
        _ = try simulation.runTask { try await self.schedules.create(given) }
    }

    /// The same with a target that has a retry policy.
    func target(_ policy: Item, input: String = "{}") -> Item {
        [
            "Arn": .string(Self.targetName), "RoleArn": "arn:aws:iam::000000000000:role/r",
            "Input": .string(input), "RetryPolicy": .map(policy),
        ]
    }

    func run(_ seconds: Int) throws {
        try simulation.scheduler.run(for: .seconds(seconds), maximumSteps: .max - 1)
    }

    /// What was started, in the order of time.
    func starts() throws -> [Start] {
        let table = target.table
        return try simulation.runTask {
            try await table.items(of: "start").map { item in
                Start(
                    at: Int64(item["at"]?.numberValue?.intValue ?? 0),
                    input: item["input"]?.stringValue ?? ""
                )
            }
        }.sorted { $0.at < $1.at }
    }

    func count(of table: String) throws -> Int {
        try #require(database.existingSystemTable(table)).itemCount
    }

    func stop() throws {
        try simulation.runTask {
            await self.timers.stop()
            try await self.database.close()
        }
    }

    /// What a call of a schedule's operation fails with.
    func failure(
        _ body: @escaping @Sendable (Schedules) async throws -> Void
    ) throws -> ScheduleError? {
        try simulation.runTask {
            do {
                try await body(self.schedules)
                return nil
            } catch let error as ScheduleError {
                return error
            }
        }
    }
}
