import OrderedCollections
import ShaleFunctions
import ShaleItems
import ShaleJSON
import ShalePlatform
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines
@testable import ShaleStates

/// What executions write to the logs of their machines.
@Suite struct ExecutionLoggingTests {
    private final class Lines: FunctionLog {
        let lines = Mutex<[FunctionLine]>([])

        func write(_ line: FunctionLine) { lines.withLock { $0.append(line) } }
    }

    private static let failing =
        #"{"StartAt":"P","States":{"P":{"Type":"Pass","Next":"F"},"F":{"Type":"Fail","Error":"E","Cause":"C"}}}"#

    /// Runs a machine that logs, and answers what it has written.
    private func lines(
        _ definition: String,
        _ level: String,
        data: Bool = false,
        kind: ResolvedMachine.Kind = .standard
    ) throws -> [FunctionLine] {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        let machines = TestMachines()
        try machines.add("m", definition, kind)
        machines.log("m", level, data: data)
        let log = Lines()
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller(), log: log)
            let arn = try await test.executions.start(TestMachines.arn("m"), input: #"{"a":1}"#).arn
            _ = try await test.ended(arn)
            try await test.close()
        }
        return log.lines.withLock { $0 }
    }

    private func member(_ name: String, of line: FunctionLine) throws -> String? {
        try JSONParser.value(of: line.text)[name]?.text
    }

    @Test(
        arguments: [
            (
                "ALL",
                [
                    "ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered",
                    "ExecutionFailed",
                ]
            ), ("ERROR", ["FailStateEntered", "ExecutionFailed"]), ("FATAL", ["ExecutionFailed"]),
            ("OFF", []),
        ] as [(String, [String])],
        [ResolvedMachine.Kind.standard, .express]
    )
    func `a level says which events are written`(
        level: (name: String, types: [String]),
        kind: ResolvedMachine.Kind
    ) throws {
        let lines = try lines(Self.failing, level.name, kind: kind)
        #expect(try lines.map { try member("type", of: $0) } == level.types)
        #expect(lines.allSatisfy { $0.group == "g" && $0.stream.hasPrefix("states/m/") })
    }

    @Test func `a line has the members of an event, and data only where it is asked for`() throws {
        let pass = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#
        let line = try #require(try lines(pass, "ALL").dropFirst().first)
        let name = try #require(try member("execution_arn", of: line))
        #expect(name.hasPrefix("arn:aws:states:here:1:execution:m:"))
        #expect(
            line.text
                == #"{"id":"2","type":"PassStateEntered","details":{"name":"P"},"previous_event_id":"0","event_timestamp":"\#(line.milliseconds)","execution_arn":"\#(name)","redrive_count":"0"}"#
        )
        let whole = try #require(try lines(pass, "ALL", data: true).dropFirst().first)
        #expect(
            whole.text.contains(
                #""details":{"name":"P","input":"{\"a\":1}","inputDetails":{"truncated":false}}"#
            )
        )
    }

    /// Letters of a text of data, each of which takes so many bytes in JSON, and how many of them stay.
    @Test(
        arguments: [
            ("a", 248 * 1_024, 248 * 1_024), ("a", 248 * 1_024 + 1, 248 * 1_024),
            ("\"", 200_000, 124 * 1_024), ("é", 124 * 1_024 + 1, 124 * 1_024),
        ] as [(String, Int, Int)]
    )
    func `data that does not fit in a line is cut off, and told to be`(
        letter: String,
        count: Int,
        kept: Int
    ) throws {
        var details = JSONObject()
        details["input"] = .string(String(repeating: letter, count: count))
        details["inputDetails"] = .object(["truncated": .bool(false)])
        let event = HistoryEvent(
            id: 1,
            previousID: 0,
            type: "PassStateEntered",
            timestamp: 0,
            detailsName: "stateEnteredEventDetails",
            details: details
        )
        let logging = ExecutionLogging(level: .all, includesData: true, group: "g")
        let told = try JSONParser.value(of: logging.line(event, of: "arn", redrives: 0))["details"]
        #expect(told?["input"]?.text?.count == kept)
        #expect(told?["inputDetails"]?["truncated"] == JSONValue.bool(kept < count))
    }
}
