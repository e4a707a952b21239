import ShalePlatform
import ShaleTables
import Testing

@testable import ShaleTriggers

@Suite struct MappingRegistryTests {
    @Test(arguments: [2, 262_144, 262_145, 1_048_576])
    func `a checkpoint comes back with its window's state, and a smaller one takes its place`(
        _ bytes: Int
    ) async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let database = try await Database.open("db", in: world)
        let registry = try await MappingRegistry(database)
        let shard = try #require(ShardIdentity("shardId-00000001700000000000-00000001"))
        let state = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 / 7) }
        var checkpoint = MappingRegistry.Checkpoint()
        checkpoint.window = TumblingWindow(start: 60_000, state: state)
        try await registry.write(&checkpoint, shard, of: "m")
        var read = try #require(try await registry.checkpoints(of: "m")[shard])
        #expect(read == checkpoint)
        read.window = TumblingWindow(start: 120_000)
        try await registry.write(&read, shard, of: "m")
        let again = try await registry.checkpoints(of: "m")
        #expect(again == [shard: read])
        try await database.close()
    }
}
