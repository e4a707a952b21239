import ShalePlatform
import Simulation
import Synchronization
import Testing

@testable import ShaleEngine

/// A segment of the log that cannot be written or synced is left, and the log goes on in another.
struct LogMoveTests {
    /// What fails, once.
    static let faults: [DiskFault] = [
        DiskFault(.write, path: ".log"),
        DiskFault(.sync, path: ".log"),
        DiskFault(.sync, path: ".log", effect: .failAndForget),
        DiskFault(.sync, path: ".log", effect: .failYetArrive),
    ]

    /// A database and what was acknowledged in it.
    private final class Load: Sendable {
        let simulation: SimulatedWorld
        let engine: Engine
        let table: EngineTable
        let moves = Atomic<Int>(0)
        private let acknowledged = Mutex<(synced: Int, last: Int)>((0, 0))

        init(seed: UInt64) throws {
            let simulation = SimulatedWorld(seed: seed)
            let world = simulation.world
            let box = Mutex<Load?>(nil)
            var options = EngineOptions()
            options.onEvent = { event in
                if case .logMoved = event { box.withLock { $0 }?.moves.add(1, ordering: .relaxed) }
            }
            let chosen = options
            (engine, table) = try simulation.runTask {
                let engine = try await Engine.open("db", chosen, in: world)
                return (engine, try await engine.createTable())
            }
            self.simulation = simulation
            box.withLock { $0 = self }
        }

        /// The last one for which an answer came, of `.synced` writes and of all.
        var last: (synced: Int, last: Int) { acknowledged.withLock { $0 } }

        /// Writes numbers, one after the other, to one key.
        func write(_ numbers: ClosedRange<Int>, _ durability: Durability) throws {
            let (engine, table) = (engine, table)
            try simulation.runTask {
                for number in numbers {
                    var batch = WriteBatch()
                    batch.put(table.id, table.key(partition: [1]), Self.bytes(number))
                    try await engine.write(batch, durability)
                    self.acknowledged.withLock { acknowledged in
                        acknowledged.last = number
                        if durability == .synced { acknowledged.synced = number }
                    }
                }
            }
        }

        static func bytes(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }

        func value(_ engine: Engine) throws -> Int {
            let table = table
            let found = try simulation.runTask {
                try await engine.read { view throws(EngineError) in
                    try view.get(table.id, table.key(partition: [1]))
                }
            }
            return Int(String(decoding: found ?? [], as: UTF8.self)) ?? 0
        }

        /// What an opening finds.
        func reopened() throws -> (engine: Engine, value: Int) {
            let world = simulation.world
            let engine = try simulation.runTask { try await Engine.open("db", in: world) }
            return (engine, try value(engine))
        }

        func requireWhole() throws {
            let report = try Verification.run("db", in: simulation.world)
            #expect(report.problems.isEmpty)
        }
    }

