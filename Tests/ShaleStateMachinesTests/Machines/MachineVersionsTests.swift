import ShaleEngine
import ShaleItems
import ShaleTables
import Testing

@testable import ShaleStateMachines

@Suite struct MachineVersionsTests {
    private static let arn = MachineFixture.prefix + "m"

    @Test func `a revision is published once, and its number does not come again`() async throws {
        try await MachineFixture.run { machines, _ in
            try await machines.create(MachineFixture.new())
            let first = try await machines.publish(Self.arn, revision: "INITIAL", description: "d")
            #expect(first.number == 1 && first.description == "d")
            #expect(try await machines.publish(Self.arn) == first)
            let second = try await machines.update(
                Self.arn,
                MachineFixture.change("b", isPublished: true)
            )
            #expect(second.version?.number == 2)
            #expect(try await machines.versions(of: Self.arn).map(\.number) == [2, 1])
            #expect(try await machines.versions(of: Self.arn, before: 2).map(\.number) == [1])
            try await machines.deleteVersion(Self.arn + ":2")
            try await machines.deleteVersion(Self.arn + ":2")
            #expect(try await machines.publish(Self.arn).number == 3)
            let refusal = await MachineFixture.refusal {
                _ = try await machines.resolve(Self.arn + ":2")
            }
            #expect(refusal == .stateMachineDoesNotExist)
        }
    }

    @Test func `a revision that is not the present one is not published`() async throws {
        try await MachineFixture.run { machines, _ in
            try await machines.create(MachineFixture.new())
            let changed = try await machines.update(Self.arn, MachineFixture.change("b"))
            for other in ["INITIAL", "x"] {
                let refusal = await MachineFixture.refusal {
                    try await machines.publish(Self.arn, revision: other)
                }
                #expect(refusal == .conflict)
            }
            #expect(try await machines.publish(Self.arn, revision: changed.revision.id).number == 1)
        }
    }

    @Test func `a version stays as it was`() async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.isPublished = true
            let made = try await machines.create(new)
            #expect(made.version?.number == 1)
            #expect(try await machines.create(new).version == made.version)
            try await machines.update(Self.arn, MachineFixture.change("b"))
            let version = try await machines.resolve(Self.arn + ":1")
            #expect(version.revision == made.machine.revision)
            #expect(version.versionARN == Self.arn + ":1" && version.aliasARN == nil)
            let told = try await machines.describe(Self.arn + ":1")
            #expect(told.revision.settings.definition == MachineFixture.definition())
        }
    }

    @Test func `an alias chooses by weight, and follows its changes at once`() async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.isPublished = true
            try await machines.create(new)
            try await machines.update(Self.arn, MachineFixture.change("b", isPublished: true))
            let both: [StateMachines.GivenRoute] = [
                .init(arn: Self.arn + ":1", weight: 20), .init(arn: Self.arn + ":2", weight: 80),
            ]
            let made = try await machines.createAlias("live", description: nil, both)
            #expect(made.machine == "m")
            var counts: [String: Int] = [:]
            for _ in 0..<2_000 {
                let chosen = try await machines.resolve(Self.arn + ":live")
                #expect(chosen.aliasARN == Self.arn + ":live")
                counts[chosen.versionARN ?? "", default: 0] += 1
            }
            #expect(200..<600 ~= counts[Self.arn + ":1"] ?? 0)
            let refusal = await MachineFixture.refusal {
                try await machines.deleteVersion(Self.arn + ":1")
            }
            #expect(refusal == .conflict)
            let only: [StateMachines.GivenRoute] = [.init(arn: Self.arn + ":2", weight: 100)]
            try await machines.updateAlias(Self.arn + ":live", description: "d", only)
            for _ in 0..<100 {
                let chosen = try await machines.resolve(Self.arn + ":live")
                #expect(chosen.versionARN == Self.arn + ":2")
            }
            try await machines.deleteVersion(Self.arn + ":1")
        }
    }

    /// Where an alias is to lead, and what it is refused with.
    @Test(
        arguments: [
            ([("m:1", 100)], nil), ([("m:1", 99)], .validation),
            ([("m:1", 50), ("m:1", 50)], .validation), ([("m", 100)], .validation),
            ([("m:9", 100)], .resourceNotFound), ([("m:1", 50), ("n:1", 50)], .validation),
            ([("m:x", 100)], .validation), ([("m:1", 0), ("m:2", 100)], nil),
        ] as [([(String, Int)], StatesError.Code?)]
    )
    func `an alias leads to one or two versions of one machine`(
        _ routes: [(String, Int)],
        _ expected: StatesError.Code?
    ) async throws {
        try await MachineFixture.run { machines, _ in
            for name in ["m", "n"] {
                var new = MachineFixture.new(name)
                new.isPublished = true
                try await machines.create(new)
            }
            try await machines.update(Self.arn, MachineFixture.change("b", isPublished: true))
            let given = routes.map {
                StateMachines.GivenRoute(arn: MachineFixture.prefix + $0.0, weight: $0.1)
            }
            let refusal = await MachineFixture.refusal {
                let made = try await machines.createAlias("live", description: nil, given)
                let again = try await machines.createAlias("live", description: nil, given)
                #expect(made.alias == again.alias)
            }
            #expect(refusal == expected)
        }
    }

    @Test func `another alias of the same name is refused`() async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.isPublished = true
            try await machines.create(new)
            let route: [StateMachines.GivenRoute] = [.init(arn: Self.arn + ":1", weight: 100)]
            try await machines.createAlias("b", description: nil, route)
            try await machines.createAlias("a", description: nil, route)
            let refusal = await MachineFixture.refusal {
                try await machines.createAlias("a", description: "other", route)
            }
            #expect(refusal == .conflict)
            #expect(try await machines.aliases(of: Self.arn).map(\.name) == ["a", "b"])
            let behind = try await machines.aliases(of: Self.arn + ":1", after: "a")
            #expect(behind.map(\.name) == ["b"])
            #expect(try await machines.aliases(of: Self.arn + ":2").isEmpty)
            try await machines.deleteAlias(Self.arn + ":a")
            try await machines.deleteAlias(Self.arn + ":a")
            let gone = await MachineFixture.refusal {
                _ = try await machines.describeAlias(Self.arn + ":a")
            }
            #expect(gone == .resourceNotFound)
        }
    }
}
