import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Testing

@Suite struct ScalingTests {
    static let writes = resource("table/Songs", .tableWrites)
    static let indexWrites = resource("table/Songs/index/ByGenre", .indexWrites)

    static func resource(
        _ identity: String,
        _ dimension: ScalableResource.Dimension
    ) -> ScalableResource {
        guard let resource = ScalableResource(identity, dimension) else {
            preconditionFailure("\(identity) is a resource")
        }
        return resource
    }

    static func range(_ minimum: Int, _ maximum: Int) -> ScalableTargetChange {
        var change = ScalableTargetChange()
        change.minimum = minimum
        change.maximum = maximum
        return change
    }

    @Test(
        arguments: [
            ("table/Songs", .tableReads, true), ("table/Songs", .indexReads, false),
            ("table/Songs/index/By", .indexReads, true),
            ("table/Songs/index/By", .tableReads, false),
            ("table/", .tableReads, false), ("Songs", .tableReads, false),
            ("table/Songs/index/", .indexReads, false), ("table/Songs/by/By", .indexReads, false),
        ] as [(String, ScalableResource.Dimension, Bool)]
    )
    func `a resource is named as the service names it`(
        identity: String,
        dimension: ScalableResource.Dimension,
        isOne: Bool
    ) {
        let resource = ScalableResource(identity, dimension)
        #expect((resource != nil) == isOne)
        if isOne { #expect(resource?.identity == identity) }
    }

    /// Puts so many items a second for some minutes, and looks at the load each second.
    static func load(
        _ database: Database,
        _ time: StoppedTime,
        _ unitsPerSecond: Int,
        minutes: Int
    ) async throws {
        for _ in 0..<(60 * minutes) {
            for _ in 0..<unitsPerSecond {
                try await database.put(Songs.song("a", "b"))
            }
            time.advance(seconds: 1)
            await database.keepHouse()
        }
    }

    @Test func `capacity follows the load, within bounds, and what was done is told`() async throws
    {
        try await withStoppedWorld { world, time in
            var database = try await Database.open("db", limited(.declared), in: world)
            _ = try await database.createTable(Songs.provisioned(writes: 4))
            _ = try await database.registerScalableTarget(Self.writes, Self.range(2, 20))
            _ = try await database.putScalingPolicy(
                "keep70",
                of: Self.writes,
                ScalingPolicy.Configuration(targetPercent: 70)
            )
            func capacity() throws -> Int {
                try database.describeTable("Songs").provisionedThroughput.writeCapacityUnits
            }
            try await Self.load(database, time, 6, minutes: 2)
            #expect(try capacity() == 4)
            try await Self.load(database, time, 6, minutes: 1)
            // 6 units a second at 70 % are 8.6.
            #expect(try capacity() == 9)
            // What is scaled is remembered; the load is not.
            try await database.close()
            database = try await Database.open("db", limited(.declared), in: world)
            #expect(database.scalableTargets.map(\.resource) == [Self.writes])
            #expect(database.scalableTargets[0].policies.map(\.name) == ["keep70"])
            try await Self.load(database, time, 0, minutes: 15)
            #expect(try capacity() == 9)
            try await Self.load(database, time, 0, minutes: 1)
            #expect(try capacity() == 2)
            let (activities, last) = try await database.scalingActivities(limit: 10) { _ in true }
            #expect(last == nil)
            #expect(
                activities.map(\.description) == [
                    "Setting write capacity units to 2.", "Setting write capacity units to 9.",
                ]
            )
            #expect(activities.map(\.status) == [.successful, .successful])
            let page = try await database.scalingActivities(limit: 1) { _ in true }
            #expect(page.activities == [activities[0]])
            let next = try await database.scalingActivities(after: page.last, limit: 1) { _ in true
            }
            #expect(next.activities == [activities[1]])
            try await database.close()
        }
    }

    @Test func `bounds that do not hold are made to, and after six weeks nobody is told`()
        async throws
    {
        try await withLimits { database, time in
            _ = try await database.createTable(Songs.provisioned(indexWrites: 10))
            _ = try await database.registerScalableTarget(Self.indexWrites, Self.range(50, 60))
            _ = try await database.putScalingPolicy(
                "p",
                of: Self.indexWrites,
                ScalingPolicy.Configuration(targetPercent: 50)
            )
            await database.keepHouse()
            func units() throws -> Int {
                let index = try database.describeTable("Songs").globalSecondaryIndexes[0]
                return index.provisionedThroughput.writeCapacityUnits
            }
            #expect(try units() == 50)
            time.advance(seconds: 43 * 86_400)
            _ = try await database.registerScalableTarget(Self.indexWrites, Self.range(5, 7))
            await database.keepHouse()
            #expect(try units() == 7)
            let (activities, _) = try await database.scalingActivities(limit: 10) { _ in true }
            #expect(activities.map(\.description) == ["Setting write capacity units to 7."])
        }
    }

    @Test func `what cannot be lowered is told as a failure`() async throws {
        try await withLimits { database, time in
            _ = try await database.createTable(Songs.provisioned(writes: 100))
            for units in [90, 80, 70, 60] {
                _ = try await database.updateTable(ThroughputChangeTests.update(1, units))
            }
            _ = try await database.registerScalableTarget(Self.writes, Self.range(5, 7))
            _ = try await database.putScalingPolicy(
                "p",
                of: Self.writes,
                ScalingPolicy.Configuration(targetPercent: 50)
            )
            await database.keepHouse()
            let (activities, _) = try await database.scalingActivities(limit: 10) { _ in true }
            #expect(activities.map(\.status) == [.failed])
            #expect(activities[0].statusMessage.contains("Subscriber limit exceeded"))
        }
    }

    @Test func `what is not there is refused, and what is taken away is gone`() async throws {
        try await withLimits { database, _ in
            let missing = await failure {
                _ = try await database.registerScalableTarget(Self.writes, Self.range(1, 2))
            }
            #expect(missing?.code == .validation)
            _ = try await database.createTable(Songs.provisioned())
            for change in [Self.range(3, 2), Self.range(0, 2), ScalableTargetChange()] {
                let error = await failure {
                    _ = try await database.registerScalableTarget(Self.writes, change)
                }
                #expect(error?.code == .validation)
            }
            let policy = ScalingPolicy.Configuration(targetPercent: 50)
            let early = await failure {
                _ = try await database.putScalingPolicy("p", of: Self.writes, policy)
            }
            #expect(early?.code == .resourceNotFound)
            let target = try await database.registerScalableTarget(Self.writes, Self.range(1, 2))
            _ = try await database.putScalingPolicy("p", of: Self.writes, policy)
            let second = await failure {
                _ = try await database.putScalingPolicy("q", of: Self.writes, policy)
            }
            #expect(second?.code == .validation)
            let tags = try await database.changeScalableTargetTags(
                target.id,
                putting: ["a": "b", "c": "d"],
                removing: ["x"]
            )
            #expect(tags == ["a": "b", "c": "d"])
            #expect(database.scalableTargets[0].tags == tags)
            try await database.deleteScalingPolicy("p", of: Self.writes)
            #expect(database.scalableTargets[0].policies == [])
            try await database.deregisterScalableTarget(Self.writes)
            #expect(database.scalableTargets == [])
            #expect(try database.listTables().tableNames == ["Songs"])
            let gone = await failure { try await database.deregisterScalableTarget(Self.writes) }
            #expect(gone?.code == .resourceNotFound)
        }
    }
}
