import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct RecordedHistoriesTests {
    @Test(.disabled(if: RecordedCase.all.isEmpty, "the recorded cases are not present"))
    func `recorded executions replay as the service recorded them`() {
        var counts: [String: [Int]] = [:]
        for recorded in RecordedCase.all {
            let grade = Grade(recorded)
            for area in [recorded.area, "total"] {
                var row = counts[area] ?? Array(repeating: 0, count: Grade.Part.allCases.count + 1)
                row[0] += 1
                for (index, part) in Grade.Part.allCases.enumerated()
                where !grade.failed.contains(part) {
                    row[index + 1] += 1
                }
                counts[area] = row
            }
            if !grade.failed.isEmpty { print(recorded.id, grade.description.prefix(700)) }
        }
        for area in counts.keys.sorted() { print(area, counts[area] ?? []) }
    }
}