    @Test(arguments: faults, CrashMode.allCases)
    func `nobody notices, and nothing is lost`(fault: DiskFault, mode: CrashMode) throws {
        let load = try Load(seed: 5)
        try load.write(1...10, .synced)
        try load.write(11...20, .buffered)
        load.simulation.disk.inject(fault)
        try load.write(21...30, .synced)
        try load.write(31...40, .buffered)
        #expect(try load.value(load.engine) == 40)
        load.simulation.crash(mode, leftovers: .runIntoErrors)
        let (engine, value) = try load.reopened()
        #expect(load.moves.load(ordering: .relaxed) == 1)
        #expect(value >= 30 && value <= 40)
        if mode == .killProcess || mode == .keepUnsynced { #expect(value == 40) }
        try load.simulation.runTask { try await engine.close() }
        try load.requireWhole()
    }

    @Test(arguments: faults, [CrashMode.killProcess, .dropUnsynced, .keepUnsynced, .tearUnsynced])
    func `the power may be cut at any moment of it`(fault: DiskFault, mode: CrashMode) throws {
        for cut in 1..<24 {
            let load = try Load(seed: UInt64(cut))
            try load.write(1...10, .synced)
            try load.write(11...20, .buffered)
            load.simulation.disk.inject(fault)
            load.simulation.disk.cutPower(afterOperations: cut)
            do {
                try load.write(21...30, .synced)
                try load.write(31...40, .buffered)
                try load.write(41...50, .synced)
            } catch let error as EngineError {
                try #require(load.simulation.disk.isPowerCut, "cut \(cut): \(error)")
            }
            let last = load.last
            load.simulation.crash(mode, leftovers: .runIntoErrors)
            load.simulation.disk.removeFaults()
            let (engine, value) = try load.reopened()
            // What a failed sync has forgotten does not survive the loss of power, whatever else does.
            let keepsBuffered =
                mode == .killProcess
                || (mode == .keepUnsynced && fault.effect != .failAndForget)
            let least = keepsBuffered ? last.last : last.synced
            #expect(value >= least && value <= last.last + 1, "cut \(cut)")
            try load.simulation.runTask { try await engine.close() }
            try load.requireWhole()
        }
    }

    /// The kernel takes what it could not sync for written: who opens the database then finds it, and must
    /// write it again before anything is built upon it.
    @Test func `what a failed sync has left in the kernel only is written again when it is served`()
        throws
    {
        for cut in 1..<16 {
            let load = try Load(seed: UInt64(cut))
            try load.write(1...10, .synced)
            try load.write(11...20, .buffered)
            load.simulation.disk.inject(
                DiskFault(.sync, path: ".log", effect: .failAndForget)
            )
            load.simulation.disk.cutPower(afterOperations: cut)
            _ = try? load.write(21...30, .synced)
            load.simulation.crash(.killProcess, leftovers: .runIntoErrors)
            load.simulation.disk.removeFaults()
            let served = try load.reopened()
            #expect(served.value >= 20, "cut \(cut)")
            load.simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
            let (engine, value) = try load.reopened()
            #expect(value == served.value, "cut \(cut)")
            try load.simulation.runTask { try await engine.close() }
            try load.requireWhole()
        }
    }

    @Test func `what the disk has kept of a failed segment does not come back`() throws {
        let load = try Load(seed: 9)
        try load.write(1...10, .synced)
        load.simulation.disk.inject(DiskFault(.sync, path: ".log", effect: .failYetArrive))
        try load.write(11...30, .synced)
        let engine = load.engine
        try load.simulation.runTask { try await engine.flush() }
        try load.write(31...31, .synced)
        load.simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        #expect(try load.reopened().value == 31)
    }

    @Test func `the failed segment is not used again, and nothing stays behind`() throws {
        let load = try Load(seed: 10)
        try load.write(1...10, .synced)
        load.simulation.disk.inject(DiskFault(.sync, path: ".log"))
        try load.write(11...20, .synced)
        let engine = load.engine
        try load.simulation.runTask { try await engine.flush() }
        try load.simulation.runTask { try await engine.flush() }
        try load.write(21...30, .synced)
        try load.simulation.runTask { try await engine.flush() }
        try load.simulation.scheduler.run(for: .seconds(1))
        let state = engine.manifest.state
        #expect(state.segments.count <= 2)
        let names = try load.simulation.files.list("db").filter { $0.hasSuffix(".log") }
        #expect(names.count == state.segments.count + state.spares.count)
    }

    @Test(arguments: [DiskFault.Operation.write, .sync])
    func `after one segment after the other writes are refused, and reads go on`(
        operation: DiskFault.Operation
    ) throws {
        let load = try Load(seed: 11)
        try load.write(1...10, .synced)
        load.simulation.disk.inject(DiskFault(operation, path: ".log", repeats: true))
        for _ in 0..<2 {
            let error = #expect(throws: EngineError.self) { try load.write(11...11, .synced) }
            #expect(error?.code == .logFailed)
            #expect(error?.reason.contains("open the database anew") == true)
            #expect(error?.file?.hasSuffix(".log") == true)
        }
        #expect(try load.value(load.engine) == 10)
        load.simulation.disk.removeFaults()
        load.simulation.crash(.killProcess, leftovers: .runIntoErrors)
        #expect(try [10, 11].contains(load.reopened().value))
    }
}
