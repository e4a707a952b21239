import Damage
import Testing

/// A sample of what `Tools/flip` does to whole databases.
struct FlipTests {
    private func tally(of run: some DamageRun, _ numbers: [Int]) throws -> Tally {
        var run = run
        for number in numbers {
            do {
                try run.run(number)
            } catch {
                Issue.record("\(number), \(run.describe(number)): \(error)")
            }
        }
        return run.tally
    }

    @Test(arguments: Ending.allCases)
    func `a flipped bit is found or harmless, and never a wrong answer`(ending: Ending) throws {
        let run = try FlipRun(.tiny(ending))
        let tally = try tally(of: run, run.spread(eachPart: 1))
        #expect(tally.count(.atOpen) > 0)
        #expect(tally.count(.harmless) > 0)
        if ending != .young { #expect(tally.count(.atRead) > 0 && tally.count(.byVerify) > 0) }
        if ending == .closed { #expect(tally.count(.tornTail) == 0) }
    }

    @Test(arguments: Ending.allCases)
    func `lost files and sectors are found or harmless`(ending: Ending) throws {
        let run = FileDamageRun([try .tiny(ending)])
        let step = max(1, run.count / 150)
        let tally = try tally(of: run, Array(stride(from: 0, to: run.count, by: step)))
        #expect(tally.count(.atOpen) > 0)
        if ending != .young { #expect(tally.count(.atRead) > 0) }
    }

    /// Against an examination that overlooks things: what is expected is not what was written.
    @Test func `a wrong answer is noticed`() throws {
        var image = try DatabaseImage.tiny(.closed)
        let last = image.states.count - 1
        image.states[last].tables[1][0].value.append(1)
        var run = try FlipRun(image)
        let lockedOut = (0..<run.count).last { run.describe($0).contains("DURATIONS") }
        let number = try #require(lockedOut)
        #expect(throws: DamageFailure.self) { try run.run(number) }
    }
}
