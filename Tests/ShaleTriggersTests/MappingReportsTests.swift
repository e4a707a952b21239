import Testing

@testable import ShaleTriggers

@Suite struct MappingReportsTests {
    @Test func `the age is that of the oldest record that is worked on, of all shards`() {
        let reports = MappingReports()
        #expect(reports.iteratorAge(now: 100) == 0)
        reports.begin("a", oldest: 40)
        reports.begin("b", oldest: 70)
        reports.begin("c", oldest: nil)
        #expect(reports.iteratorAge(now: 100) == 60)
        reports.end("a")
        #expect(reports.iteratorAge(now: 100) == 30)
        #expect(reports.iteratorAge(now: 10) == 0)
        reports.end("b")
        #expect(reports.iteratorAge(now: 100) == 0)
    }
}
