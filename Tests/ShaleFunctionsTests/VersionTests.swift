import ShaleItems
import ShalePlatform
import ShaleTables
import Testing

@testable import ShaleFunctions

/// Versions, aliases, and what else is kept beside a function.
@Suite struct VersionTests {
    private struct NoHost: FunctionHost {
        func require(_ runtime: String) throws(FunctionError) {}
        func unzippedBytes(_ archive: [UInt8]) async throws(FunctionError) -> Int {
            archive.count
        }

        func isPrepared(_ function: FunctionConfiguration) -> Bool { true }
        func prepare(
            _ function: FunctionConfiguration,
            code: FunctionCode
        ) async throws(FunctionError) -> String? { nil }
        func start(
            _ function: FunctionConfiguration,
            stream: String
        ) async throws(FunctionError) -> any FunctionEnvironment {
            throw FunctionError(.service, "nothing is run here")
        }
    }

    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    private static func withFunctions(_ body: (Functions) async throws -> Void) async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let database = try await Database.open("db", in: world)
        let functions = try await Functions(
            database,
            host: NoHost(),
            log: NoLog(),
            world: world,
            region: "us-east-1",
            account: "000000000000"
        )
        _ = try await functions.create(
            ["FunctionName": "f", "Runtime": "provided", "Handler": "x", "Description": "one"],
            archive: [1]
        )
        await functions.settled("f")
        try await body(functions)
        try await database.close()
    }

    @Test func `what has not changed is the version that it was`() async throws {
        try await Self.withFunctions { functions in
            let one = try await functions.publish("f", description: "first")
            #expect(one.version == "1")
            #expect(one.resourceName == "arn:aws:lambda:us-east-1:000000000000:function:f:1")
            #expect(one.fields["Description"] == "first")
            #expect(try await functions.publish("f").version == "1")
            _ = try await functions.updateConfiguration("f", ["Description": "two"])
            await functions.settled("f")
            #expect(try await functions.publish("f").version == "2")
            let versions = try await functions.versions(of: "f").map(\.version)
            #expect(versions == ["$LATEST", "1", "2"])
        }
    }

    @Test func `a version keeps its code when the function has other code`() async throws {
        try await Self.withFunctions { functions in
            let one = try await functions.publish("f")
            _ = try await functions.updateCode("f", archive: [2])
            await functions.settled("f")
            #expect(try await functions.archive(of: one) == [1])
            try await functions.deleteVersion("1", of: "f")
            await #expect(throws: FunctionError.self) { try await functions.archive(of: one) }
        }
    }

    @Test func `a version is published of the code that the caller means`() async throws {
        try await Self.withFunctions { functions in
            await #expect(throws: FunctionError.self) {
                try await functions.publish("f", digest: [0])
            }
            let digest = CodeStore.identity([1]).digest
            let version = try await functions.publish("f", digest: digest).version
            #expect(version == "1")
        }
    }

    @Test func `an alias leads to its version, and by weight to another`() async throws {
        try await Self.withFunctions { functions in
            _ = try await functions.publish("f")
            _ = try await functions.updateCode("f", archive: [2])
            await functions.settled("f")
            _ = try await functions.publish("f")
            _ = try await functions.createAlias(["Name": "live", "FunctionVersion": "1"], of: "f")
            #expect(try await functions.function("f", "live").version == "1")
            let weighted = try await functions.updateAlias(
                "live",
                of: "f",
                ["RoutingConfig": ["AdditionalVersionWeights": ["2": 1]]]
            )
            #expect(try await functions.function("f", "live").version == "2")
            await #expect(throws: FunctionError.self) {
                try await functions.deleteVersion("2", of: "f")
            }
            await #expect(throws: FunctionError.self) {
                try await functions.updateAlias("live", of: "f", [:], revision: "another")
            }
            let same = try await functions.updateAlias(
                "live",
                of: "f",
                ["FunctionVersion": "2", "RoutingConfig": [:]],
                revision: weighted["RevisionId"]?.stringValue
            )
            #expect(same["RoutingConfig"] == nil)
        }
    }

    @Test(
        arguments: [
            ["Name": "a", "FunctionVersion": "9"],
            [
                "Name": "a", "FunctionVersion": "1",
                "RoutingConfig": ["AdditionalVersionWeights": ["1": 1]],
            ],
            [
                "Name": "a", "FunctionVersion": "$LATEST",
                "RoutingConfig": ["AdditionalVersionWeights": ["1": 1]],
            ],
        ] as [Item]
    )
    func `an alias that leads nowhere is refused`(_ given: Item) async throws {
        try await Self.withFunctions { functions in
            _ = try await functions.publish("f")
            await #expect(throws: FunctionError.self) {
                try await functions.createAlias(given, of: "f")
            }
        }
    }

    @Test func `no more is kept for functions than leaves enough for the others`() async throws {
        try await Self.withFunctions { functions in
            try await functions.reserve(900, for: "f")
            #expect(functions.unreservedConcurrency == 100)
            await #expect(throws: FunctionError.self) { try await functions.reserve(901, for: "f") }
            try await functions.unreserve("f")
            #expect(try await functions.reserved(for: "f") == nil)
        }
    }

    @Test func `statements and tags are kept until they are taken away`() async throws {
        try await Self.withFunctions { functions in
            try await functions.addStatement(["Sid": "a"], to: "f", nil)
            await #expect(throws: FunctionError.self) {
                try await functions.addStatement(["Sid": "a"], to: "f", nil)
            }
            let statements = try await functions.policy(of: "f", nil)?.statements
            #expect(statements == [["Sid": "a"]])
            try await functions.removeStatement("a", from: "f", nil)
            #expect(try await functions.policy(of: "f", nil) == nil)
            try await functions.tag("f", adding: ["x": "1", "y": "2"])
            try await functions.tag("f", removing: ["x"])
            #expect(try await functions.tags(of: "f") == ["y": "2"])
        }
    }

    @Test func `changes of one function come one after another, and of another beside them`()
        async throws
    {
        let turns = Turns()
        await turns.enter("a")
        await turns.enter("b")
        async let second: Void = turns.enter("a")
        turns.leave("a")
        await second
        turns.leave("a")
        turns.leave("b")
        await turns.enter("a")
        turns.leave("a")
    }
}
