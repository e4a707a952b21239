import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

/// Machines of tests, and what became of them.
enum Machines {
    static func context(
        input: String,
        limitsHistory: Bool = true
    ) throws -> ExecutionContext {
        try ExecutionContext(
            id: "arn:aws:states:eu-west-1:123456789012:execution:orders:first",
            name: "first",
            machineID: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
            machineName: "orders",
            roleARN: "arn:aws:iam::123456789012:role/states",
            input: input,
            startTime: 1_700_000_000_000,
            limitsHistory: limitsHistory
        )
    }

    /// A driver for a machine, which has not started.
    static func driver(
        _ definition: String,
        input: String = "{}",
        answer: @escaping ExecutionDriver.Answer = { _ in nil }
    ) throws -> ExecutionDriver {
        let program = try StateMachineProgram.parse(definition)
        var driver = ExecutionDriver(program, try context(input: input))
        driver.answer = answer
        return driver
    }

    /// Runs a machine until it ends or waits for what the test does not answer.
    static func run(
        _ definition: String,
        input: String = "{}",
        answer: @escaping ExecutionDriver.Answer = { _ in nil }
    ) throws -> ExecutionDriver {
        var driver = try driver(definition, input: input, answer: answer)
        driver.run()
        return driver
    }

    /// Runs a machine of one state, whose name is `S`.
    static func runState(
        _ state: String,
        input: String = "{}",
        answer: @escaping ExecutionDriver.Answer = { _ in nil }
    ) throws -> ExecutionDriver {
        let done = #""Done":{"Type":"Pass","End":true}"#
        let definition = #"{"StartAt":"S","States":{"S":"# + state + "," + done + "}}"
        return try run(definition, input: input, answer: answer)
    }
}

extension ExecutionDriver {
    /// The events as a reader sees their graph: `3<2 PassStateExited`.
    var graph: [String] { history.map { "\($0.id)<\($0.previousID) \($0.type)" } }

    var types: [String] { history.map(\.type) }

    func details(_ type: String) -> JSONObject? { history.first { $0.type == type }?.details }

    /// `output`, or `error: cause`, of the end.
    var outcome: String {
        guard let end else { return "RUNNING" }
        if let output = end.outputText { return output }
        return [end.error ?? "-", end.cause ?? "-"].joined(separator: ": ")
    }
}
