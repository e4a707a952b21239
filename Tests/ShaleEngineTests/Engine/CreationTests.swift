import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// Directories that a killed process has made, and whose names the next one must make durable.
struct CreationTests {
    @Test(arguments: 1...12)
    func `a process may be killed while it makes a database, and then the power fails`(
        cut: Int
    ) throws {
        let simulation = SimulatedWorld(seed: 21)
        simulation.disk.cutPower(afterOperations: cut)
        // Cut off somewhere, or through before that.
        _ = try? simulation.runTask { try await Engine.open("db", in: simulation.world) }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let table = try simulation.runTask {
            let second = try await Engine.open("db", in: simulation.world)
            let table = try await second.createTable()
            var batch = WriteBatch()
            batch.put(table.id, table.key(partition: [1]), [7])
            try await second.write(batch)
            return table
        }
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        try simulation.runTask {
            let third = try await Engine.open("db", in: simulation.world)
            let key = table.key(partition: [1])
            let value = try await third.read { view throws(EngineError) in
                try view.get(table.id, key)
            }
            #expect(value == [7])
            try await third.close()
        }
    }

    @Test(arguments: 1...4)
    func `a process may be killed while it begins to archive, and then the power fails`(
        cut: Int
    ) throws {
        let simulation = SimulatedWorld(seed: 22)
        let first = try simulation.runTask {
            try await Engine.open("db", in: simulation.world)
        }
        simulation.disk.cutPower(afterOperations: cut)
        _ = try? simulation.runTask { try await first.beginArchiving() }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let isArchiving = try simulation.runTask {
            try await Engine.open("db", in: simulation.world).isArchiving
        }
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        try simulation.runTask {
            let third = try await Engine.open("db", in: simulation.world)
            #expect(third.isArchiving == isArchiving)
            try await third.close()
        }
    }
}
