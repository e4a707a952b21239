internal import ShaleItems
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStateMachines
internal import ShaleTables
internal import ShaleTriggers
internal import Synchronization

/// A database with schedules, whose targets are a table of notes and a state machine.
struct OpenSchedules: Sendable {
    static let machine = "noted"
    static let note = "arn:aws:note:here:1:table"

    let open: OpenExecutions
    let schedules: Schedules
    let notes: NotingTarget

    static func open(
        _ world: World,
        _ machines: ScriptedMachines,
        _ book: ScheduleBook,
        refusing seed: UInt64
    ) async throws -> OpenSchedules {
        let open = try await OpenExecutions.open(world, machines)
        let notes = try await NotingTarget(open.database, world, seed)
        // What is reported is tried again; what does not succeed is missing in the end.
        let schedules = try await Schedules(
            open.database,
            open.timers,
            targets: [notes, MachineTarget(open.executions)],
            world: world,
            region: "here",
            account: "1"
        ) { _ in }
        book.opened(at: world.time.wallMilliseconds)
        schedules.resume()
        return OpenSchedules(open: open, schedules: schedules, notes: notes)
    }

    func create(
        _ name: String,
        _ kind: ScheduleBook.Kind,
        endsWithItself: Bool,
        startsMachine: Bool
    ) async throws {
        let expression =
            switch kind {
            case .once(let due):
                "at(\(CivilDate(seconds: due / 1_000).isoText(milliseconds: 0).prefix(19)))"
            case .eachMinute: "rate(1 minute)"
            }
        _ = try await schedules.create([
            "Name": .string(name), "ScheduleExpression": .string(expression),
            "FlexibleTimeWindow": ["Mode": "OFF"],
            "ActionAfterCompletion": endsWithItself ? "DELETE" : "NONE",
            "Target": [
                "Arn": .string(startsMachine ? ScriptedMachines.arn(Self.machine) : Self.note),
                "RoleArn": "role",
                "Input": .string(#"{"s": "\#(name)", "t": "<aws.scheduler.scheduled-time>"}"#),
            ],
        ])
    }

    /// All that was started; each execution must have ended.
    func starts() async throws -> [ScheduleBook.Start] {
        var starts: [ScheduleBook.Start] = []
        for (input, at) in try await notes.all() { starts.append(try Self.start(input, at)) }
        let listed = try await open.executions.list(
            Self.machine,
            where: { _ in true },
            limit: .max
        )
        for listing in listed.page {
            let execution = try await open.executions.describe(listing.arn)
            guard "\(execution.status)" == "succeeded" else {
                throw Failure("\(execution.name) has not succeeded: \(execution.status)")
            }
            starts.append(try Self.start(execution.input, execution.startMilliseconds))
        }
        return starts
    }

    private static func start(_ input: String, _ at: Int64) throws -> ScheduleBook.Start {
        let value = try JSONParser.value(of: input)
        guard let schedule = value["s"]?.text, let scheduled = value["t"]?.text else {
            throw Failure("\(input) is not what a schedule gives")
        }
        return ScheduleBook.Start(schedule: schedule, scheduled: scheduled, at: at)
    }
}

/// Notes each start in a table, in the record of the firing; now and then it refuses, twice in a row at most.
final class NotingTarget: ScheduleTarget {
    private let table: SystemTable
    private let world: World
    private let state: Mutex<(random: UInt64, refusals: Int)>

    init(_ database: Database, _ world: World, _ seed: UInt64) async throws {
        self.world = world
        state = Mutex((seed, 0))
        table = try await database.systemTable(
            "$notes",
            key: KeySchema(
                partition: KeySchema.Attribute("kind", .string),
                sort: KeySchema.Attribute("id", .string)
            )
        )
    }

    func isNamed(by resourceName: String) -> Bool { resourceName == OpenSchedules.note }

    func check(input _: [UInt8]?) throws(ScheduleTargetError) {}

    func start(
        _: String,
        input: [UInt8],
        _ firing: FiringIdentity
    ) async throws(ScheduleTargetError) -> ScheduledStart {
        guard !refuses() else { throw ScheduleTargetError(.refused, "not now") }
        var writes = SystemWrites()
        writes.put(
            [
                "kind": "start", "id": .string(firing.attempt),
                "input": .string(String(decoding: input, as: UTF8.self)),
                "at": .number(Number(world.time.wallMilliseconds)),
            ],
            in: table
        )
        return ScheduledStart(writes) {}
    }

    private func refuses() -> Bool {
        state.withLock { state in
            state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let refuses = state.random >> 61 == 0 && state.refusals < 2
            state.refusals = refuses ? state.refusals + 1 : 0
            return refuses
        }
    }

    /// What was noted: the input, and when.
    func all() async throws -> [(input: String, at: Int64)] {
        try await table.items(of: "start").map { item in
            (item["input"]?.stringValue ?? "", Int64(item["at"]?.numberValue?.intValue ?? 0))
        }
    }
}
