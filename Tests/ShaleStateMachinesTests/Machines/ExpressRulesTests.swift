import ShaleJSON
import Testing

@testable import ShaleStateMachines

/// What an EXPRESS machine may not do.
@Suite struct ExpressRulesTests {
    @Test(
        arguments: [
            ("arn:aws:states:::lambda:invoke", nil),
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", "'.waitForTaskToken'"),
            ("arn:aws:states:::states:startExecution.sync", "'.sync'"),
            ("arn:aws:states:us-east-1:000000000000:activity:a", "Activity ARN"),
        ] as [(String, String?)]
    )
    func `an express machine does not wait for others`(
        _ resource: String,
        _ reason: String?
    ) async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new(kind: .express)
            new.settings.definition = MachineFixture.task(resource)
            do throws(StatesError) {
                try await machines.create(new)
                #expect(reason == nil)
            } catch {
                #expect(error.message.contains(reason ?? "nothing"))
            }
        }
    }

    /// A Map with children of a type, each of which runs a task.
    private static func map(_ mode: String, _ type: String, _ resource: String) -> String {
        """
        {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
          "ProcessorConfig": {"Mode": "\(mode)", "ExecutionType": "\(type)"},
          "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "\(resource)", "End": true}}}}}}
        """
    }

    private static let activity = "arn:aws:states:us-east-1:000000000000:activity:a"
    private static let task = "/States/M/ItemProcessor/States/T/Resource"
    private static let mode = "/States/M/ItemProcessor/ProcessorConfig/Mode"

    @Test(
        arguments: [
            (map("DISTRIBUTED", "EXPRESS", activity), ResolvedMachine.Kind.standard, [task]),
            (map("DISTRIBUTED", "STANDARD", activity), .standard, []),
            (map("INLINE", "EXPRESS", activity), .standard, []),
            (map("INLINE", "STANDARD", activity), .express, [task]),
            (map("DISTRIBUTED", "EXPRESS", "arn:aws:states:::lambda:invoke"), .express, [mode]),
            (
                #"{"States": {"P": {"Branches": [{"States": {"T": {"Type": "Task", "Resource": "\#(activity)"}}}]}}}"#,
                .express, ["/States/P/Branches[0]/States/T/Resource"]
            ),
        ]
    )
    func `it holds for express children, and in branches and iterations`(
        _ definition: String,
        _ kind: ResolvedMachine.Kind,
        _ places: [String]
    ) throws {
        let machine = try JSONParser.value(of: definition)
        #expect(ExpressRules.violations(in: machine, kind).map(\.location) == places)
    }
}
