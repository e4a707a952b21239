import ShaleJSON
import Testing

@testable import ShaleStates

/// Executions that the real service has run, run again.
///
/// A case that replays differently stands in `differences` with the parts that differ and the reason; a row
/// that no longer differs, or differs in other parts, fails the test.
@Suite struct RecordedHistoriesTests {
    struct Difference {
        let parts: Set<Grade.Part>
        let reason: String
    }

    static let differences: [String: Difference] = [
        "base-d495e9c5cd": Difference(
            parts: [.output, .details],
            reason:
                "the recording has the words start-time and entered-time where the times were; they"
                + " are no words of the recording that the grading knows, and no times"
        ),
        "scenarios-bc8580aad0": Difference(
            parts: [.status, .output, .types, .names],
            reason:
                "a negative MaxConcurrency: the recording ends with ExecutionStarted and says that its"
                + " events do not count; here the execution fails with States.Runtime"
        ),
        "scenarios-ddad3ac1e3": Difference(
            parts: [.details],
            reason:
                "a nested distributed Map whose MapStateExited follows MapRunStarted; in all other"
                + " recordings it follows MapRunSucceeded, and this one says that the number does not count"
        ),
    ]

    @Test(.disabled(if: RecordedCase.all.isEmpty, "the recorded cases are not present"))
    func `recorded executions replay event for event`() {
        var same: [String: Int] = [:]
        var all: [String: Int] = [:]
        for recorded in RecordedCase.all {
            let grade = Grade(recorded)
            all[recorded.area, default: 0] += 1
            if grade.failed.isEmpty { same[recorded.area, default: 0] += 1 }
            #expect(
                grade.failed == Self.differences[recorded.id]?.parts ?? [],
                "\(recorded.id): \(grade.note)"
            )
        }
        for area in all.keys.sorted() {
            print("replayed \(area): \(same[area] ?? 0) of \(all[area] ?? 0)")
        }
    }

    @Test func `the grading tells what differs`() throws {
        func isSame(_ recorded: String, _ observed: String) throws -> Bool {
            Grade.isSame(try JSONParser.value(of: recorded), try JSONParser.value(of: observed))
        }
        #expect(try isSame(#"{"a":"<uuid:1>"}"#, #"{"a":"0f"}"#))
        #expect(try isSame(#"{"output":{"a":[1]}}"#, #"{"output":"{\"a\":[1]}"}"#))
        #expect(try !isSame(#"{"a":1}"#, #"{"a":2}"#))
        #expect(try !isSame(#"{"a":1}"#, #"{"a":1,"b":2}"#))
        #expect(try !isSame("[1,2]", "[2,1]"))
        #expect(try !isSame(#""start-time""#, #""2026""#))
    }
}
