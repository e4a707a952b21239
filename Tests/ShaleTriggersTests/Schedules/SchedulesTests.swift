import ShaleItems
import ShalePlatform
import Simulation
import Testing

@testable import ShaleTriggers

/// What schedules and groups there are: made, changed, listed, deleted, refused.
@Suite struct SchedulesTests {
    private static func scene() throws -> ScheduleScene {
        try ScheduleScene(SimulatedWorld(seed: 9))
    }

    @Test func `a schedule is described with what the service sets`() throws {
        let scene = try Self.scene()
        try scene.create("one", "rate(1 hour)", ["Description": "text"])
        let told = try scene.simulation.runTask {
            try await scene.schedules.schedule("default", "one").told
        }
        #expect(told["Arn"] == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/one")
        #expect(told["State"] == "ENABLED")
        #expect(told["ScheduleExpressionTimezone"] == "UTC")
        #expect(told["ActionAfterCompletion"] == "NONE")
        #expect(
            told["Target"]?.mapValue?["RetryPolicy"]
                == ["MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185]
        )
        #expect(!told.contains { $0.name.hasPrefix("#") })
    }

    /// Texts of the first by LocalStack's snapshots, of the start by moto's pull request 8172, of the resource name by
    /// reports of users; the others are this server's.
    @Test(
        arguments: [
            (
                ["ScheduleExpression": "rate(10 seconds)"],
                "Invalid Schedule Expression rate(10 seconds)."
            ),
            (
                ["ScheduleExpressionTimezone": "Mars/Olympus"],
                "Invalid Schedule Expression Timezone Mars/Olympus."
            ),
            (["FlexibleTimeWindow": ["Mode": "FLEXIBLE"]], "MaximumWindowInMinutes must be"),
            (
                ["FlexibleTimeWindow": ["Mode": "OFF", "MaximumWindowInMinutes": 5]],
                "MaximumWindowInMinutes cannot be"
            ),
            (
                ["StartDate": 1_767_225_000],
                "The StartDate you specify cannot be earlier than 5 minutes ago."
            ),
            (["EndDate": 1_767_225_000], "The EndDate you specify cannot be in the past."),
            (
                ["StartDate": 1_767_313_000, "EndDate": 1_767_312_000],
                "The StartDate must be before"
            ),
            (["Target": ["Arn": "thing"]], "Provided Arn is not in correct format."),
            (
                ["Target": ["Arn": "arn:aws:sqs:us-east-1:000000000000:q"]],
                "The target arn:aws:sqs:us-east-1:000000000000:q is not supported"
            ),
            (
                ["Target": ["Arn": .string(ScheduleScene.targetName), "Input": "text"]],
                "Invalid Input for target arn:aws:test:us-east-1:000000000000:thing: no object"
            ),
        ] as [(Item, String)]
    )
    func `what cannot be is refused when it is made`(more: Item, message: String) throws {
        let scene = try Self.scene()
        let given = scene.given("one", "rate(1 hour)", more)
        let error = try scene.failure { _ = try await $0.create(given) }
        #expect(error?.code == .validation)
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "accepted")")
        #expect(try scene.count(of: "$schedules") == 0)
    }

    @Test func `names that are taken, and names that are not there`() throws {
        let scene = try Self.scene()
        try scene.create("one", "rate(1 hour)")
        let again = scene.given("one", "rate(1 hour)")
        let elsewhere = scene.given("one", "rate(1 hour)", ["GroupName": "nowhere"])
        let nobody = scene.given("nobody", "rate(1 hour)")
        #expect(
            try scene.failure { _ = try await $0.create(again) }
                == ScheduleError(.conflict, "Schedule one already exists.")
        )
        for body in [
            { _ = try await $0.create(elsewhere) }, { _ = try await $0.schedule("nowhere", "one") },
            { try await $0.delete("nowhere", "one") }, { try await $0.deleteGroup("nowhere") },
            { try await $0.tag("nowhere") },
        ] as [@Sendable (Schedules) async throws -> Void] {
            #expect(
                try scene.failure(body)
                    == ScheduleError(.notFound, "Schedule group nowhere does not exist.")
            )
        }
        for body in [
            { _ = try await $0.update(nobody) }, { _ = try await $0.schedule("default", "nobody") },
            { try await $0.delete("default", "nobody") },
        ] as [@Sendable (Schedules) async throws -> Void] {
            #expect(
                try scene.failure(body)
                    == ScheduleError(.notFound, "Schedule nobody does not exist.")
            )
        }
    }

    @Test func `a request that comes again with its token does nothing, for ten minutes`() throws {
        let scene = try Self.scene()
        let given = scene.given("one", "rate(1 hour)")
        let token = ClientToken("t", digest: "create one")
        let made = try scene.simulation.runTask {
            let first = try await scene.schedules.create(given, token: token)
            let second = try await scene.schedules.create(given, token: token)
            try await scene.schedules.delete(
                "default",
                "one",
                token: ClientToken("d", digest: "delete")
            )
            try await scene.schedules.delete(
                "default",
                "one",
                token: ClientToken("d", digest: "delete")
            )
            return [first, second]
        }
        #expect(Set(made).count == 1)
        let other = try scene.failure {
            try await $0.delete("default", "one", token: ClientToken("t", digest: "delete one"))
        }
        #expect(other?.code == .conflict)
        try scene.run(601)
        #expect(try scene.count(of: "$schedule-tokens") == 0)
        let late = try scene.failure {
            try await $0.delete("default", "one", token: ClientToken("d", digest: "delete"))
        }
        #expect(late?.code == .notFound)
    }

    @Test func `a group goes with its schedules and their timers`() throws {
        let scene = try Self.scene()
        let resourceName = try scene.simulation.runTask {
            try await scene.schedules.createGroup("team", tags: ["a": "1"])
        }
        #expect(resourceName == "arn:aws:scheduler:us-east-1:000000000000:schedule-group/team")
        for number in 0..<5 {
            try scene.create("s\(number)", scene.at(in: 60), ["GroupName": "team"])
        }
        try scene.create("s1", scene.at(in: 60))
        try scene.simulation.runTask {
            try await scene.schedules.tag("team", adding: ["b": "2"], removing: ["a"])
            #expect(try await scene.schedules.tags(of: "team") == ["b": "2"])
            try await scene.schedules.deleteGroup("team")
        }
        #expect(try scene.count(of: "$schedules") == 1)
        #expect(try scene.failure { _ = try await $0.createGroup("default") }?.code == .conflict)
        #expect(try scene.failure { try await $0.deleteGroup("default") }?.code == .validation)
        try scene.run(120)
        #expect(try scene.starts().count == 1)
    }

    @Test func `lists go by groups and names, in pages`() throws {
        let scene = try Self.scene()
        try scene.simulation.runTask {
            _ = try await scene.schedules.createGroup("a")
            _ = try await scene.schedules.createGroup("z")
        }
        for (group, name) in [
            ("default", "one"), ("default", "other"), ("a", "one"), ("z", "only"), ("z", "off"),
        ] {
            try scene.create(
                name,
                "rate(1 hour)",
                [
                    "GroupName": .string(group), "State": name == "off" ? "DISABLED" : "ENABLED",
                ]
            )
        }
        func list(_ wanted: Schedules.Wanted, _ limit: Int) throws -> [String] {
            try scene.simulation.runTask {
                var wanted = wanted
                var all: [String] = []
                while true {
                    let (found, hasMore) = try await scene.schedules.schedules(
                        wanted,
                        limit: limit
                    )
                    all += found.map { "\($0.group)/\($0.name)" }
                    guard hasMore, let last = found.last else { return all }
                    wanted.after = (last.group, last.name)
                }
            }
        }
        let everything = ["a/one", "default/one", "default/other", "z/off", "z/only"]
        for limit in 1...6 { #expect(try list(Schedules.Wanted(), limit) == everything) }
        var wanted = Schedules.Wanted()
        wanted.prefix = "on"
        #expect(try list(wanted, 1) == ["a/one", "default/one", "z/only"])
        wanted.group = "z"
        wanted.prefix = ""
        wanted.state = "ENABLED"
        #expect(try list(wanted, 1) == ["z/only"])
        // More that are not wanted than one page has.
        for number in 0..<5 {
            try scene.create(
                "off\(number)",
                "rate(1 hour)",
                ["GroupName": "z", "State": "DISABLED"]
            )
        }
        #expect(try list(wanted, 1) == ["z/only"])
        let groups = try scene.simulation.runTask {
            try await scene.schedules.groups(prefix: "", after: "a", limit: 5)
        }
        #expect(groups.map { $0["Name"] } == ["default", "z"])
    }
}
