/// What the accounts of a budget add up to.
import ShalePlatform
import Testing

struct MemoryBudgetTests {
    @Test func `accounts draw on one total`() {
        let budget = MemoryBudget(totalBytes: 1_000)
        budget.add(300, to: .memtables)
        budget.add(500, to: .blockCache)
        budget.add(50, to: .items)
        budget.add(1, to: .other)
        budget.subtract(100, from: .blockCache)
        #expect(budget.used(by: .memtables) == 300)
        #expect(budget.used(by: .blockCache) == 400)
        #expect(budget.used == 751)
        #expect(budget.available == 249)
        budget.add(300, to: .memtables)
        #expect(budget.available == -51)
    }

    @Test func `nothing is lost between threads`() {
        let budget = MemoryBudget(totalBytes: 1_000)
        let scheduler = ThreadScheduler(readThreads: 4)
        let done = scheduler.makeGate()
        let counter = Counter()
        for _ in 0..<4 {
            scheduler.schedule(.read) {
                for _ in 0..<10_000 {
                    budget.add(3, to: .items)
                    budget.subtract(2, from: .items)
                }
                if counter.increment() == 4 { done.open() }
            }
        }
        done.wait()
        #expect(budget.used == 40_000)
        scheduler.shutDown()
    }

    @Test func `giving back more than was taken ends the process`() async {
        await #expect(processExitsWith: .failure) {
            let budget = MemoryBudget(totalBytes: 10)
            budget.add(1, to: .items)
            budget.subtract(2, from: .items)
        }
    }
}
