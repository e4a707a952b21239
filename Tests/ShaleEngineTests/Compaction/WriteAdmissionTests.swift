@testable import ShaleEngine
import Testing

struct WriteAdmissionTests {
    private typealias Load = WriteAdmission.Load

    private static let hundredth = 64 * 1024 * 1024 / 100

    private func load(runs: Int = 0, memtables: Int = 0) -> WriteAdmission.Load {
        Load(
            runCount: runs,
            runCap: 16,
            memtableBytes: memtables * Self.hundredth,
            flushBytes: 100 * Self.hundredth,
            limitBytes: 200 * Self.hundredth
        )
    }

    @Test(arguments: [(0, 0), (13, 0), (3, 100), (3, 150)])
    func `without debt nothing waits, however much is written`(runs: Int, memtables: Int) {
        var admission = WriteAdmission()
        for round in 0..<100 {
            let wait = admission.wait(
                at: UInt64(round),
                written: round << 20,
                load(runs: runs, memtables: memtables)
            )
            #expect(wait == 0)
        }
    }

    @Test func `debt grows linearly from zero to one`() {
        let debts = (13...16).map { WriteAdmission.runDebt(load(runs: $0)) }
        for (debt, expected) in zip(debts, [0, 0.25, 0.5, 0.75]) {
            #expect(abs(debt - expected) < 1e-9)
        }
        #expect(WriteAdmission.runDebt(load(runs: 16, memtables: 200)) == 1)
        for bytes in stride(from: 150, through: 200, by: 10) {
            let debt = WriteAdmission.memoryDebt(load(memtables: bytes))
            #expect(abs(debt - Double(bytes - 150) / 50) < 1e-9)
        }
        #expect(WriteAdmission.memoryDebt(load(memtables: 149)) == 0)
    }

    @Test(arguments: [(0, 0.0), (312, 0), (531, 0.5), (750, 0.8), (5_000, 0.8)])
    func `hidden space is debt, and no reason to stop`(thousandths: Int, expected: Double) {
        var load = load()
        load.hiddenThousandths = thousandths
        #expect(abs(WriteAdmission.spaceDebt(load) - expected) < 0.01)
        #expect(WriteAdmission.mayCost(load) == (expected > 0))
        #expect((WriteAdmission.nanosecondsPerByte(load) > 0) == (expected > 0))
    }

    @Test(arguments: [(14, 0), (16, 199), (40, 500)])
    func `no write waits longer than the longest wait`(runs: Int, memtables: Int) {
        var admission = WriteAdmission()
        var now: UInt64 = 1_000
        for round in 1...500 {
            let wait = admission.wait(
                at: now,
                written: round << 19,
                load(runs: runs, memtables: memtables)
            )
            #expect(wait <= WriteAdmission.longestWait)
            // Sixteen writers ask before the first one goes on.
            if round.isMultiple(of: 16) { now += wait }
        }
    }

    @Test(arguments: [(14, 15.0), (15, 5.0), (16, 1.67)])
    func `writers together go at the rate that the debt leaves them`(runs: Int, rate: Double) {
        var admission = WriteAdmission()
        var now: UInt64 = 1_000
        var written = 0
        _ = admission.wait(at: now, written: written, load(runs: runs))
        let start = now
        for _ in 0..<20_000 {
            written += 400
            now += admission.wait(at: now, written: written, load(runs: runs))
        }
        let megabytesPerSecond = Double(written) * 1_000 / Double(now - start)
        #expect(abs(megabytesPerSecond / rate - 1) < 0.1)
    }

    @Test func `what was written freely is not charged later`() {
        var admission = WriteAdmission()
        _ = admission.wait(at: 1, written: 1 << 40, load())
        #expect(admission.wait(at: 2, written: (1 << 40) + 100, load(runs: 14)) == 0)
    }
}
