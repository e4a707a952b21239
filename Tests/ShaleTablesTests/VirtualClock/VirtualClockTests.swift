import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Simulation
import Testing

/// Databases whose clock is set forward.
@Suite struct VirtualClockTests {
    private static func world(_ simulation: SimulatedWorld) -> World {
        var world = simulation.world
        world.time = VirtualTime(world.time)
        return world
    }

    @Test func `the clock is as far ahead after a crash as anybody saw it`() throws {
        let simulation = SimulatedWorld(seed: 1)
        var seen: Int64 = 0
        for life in 1...3 as ClosedRange<Int64> {
            let world = Self.world(simulation)
            let before = seen
            seen = try simulation.runTask {
                let database = try await Database.open("db", in: world)
                #expect(world.time.wallMilliseconds >= before)
                #expect(world.virtualTime?.aheadMilliseconds == (life - 1) * 86_400_000)
                return try await database.advanceClock(by: 86_400_000)
            }
            simulation.crash()
        }
    }

    @Test func `a database is opened with the kind of clock that it was made with`() async throws {
        try await withWorld { real in
            var virtual = real
            virtual.time = VirtualTime(real.time)
            for (made, other) in [(real, virtual), (virtual, real)] {
                let name = made.virtualTime == nil ? "real" : "virtual"
                let database = try await Database.open(name, in: made)
                _ = try await database.systemTable("$test", key: SystemTableTests.key)
                try await database.close()
                try await Self.requireRefusal(of: name, in: other)
                try await Database.open(name, access: .readOnly, in: other).close()
                try await Database.open(name, in: made).close()
            }
        }
    }

    @Test func `a copy of the engine's files has the clock of the database`() async throws {
        try await withWorld { real in
            var virtual = real
            virtual.time = VirtualTime(real.time)
            let engine = try await Engine.open("db", EngineOptions(), in: virtual)
            _ = try await engine.checkpoint(to: "copy")
            try await engine.close()
            try await Self.requireRefusal(of: "copy", in: real)
            try await Database.open("copy", in: virtual).close()
        }
    }

    private static func requireRefusal(of name: String, in world: World) async throws {
        do throws(DatabaseError) {
            try await Database.open(name, in: world).close()
            Issue.record("it was opened with the other clock")
        } catch {
            #expect(error.message.contains("--virtual-clock"))
        }
    }

    @Test(arguments: [0, -1, VirtualTime.mostMilliseconds + 1, .max, .min])
    func `no clock goes back or a thousand years forward`(milliseconds: Int64) async throws {
        try await withWorld { real in
            var world = real
            world.time = VirtualTime(real.time)
            let database = try await Database.open("db", in: world)
            await #expect(throws: DatabaseError.self) {
                try await database.advanceClock(by: milliseconds)
            }
            #expect(world.virtualTime?.aheadMilliseconds == 0)
            try await database.close()
        }
    }

    @Test func `the real clock is not set`() async throws {
        try await withWorld { real in
            let database = try await Database.open("db", in: real)
            await #expect(throws: DatabaseError.self) {
                try await database.advanceClock(by: 1_000)
            }
            try await database.close()
        }
    }
}
