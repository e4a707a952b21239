import ShaleItems
import ShaleStates
import Testing

@testable import ShaleStateMachines

/// What is kept of an execution, as an item.
@Suite struct ExecutionRecordTests {
    private static func record(isExpress: Bool = false) -> ExecutionRecord {
        ExecutionRecord(
            key: ExecutionKey(machine: "m", name: "n:u", isExpress: isExpress),
            machineName: "m",
            machineARN: "arn:m",
            revision: "r1",
            roleARN: "arn:role",
            input: #"{"a":1}"#,
            start: 1_767_225_600_123
        )
    }

    /// One with every field.
    private static var full: ExecutionRecord {
        var record = record(isExpress: true)
        record.machineIdentity = "identity"
        record.versionARN = "arn:m:1"
        record.aliasARN = "arn:m:live"
        record.stop = 1_767_225_600_999
        record.status = .failed
        record.error = "E"
        record.cause = "because"
        record.redrives = 2
        record.redriveToken = "t"
        record.round = 3
        record.redriven = 1_767_225_601_000
        record.scope = 3
        record.parent = ExecutionRecord.Parent(
            execution: "p:1",
            task: 4,
            index: 5,
            tellsData: false
        )
        record.waiters = [ExecutionRecord.Parent(execution: "w:1", task: 6)]
        record.starter = "starter"
        record.mapRunARN = "arn:run"
        record.traceHeader = "Root=1"
        record.itemCount = 7
        record.isSynchronous = true
        record.logging = ExecutionLogging(level: .error, includesData: true, group: "g")
        record.state = [1, 2, 3]
        record.statePieces = 8
        record.output = "[]"
        record.timers = [0: 1_767_225_700_000, 12: 1_767_225_800_000]
        return record
    }

    @Test(arguments: [record(), full]) func `what is written is what is read`(
        record: ExecutionRecord
    ) throws {
        let item = try ItemDecoder.decode(record.written().bytes)
        let read = try #require(ExecutionRecord(item))
        // A field is missing in neither: their descriptions have all.
        #expect(Self.description(read) == Self.description(record))
        #expect(item["what"] == "execution")
        #expect(item["execution"] == "m:n:u")
    }

    @Test func `a large input has an item of its own`() throws {
        var record = Self.record()
        record.input = "\"" + String(repeating: "x", count: 1_024) + "\""
        let item = try ItemDecoder.decode(record.written().bytes)
        #expect(item["input"] == nil)
        #expect(record.isInputApart)
    }

    @Test func `a record without a machine is none`() throws {
        var item = try ItemDecoder.decode(Self.full.written().bytes)
        item["machine"] = nil
        #expect(ExecutionRecord(item) == nil)
    }

    private static func description(_ record: ExecutionRecord) -> [String] {
        Mirror(reflecting: record).children.map { child in
            let name = child.label ?? ""
            if name == "timers" { return "timers \(record.timers.sorted { $0.key < $1.key })" }
            return "\(name) \(child.value)"
        }
    }
}
