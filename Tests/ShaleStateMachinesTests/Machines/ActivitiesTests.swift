import ShaleEngine
import ShaleItems
import ShaleTables
import Testing

@testable import ShaleStateMachines

@Suite struct ActivitiesTests {
    private static let prefix = "arn:aws:states:us-east-1:000000000000:activity:"

    @Test func `an activity is made once, found and deleted`() async throws {
        try await MachineFixture.run { machines, _ in
            let first = try await machines.createActivity("a", tags: ["k": "v"])
            #expect(try await machines.createActivity("a") == first)
            try await machines.createActivity("b")
            #expect(try await machines.activityExists(Self.prefix + "a"))
            #expect(try await machines.activity(Self.prefix + "a").name == "a")
            #expect(try await machines.activities(after: "a").map(\.name) == ["b"])
            try await machines.deleteActivity(Self.prefix + "a")
            try await machines.deleteActivity(Self.prefix + "a")
            #expect(try await machines.activityExists(Self.prefix + "a") == false)
            let refusal = await MachineFixture.refusal {
                _ = try await machines.activity(Self.prefix + "a")
            }
            #expect(refusal == .activityDoesNotExist)
        }
    }

    @Test(arguments: [prefix + "a", MachineFixture.prefix + "m"])
    func `tags are added, replaced, taken away, and at most fifty`(_ arn: String) async throws {
        try await MachineFixture.run { machines, _ in
            try await machines.create(MachineFixture.new())
            try await machines.createActivity("a")
            try await machines.tag(arn, adding: ["a": "1", "b": "2"])
            try await machines.tag(arn, adding: ["a": "3"], removing: ["b", "none"])
            #expect(try await machines.tags(of: arn) == ["a": "3"])
            let many = Item((0..<50).map { ("k\($0)", AttributeValue.string("")) })
            let refusal = await MachineFixture.refusal {
                try await machines.tag(arn, adding: many)
            }
            #expect(refusal == .tooManyTags)
            #expect(try await machines.tags(of: arn) == ["a": "3"])
        }
    }

    @Test func `what is not there, and a version, has no tags`() async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.isPublished = true
            new.tags = ["a": "b"]
            try await machines.create(new)
            let arn = MachineFixture.prefix + "m"
            #expect(try await machines.tags(of: arn) == ["a": "b"])
            for other in [arn + ":1", arn + "n", Self.prefix + "a"] {
                let refusal = await MachineFixture.refusal {
                    _ = try await machines.tags(of: other)
                }
                #expect(refusal == .resourceNotFound)
            }
            try await machines.delete(arn)
            try await machines.create(MachineFixture.new())
            #expect(try await machines.tags(of: arn).isEmpty)
        }
    }

    @Test(
        arguments: [
            ([:], nil), (["level": "OFF", "destinations": []], nil),
            (["level": "ALL"], .invalidLoggingConfiguration),
            (["level": "ALL", "destinations": [[:]]], .invalidLoggingConfiguration),
            (["level": "ALL", "destinations": [place]], nil),
            (["level": "OFF", "destinations": [place, place]], .invalidLoggingConfiguration),
        ] as [(Item, StatesError.Code?)]
    )
    func `whoever logs names one place`(_ logging: Item, _ expected: StatesError.Code?) async {
        let refusal = await MachineFixture.refusal {
            try LoggingRules.check(LoggingRules.whole(logging))
        }
        #expect(refusal == expected)
    }

    private static let place: AttributeValue = .map([
        "cloudWatchLogsLogGroup": .map(["logGroupArn": "arn:aws:logs:r:0:log-group:g:*"])
    ])
}
