import OrderedCollections
import ShaleJSON
import ShalePlatform
import ShaleStates
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// What a ResultWriter writes of the children of a Map run.
@Suite struct ResultFilesTests {
    private static let bucket =
        #""Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"out"}"#

    /// A Map over items of which texts fail; children of a type.
    private static func definition(_ writer: String, _ type: String, tolerated: Int) -> String {
        """
        {"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "L", "ToleratedFailureCount": \(tolerated),
          "MaxConcurrency": 3,
          "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "\(type)"},
            "StartAt": "C", "States": {
              "C": {"Type": "Choice", "Default": "P",
                "Choices": [{"Variable": "$", "StringEquals": "x", "Next": "V"}]},
              "V": {"Type": "Wait", "Seconds": 1, "Next": "F"},
              "P": {"Type": "Choice", "Default": "Q",
                "Choices": [{"Variable": "$", "NumericEquals": 9, "Next": "W"}]},
              "W": {"Type": "Wait", "Seconds": 60, "End": true}, "Q": {"Type": "Pass", "End": true},
              "F": {"Type": "Fail", "Error": "Odd", "Cause": "because"}}},
          "ResultWriter": {\(writer)}, "End": true}}}
        """
    }

    /// Runs the Map.
    /// - Returns: the output, and the objects by the last part of their names.
    private func run(
        _ writer: String,
        _ type: String = "STANDARD",
        input: String = #"[1,[2,3],"x"]"#,
        tolerated: Int = 1
    ) throws -> (output: String?, files: [String: String]) {
        let simulation = SimulatedWorld(seed: 1)
        let machines = TestMachines()
        try machines.add("m", Self.definition(writer, type, tolerated: tolerated))
        let caller = TestCaller()
        let world = simulation.world
        return try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, caller)
            let arn = try await test.executions.start(TestMachines.arn("m"), input: input).arn
            let end = try await test.ended(arn)
            await test.executions.pause(milliseconds: 2_000)
            try await test.close()
            var files: [String: String] = [:]
            for (key, bytes) in caller.objects.objects.withLock({ $0 }) {
                let name = String(key.split(separator: "/").last ?? "")
                files[name] = String(decoding: bytes, as: UTF8.self)
            }
            return (end.output, files)
        }
    }

    @Test(arguments: ["STANDARD", "EXPRESS"])
    func `without WriterConfig a file tells all of each child`(type: String) throws {
        let (output, files) = try run(Self.bucket, type)
        let details = try JSONParser.value(of: try #require(output))["ResultWriterDetails"]
        #expect(details?["Bucket"]?.text == "b")
        let done = try JSONParser.value(of: try #require(files["SUCCEEDED_0.json"]))
        #expect(done.elements?.compactMap { $0["Output"]?.text } == ["1", "[2,3]"])
        #expect(done.elements?.compactMap { $0["Input"]?.text } == ["1", "[2,3]"])
        let first = try #require(done.elements?.first)
        #expect(
            Set(first.members?.keys.elements ?? []) == [
                "ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails",
                "RedriveCount", "RedriveStatus", "RedriveStatusReason", "StartDate",
                "StateMachineArn", "Status", "StopDate",
            ]
        )
        #expect(first["Status"]?.text == "SUCCEEDED")
        let failed = try JSONParser.value(of: try #require(files["FAILED_0.json"])).elements?.first
        #expect(failed?["Error"]?.text == "Odd" && failed?["Cause"]?.text == "because")
        #expect(failed?["Status"]?.text == "FAILED" && failed?["Output"] == nil)
        let kind = type == "EXPRESS" ? "express" : "execution"
        let arn = try #require(failed?["ExecutionArn"]?.text)
        let name = try #require(failed?["Name"]?.text)
        let end = type == "EXPRESS" ? "\(name):" : name
        #expect(arn.hasPrefix("arn:aws:states:here:1:\(kind):m/L:\(end)"))
        let listed = try JSONParser.value(of: try #require(files["manifest.json"]))["ResultFiles"]
        #expect(listed?["PENDING"] == .array([]))
        #expect(listed?["FAILED"]?.elements?.count == 1)
    }

    @Test(
        arguments: [
            ("COMPACT", "JSON", "SUCCEEDED_0.json", "[1,[2,3]]"),
            ("COMPACT", "JSONL", "SUCCEEDED_0.jsonl", "1\n[2,3]\n"),
            ("FLATTEN", "JSON", "SUCCEEDED_0.json", "[1,2,3]"),
            ("FLATTEN", "JSONL", "SUCCEEDED_0.jsonl", "1\n2\n3\n"),
        ]
    )
    func `outputs are written as WriterConfig says, and failures whole`(
        transformation: String,
        type: String,
        name: String,
        text: String
    ) throws {
        let configuration =
            #""WriterConfig":{"Transformation":"\#(transformation)","OutputType":"\#(type)"}"#
        let files = try run(Self.bucket + "," + configuration).files
        #expect(files[name] == text)
        let failed = try #require(files[type == "JSON" ? "FAILED_0.json" : "FAILED_0.jsonl"])
        #expect(failed.contains(#""Error":"Odd""#) && failed.contains(#""Cause":"because""#))
        #expect(failed.hasSuffix("}\n") == (type == "JSONL"))
    }

    @Test func `without a Resource nothing is written, and the output is what files would hold`()
        throws
    {
        let (output, files) = try run(#""WriterConfig":{"Transformation":"FLATTEN"}"#)
        #expect(files.isEmpty)
        let elements = try JSONParser.value(of: try #require(output)).elements
        #expect(elements?.prefix(3).map(\.json) == ["1", "2", "3"])
        #expect(elements?.last?["Error"]?.text == "Odd")
        let lines = try run(#""WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}"#)
        #expect(lines.output?.hasPrefix(#""1\n[2,3]\n{\"ExecutionArn\""#) == true)
    }

    @Test func `a run that fails writes what there is, and what had not ended apart`() throws {
        let (output, files) = try run(Self.bucket, input: #"[1,9,"x",2]"#, tolerated: 0)
        #expect(output == nil)
        let listed = try JSONParser.value(of: try #require(files["manifest.json"]))["ResultFiles"]
        let inputs = try ["SUCCEEDED", "PENDING", "FAILED"].map { status in
            #expect(listed?[status]?.elements?.count == 1)
            let text = try #require(files["\(status)_0.json"])
            return try JSONParser.value(of: text).elements?.compactMap { $0["Input"]?.text }
        }
        #expect(inputs == [["1", "2"], ["9"], [#""x""#]])
    }
}
