import ShaleEngine
import ShalePlatform
import Simulation
import Synchronization
import Testing

/// What the scrubber told.
private final class Told: Sendable {
    private let errors = Mutex<[EngineError]>([])

    func note(_ event: EngineEvent) {
        if case .damageFound(let error) = event { errors.withLock { $0.append(error) } }
    }

    var all: [EngineError] { errors.withLock { $0 } }
}

/// Runs and blob segments are read again in the background.
struct ScrubTests {
    private let told = Told()
    private let simulation = SimulatedWorld(seed: 8)

    private var options: EngineOptions {
        var options = EngineOptions()
        options.memoryBudgetBytes = 1024 * 1024
        options.smallestBlobBytes = 300
        options.runFileSizeBytes = 32 * 1024
        let told = told
        options.onEvent = { told.note($0) }
        return options
    }

    private func open(_ options: EngineOptions) throws -> Engine {
        let world = simulation.world
        return try simulation.runTask { try await Engine.open("db", options, in: world) }
    }

    /// So many entries that there are several files of both kinds.
    private func fill(_ engine: Engine, round: Int = 0) throws {
        let table = try engine.tables.first ?? simulation.runTask { try await engine.createTable() }
        var generator = SimulatedGenerator(seed: 3)
        for batchNumber in 0..<20 {
            var batch = WriteBatch()
            for index in 0..<10 {
                let key = table.key(partition: [UInt8(batchNumber), UInt8(index), UInt8(round)])
                let size = generator.below(400)
                batch.put(table.id, key, (0..<size).map { _ in UInt8(generator.below(256)) })
            }
            let writes = batch
            try simulation.runTask { _ = try await engine.write(writes) }
        }
        try simulation.runTask { try await engine.flush() }
    }

    private func files(_ suffix: String) throws -> [String] {
        try simulation.files.list("db").filter { $0.hasSuffix(suffix) }
    }

    private func close(_ engine: Engine) throws {
        try simulation.runTask { try await engine.close() }
    }

    @Test(arguments: [".run", ".blob"], [0.0, 0.4, 0.99])
    func `a flipped bit is found within 100 hours, and told once`(
        suffix: String,
        place: Double
    ) throws {
        let engine = try open(options)
        try fill(engine)
        let name = try #require(try files(suffix).last)
        let size = try simulation.disk.contents("db/\(name)").count
        let offset = Int(Double(size) * place)
        try simulation.disk.damage("db/\(name)", at: offset, flipping: 8)
        try simulation.scheduler.run(for: .seconds(101 * 3600))
        #expect(told.all.map(\.file) == [name])
        #expect(told.all.allSatisfy { $0.code == .corrupted })
        #expect(told.all.allSatisfy { $0.offset.map { $0 <= offset } ?? false })
        try simulation.scheduler.run(for: .seconds(150 * 3600))
        #expect(told.all.count == 1)
        let scrub = engine.statistics.scrub
        #expect(scrub.damageCount == 1 && scrub.passCount >= 1)
        try close(engine)
    }

    @Test func `it reads one percent an hour`() throws {
        let engine = try open(options)
        try fill(engine)
        let statistics = engine.statistics
        let all = statistics.runFileSizeBytes + statistics.blobFileSizeBytes
        try simulation.scheduler.run(for: .seconds(50 * 3600))
        let half = engine.statistics.scrub.checkedBytes
        #expect(abs(half - all / 2) < all / 10, "\(half) of \(all)")
        #expect(engine.statistics.scrub.passCount == 0)
        #expect(told.all.isEmpty)
        try close(engine)
    }

    @Test func `it goes on where the last life has stopped`() throws {
        var lives = 0
        var engine = try open(options)
        try fill(engine)
        let name = try #require(try files(".blob").last)
        let size = try simulation.disk.contents("db/\(name)").count
        // In the last blob: behind it there are a directory of lengths and the footer only.
        try simulation.disk.damage("db/\(name)", at: size - 400, flipping: 8)
        while told.all.isEmpty, lives < 30 {
            try simulation.scheduler.run(for: .seconds(5 * 3600))
            try close(engine)
            lives += 1
            engine = try open(options)
        }
        #expect(told.all.map(\.file) == [name])
        #expect(lives > 5 && lives <= 21, "\(lives) lives of five hours")
        try close(engine)
        let reader = try Engine.openBlocking("db", access: .readOnly, in: simulation.world)
        #expect(reader.statistics.scrub.damageCount == 1)
        reader.abandon()
    }

    @Test func `files come and go while it reads`() throws {
        let engine = try open(options)
        for round in 0..<12 {
            try fill(engine, round: round % 3)
            if round % 4 == 3 { try simulation.runTask { try await engine.compact() } }
            try simulation.scheduler.run(for: .seconds(15 * 3600))
        }
        #expect(told.all.isEmpty)
        #expect(engine.statistics.scrub.passCount >= 1)
        #expect(engine.statistics.scrub.checkedBytes > 0)
        try close(engine)
    }

    @Test func `at zero percent it reads nothing and leaves nothing behind`() throws {
        var options = options
        options.scrubPercentPerHour = 0
        let engine = try open(options)
        try fill(engine)
        let name = try #require(try files(".run").first)
        try simulation.disk.damage("db/\(name)", at: 100, flipping: 8)
        try simulation.scheduler.run(for: .seconds(300 * 3600))
        #expect(told.all.isEmpty)
        try close(engine)
        #expect(try files("SCRUB").isEmpty)
    }

    @Test func `a damaged or torn note of its progress is as good as none`() throws {
        var engine = try open(options)
        try fill(engine)
        try simulation.scheduler.run(for: .seconds(30 * 3600))
        try close(engine)
        let note = try simulation.disk.contents("db/SCRUB")
        for bit in stride(from: 0, to: note.count * 8, by: 11) {
            var damaged = note
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            simulation.disk.place("db/SCRUB", damaged)
            let reader = try Engine.openBlocking("db", access: .readOnly, in: simulation.world)
            #expect(reader.statistics.scrub == ScrubProgress())
            reader.abandon()
        }
        simulation.disk.place("db/SCRUB", note)
        engine = try open(options)
        #expect(engine.statistics.scrub.checkedBytes > 0)
        try close(engine)
    }

    @Test func `online verification reads beside the process that has the database open`() throws {
        let engine = try open(options)
        try fill(engine)
        #expect(throws: EngineError.self) { try Verification.run("db", in: simulation.world) }
        let whole = try Verification.runOnline("db", in: simulation.world)
        #expect(whole.isWhole && whole.entryCount > 0 && whole.blobFileCount > 0)
        for suffix in [".run", ".blob"] {
            let name = try #require(try files(suffix).first)
            try simulation.disk.damage("db/\(name)", at: 200, flipping: 1)
            let report = try Verification.runOnline("db", in: simulation.world)
            #expect(report.problems.map(\.file).contains(name))
            try simulation.disk.damage("db/\(name)", at: 200, flipping: 1)
        }
        // Files that are merged away while they are looked at are no damage.
        var isMerged = false
        let report = try Verification.runOnline("db", in: simulation.world) { _, _ in
            guard !isMerged else { return }
            isMerged = true
            try? fill(engine, round: 1)
            try? simulation.runTask { try await engine.compact() }
            try? simulation.scheduler.run(for: .seconds(1))
        }
        #expect(isMerged && report.isWhole && !report.notes.isEmpty)
        try close(engine)
    }
}
