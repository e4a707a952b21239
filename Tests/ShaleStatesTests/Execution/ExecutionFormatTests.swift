import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct ExecutionFormatTests {
    static let waiting = #"""
        {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"Next":"B"},
        "B":{"Type":"Wait","Seconds":60,"End":true}}}
        """#
    static let input =
        #"{"order":"0123456789012345678901234567890123456789012345678901234567890123456789"}"#

    @Test func `a machine that waits takes as many bytes as the drawing says`() throws {
        var driver = try Machines.driver(Self.waiting, input: Self.input)
        driver.give(.start)
        let expected: [UInt8] = [
            2, 0,  // version, status
            0, 2, 0, 1, 0,  // scope, events, redrives, last number, no time-out
            1,  // branches
            0, 0, 0, 0,  // number, no parent, index, no item
            0, 2, 2, 0, 0x80, 0xD0, 0x95, 0xFF, 0xBC, 0x31,  // state, events, time
            0,  // attempts
            2, 0x7B, 0x7D,  // variables
            1,  // the input is that of the execution
            2, 1,  // waiting for timer 1
            0,  // nothing is ready
        ]
        #expect(driver.state.encoded() == expected)
    }

    @Test func `later waits take the data and little else`() throws {
        var driver = try Machines.driver(Self.waiting, input: Self.input)
        driver.give(.start)
        driver.give(.timerFired(TimerID(1)))
        #expect(driver.state.encoded().count < Self.input.utf8.count + 50)
    }

    /// Machines with something of every phase.
    static let machines: [(String, String)] = [
        (waiting, input),
        (
            #"""
            {"TimeoutSeconds":900,"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
            {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters":{"T.$":"$$.Task.Token"},"HeartbeatSeconds":5,"TimeoutSeconds":50,"End":true}}},
            {"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.l","MaxConcurrency":2,"ItemProcessor":{
            "StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"End":true}}},"End":true}}}]}}}
            """#, #"{"l":[1,"two",{"three":3.5}]}"#
        ),
        (
            #"""
            {"StartAt":"D","States":{"D":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
            "ReaderConfig":{}},"ToleratedFailurePercentage":12.5,"ItemProcessor":{"ProcessorConfig":{
            "Mode":"DISTRIBUTED"},"StartAt":"W","States":{"W":{"Type":"Succeed"}}},"End":true}}}
            """#, "{}"
        ),
    ]

    static func state(_ machine: (String, String)) throws -> ExecutionState {
        var driver = try Machines.driver(machine.0, input: machine.1)
        driver.give(.start)
        return driver.state
    }

    @Test(arguments: machines.indices)
    func `a state reads back as it was`(machine: Int) throws {
        let state = try Self.state(Self.machines[machine])
        let bytes = state.encoded()
        let read = try ExecutionState(bytes, program: state.program, context: state.context)
        #expect(read.encoded() == bytes)
        #expect(read.timers == state.timers)
        #expect(read.tasks == state.tasks)
    }

    @Test(arguments: machines.indices)
    func `bytes that are cut short are no state`(machine: Int) throws {
        let state = try Self.state(Self.machines[machine])
        let bytes = state.encoded()
        for count in bytes.indices {
            #expect(throws: ExecutionFormatError.self) {
                try ExecutionState(
                    Array(bytes.prefix(count)),
                    program: state.program,
                    context: state.context
                )
            }
        }
    }

    /// Version 1 had inputs of branches in their own states.
    @Test(arguments: [0, 2])
    func `states of version 1 are read`(machine: Int) throws {
        let state = try Self.state(Self.machines[machine])
        var bytes = state.encoded()
        bytes[0] = 1
        let read = try ExecutionState(bytes, program: state.program, context: state.context)
        #expect(read.encoded() == state.encoded())
    }

    private static func wait(_ name: String) -> String {
        #"{"StartAt":"\#(name)","States":{"\#(name)":{"Type":"Wait","Seconds":9,"#
            + #""OutputPath":null,"End":true}}}"#
    }

    @Test(arguments: [
        #"{"Type":"Parallel","Branches":["#
            + (0..<300).map { wait("W\($0)") }.joined(separator: ",") + #"],"Next":"Done"}"#,
        #"{"Type":"Map","ItemsPath":"$.l","ItemProcessor":\#(wait("W")),"Next":"Done"}"#,
    ])
    func `branches share the data of their fork`(state: String) throws {
        let item = #"""# + String(repeating: "x", count: 10_000) + #"""#
        let input = #"{"l":["# + Array(repeating: item, count: 10).joined(separator: ",") + "]}"
        let done = #""Done":{"Type":"Pass","End":true}"#
        let machine = #"{"StartAt":"S","States":{"S":"# + state + "," + done + "}}"
        var driver = try Machines.driver(machine, input: input)
        driver.give(.start)
        #expect(driver.state.branches.count > 10)
        // The input of the state, which is what the fork works on, and the items of the Map.
        #expect(driver.state.encoded().count < 3 * input.utf8.count)
        driver.runTimers()
        #expect(driver.end?.status == .succeeded)
    }

    @Test func `bytes of another version are refused`() throws {
        let state = try Self.state(Self.machines[0])
        var bytes = state.encoded()
        bytes[0] = 3
        #expect(throws: ExecutionFormatError(offset: 1, reason: "another version")) {
            try ExecutionState(bytes, program: state.program, context: state.context)
        }
    }

    /// Damaged bytes either are refused or are a state that goes on without a trap.
    @Test(arguments: machines.indices)
    func `no byte that changes makes a later step trap`(machine: Int) throws {
        let state = try Self.state(Self.machines[machine])
        let bytes = state.encoded()
        var random = SeededGenerator(seed: UInt64(machine) + 1)
        var accepted = 0
        for _ in 0..<4_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard
                var read = try? ExecutionState(
                    damaged,
                    program: state.program,
                    context: state.context
                )
            else { continue }
            accepted += 1
            Fuzzing.goOn(&read, steps: 20, &random)
        }
        #expect(accepted > 0)
    }
}
