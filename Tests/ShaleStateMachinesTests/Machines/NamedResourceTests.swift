import ShaleEngine
import ShaleItems
import ShaleJSON
import ShaleTables
import Testing

@testable import ShaleStateMachines

@Suite struct NamedResourceTests {
    @Test(
        arguments: [
            ("arn:aws:lambda:us-east-1:000000000000:function:f", true),
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", true),
            ("arn:aws:states:::dynamodb:putItem", true),
            ("arn:aws:states:::aws-sdk:dynamodb:batchWriteItem", true),
            ("arn:aws:states:::aws-sdk:dynamodb:query.waitForTaskToken", true),
            ("arn:aws:states:::states:startExecution.sync:2", true),
            ("arn:aws:states:us-east-1:000000000000:activity:a", true),
            ("arn:aws:states:::sns:publish", false), ("arn:aws:states:::http:invoke", false),
            ("arn:aws:states:::aws-sdk:s3:putObject", false),
            ("arn:aws:states:::dynamodb:query", false), ("arn:aws:states:::lambda:list", false),
            ("arn:aws:states:::aws-sdk:dynamodb:", false),
            ("arn:aws:states:::aws-sdk:dynamodb:explode", false),
            ("arn:aws:states:::aws-sdk:dynamodb:Query", false),
            ("arn:aws:states:::aws-sdk:dynamodb:query.sync", false), ("f", false),
        ]
    )
    func `a task of a service that is not here is refused by name`(
        _ resource: String,
        _ isHere: Bool
    ) async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.settings.definition = MachineFixture.task(resource)
            do throws(StatesError) {
                try await machines.create(new)
                #expect(isHere)
            } catch {
                #expect(!isHere && error.code == .invalidDefinition)
                // What is no resource name at all is the language's to refuse.
                let isNone = error.message.contains("Value is not a valid resource ARN")
                #expect(isNone || error.message.contains(resource))
                #expect(error.message.hasSuffix("/States/T/Resource'"))
            }
        }
    }

    @Test func `resources are found in branches, iterations, readers and writers`() throws {
        let definition = """
            {"States": {"P": {"Branches": [{"States": {"A": {"Type": "Task", "Resource": "a"}}}]},
              "M": {"ItemReader": {"Resource": "r"}, "ResultWriter": {"Resource": "w"},
                "ItemProcessor": {"States": {"B": {"Type": "Task", "Resource": "b"}}}},
              "O": {"Iterator": {"States": {"C": {"Type": "Task", "Resource": "c"}}}},
              "X": {"Type": "Pass", "Resource": "x"}}}
            """
        let found = NamedResource.all(of: try JSONParser.value(of: definition))
        #expect(
            found.map(\.location) == [
                "/States/P/Branches[0]/States/A/Resource", "/States/M/ItemReader/Resource",
                "/States/M/ResultWriter/Resource", "/States/M/ItemProcessor/States/B/Resource",
                "/States/O/Iterator/States/C/Resource",
            ]
        )
        #expect(found.map(\.arn) == ["a", "r", "w", "b", "c"])
    }

    @Test(
        arguments: [
            ("{}", "SCHEMA_VALIDATION_FAILED"), ("not", "INVALID_JSON_DESCRIPTION"),
            (#"{"StartAt": "X", "States": {}}"#, "SCHEMA_VALIDATION_FAILED"),
            (
                #"{"StartAt": "X", "States": {"X": {"Type": "Succeed"}, "X": {"Type": "Fail"}}}"#,
                "INVALID_JSON_DESCRIPTION"
            ),
        ]
    )
    func `what is no definition is refused with a reason`(
        _ definition: String,
        _ reason: String
    ) async throws {
        try await MachineFixture.run { machines, _ in
            var new = MachineFixture.new()
            new.settings.definition = definition
            do throws(StatesError) {
                try await machines.create(new)
                Issue.record("a machine was made")
            } catch {
                #expect(error.code == .invalidDefinition)
                #expect(error.message.hasPrefix("Invalid State Machine Definition: '\(reason): "))
            }
        }
    }
}
