import Foundation
import ShaleJSON

@testable import ShaleStates

/// A definition with an input, and what the real service recorded for it.
///
/// The cases are other projects' data and not part of this one; they are read where they are present.
struct RecordedCase: CustomTestStringConvertible {
    let id: String
    let area: String
    let definition: String
    let input: String
    let events: [JSONValue]
    /// Whether only the final event was recorded.
    let hasOutputOnly: Bool
    /// Places in which the recording is known to vary or to be odd.
    let skipped: [String]

    var testDescription: String { id }

    /// The directory of the cases: named by the environment, or beside the checkout.
    static var directory: URL {
        if let path = ProcessInfo.processInfo.environment["SHALE_CONFORMANCE"] {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/conformance")
    }

    static let all: [RecordedCase] = {
        let file = directory.appendingPathComponent("state-machines.json")
        guard let data = try? Data(contentsOf: file) else { return [] }
        var parser = JSONParser(Array(data))
        guard let cases = try? parser.wholeText().elements else { return [] }
        return cases.compactMap(RecordedCase.init)
    }()

    private init?(_ value: JSONValue) {
        guard let id = value["id"]?.text, let area = value["area"]?.text,
            let definition = value["definition"]?.text, let events = value["events"]?.elements
        else { return nil }
        self.id = id
        self.area = area
        self.definition = definition
        self.events = events
        input = value["input"]?.text ?? "{}"
        hasOutputOnly = value["kind"]?.text == "output"
        skipped = value["skip_paths"]?.elements?.compactMap(\.text) ?? []
    }
}

import Testing

extension RecordedCase {
    /// Replays the case in process.
    func replay() throws -> ExecutionDriver {
        let program = try StateMachineProgram.parse(definition)
        let context = try ExecutionContext(
            id: "arn:aws:states:us-east-1:000000000000:execution:machine-name:execution-name",
            name: "execution-name",
            machineID: "arn:aws:states:us-east-1:000000000000:stateMachine:machine-name",
            machineName: "machine-name",
            roleARN: "snf_role_arn",
            input: input,
            // Some cases wait for times shortly after they were recorded.
            startTime: 1_795_413_000_000
        )
        var driver = ExecutionDriver(program, context)
        driver.run()
        return driver
    }

    var hasParallel: Bool {
        events.contains { $0["type"]?.text?.hasPrefix("ParallelState") ?? false }
    }
}
