import ShalePlatform
import Testing

@testable import ShaleEngine

/// A database with as many tables as there may be.
struct TableLimitTests {
    @Test func `a database of a hundred thousand tables goes on, and takes no more`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let small = try await Engine.open("db", in: world)
        _ = try await small.createTable()
        try await small.close()
        let tables = try Self.fill("db", through: Limits.tables - 1, world)

        let full = try await Engine.open("db", in: world)
        #expect(full.statistics.tableCount == Limits.tables - 1)
        let last = try await full.createTable()
        do throws(EngineError) {
            _ = try await full.createTable()
            Issue.record("one more was made")
        } catch {
            #expect(error.code == .tooLarge)
        }
        let written = [tables[0], tables[tables.count / 2], last]
        var batch = WriteBatch()
        for table in written { batch.put(table.id, table.key(partition: [1]), [7]) }
        _ = try await full.write(batch)
        try await full.flush()
        try await full.dropTable(tables[1].id)
        _ = try await full.createTable()
        try await full.close()

        let again = try await Engine.open("db", in: world)
        for table in written {
            let value = try await again.read { view throws(EngineError) in
                try view.get(table.id, table.key(partition: [1]))
            }
            #expect(value == [7])
        }
        #expect(again.statistics.tableCount == Limits.tables)
        try await again.close()
    }

    /// Enters tables without an entry into the manifest of a closed database: one by one each would be a synced group.
    private static func fill(
        _ directory: String,
        through count: Int,
        _ world: World
    ) throws -> [EngineTable] {
        let file = try world.files.open(directory + "/MANIFEST", .read)
        let reader = try ManifestReader(try file.read(at: 0, count: try file.sizeBytes()))
        file.close()
        var state = reader.state
        let pattern = try #require(state.partitions.values.first)
        while state.tables.count < count {
            let table = EngineTable(id: state.next.table, hashSeed: 1)
            var partition = pattern
            partition.id = state.next.partition
            partition.table = table.id
            state.tables[table.id] = table
            state.partitions[partition.id] = partition
            state.next.table = TableID(table.id.rawValue + 1)
            state.next.partition = PartitionID(partition.id.rawValue + 1)
        }
        try ManifestStore(state, reader.header, in: directory, world.files).close()
        return state.tables.values.sorted { $0.id < $1.id }
    }
}
