import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// What a killed process has left in the kernel only must not be acted on before it is on the disk.
struct KernelOnlyTests {
    /// Leaves a manifest whose last group, which drops files, was never synced.
    private func leave(_ seed: UInt64) throws -> (SimulatedWorld, TableID) {
        let simulation = SimulatedWorld(seed: seed)
        let world = simulation.world
        let kept = try simulation.runTask {
            let engine = try await Engine.open("db", in: world)
            let (kept, dropped) = (try await engine.createTable(), try await engine.createTable())
            for table in [kept, dropped] {
                for number in 0..<20 {
                    var batch = WriteBatch()
                    batch.put(table.id, table.key(partition: [UInt8(number)]), [1, 2, 3])
                    try await engine.write(batch)
                }
                try await engine.flush()
            }
            simulation.disk.inject(DiskFault(.sync, path: "MANIFEST"))
            do throws(EngineError) {
                try await engine.dropTable(dropped.id)
                Issue.record("the manifest was synced")
            } catch {
                #expect(error.code == .inputOutput)
            }
            return kept.id
        }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        simulation.disk.removeFaults()
        return (simulation, kept)
    }

    /// The opening removes the dropped table's files, and the manifest that would still name them may be what
    /// is left when the power fails then.
    @Test(arguments: 1...6 as ClosedRange<UInt64>, [CrashMode.bySeed, .tearUnsynced])
    func `files go only when the manifest that drops them is on the disk`(
        seed: UInt64,
        mode: CrashMode
    ) throws {
        for cut in 1..<24 {
            let (simulation, kept) = try leave(seed &* 100 &+ UInt64(cut))
            simulation.disk.cutPower(afterOperations: cut)
            let world = simulation.world
            // Cut off somewhere, or through before that.
            _ = try? simulation.runTask { try await Engine.open("db", in: world) }
            simulation.crash(mode, leftovers: .runIntoErrors)
            let report = try Verification.run("db", in: simulation.world)
            #expect(report.problems.isEmpty, "cut \(cut)")
            let again = simulation.world
            let found = try simulation.runTask {
                let engine = try await Engine.open("db", in: again)
                let table = try #require(engine.table(kept))
                let found = try await again.scheduler.run(.read) {
                    Result { () throws(EngineError) in try engine.contents(of: table).count }
                }.get()
                try await engine.close()
                return found
            }
            #expect(found == 20, "cut \(cut)")
        }
    }
}
