package import ShaleJSON

/// An execution as a whole, as DescribeExecution tells it.
package struct ExecutionSummary: Sendable {
    package let arn: String
    package let name: String
    package let machine: String
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`.
    package let status: String
    /// Milliseconds since 1970.
    package let started: Int64
    package let stopped: Int64?
    package let input: String?
    package let output: String?
    package let error: String?
    package let cause: String?
    package let redriveCount: Int

    package init(_ description: JSONValue) {
        func time(_ name: String) -> Int64? {
            description[name]?.number.map { Int64(($0 * 1_000).rounded()) }
        }
        arn = description["executionArn"]?.text ?? ""
        name = description["name"]?.text ?? ""
        let machineARN = description["stateMachineArn"]?.text ?? ""
        machine = machineARN.split(separator: ":").dropFirst(6).first.map(String.init) ?? ""
        status = description["status"]?.text ?? ""
        started = time("startDate") ?? 0
        stopped = time("stopDate")
        input = description["input"]?.text
        output = description["output"]?.text
        error = description["error"]?.text
        cause = description["cause"]?.text
        redriveCount = Int(description["redriveCount"]?.number ?? 0)
    }

    /// What became of it, in the words of states.
    package var outcome: Outcome {
        switch status {
        case "SUCCEEDED": .succeeded
        case "FAILED", "TIMED_OUT": .failed
        case "ABORTED": .aborted
        default: .running
        }
    }

    /// How long it took, or takes until `now`, in milliseconds.
    package func milliseconds(at now: Int64) -> Int64 { max(0, (stopped ?? now) - started) }
}

/// How a run of a distributed Map stands, as DescribeMapRun tells it.
package struct MapRunSummary: Sendable {
    package let status: String
    /// Child executions by what became of them, in the order to tell them; those that are none are left out.
    package let counts: [(name: String, count: Int)]
    package let total: Int
    package let items: Int

    package init(_ description: JSONValue) {
        let executions = description["executionCounts"]
        func count(_ name: String) -> Int { Int(executions?[name]?.number ?? 0) }
        status = description["status"]?.text ?? ""
        counts = [
            ("succeeded", count("succeeded")), ("failed", count("failed")),
            ("timed out", count("timedOut")), ("aborted", count("aborted")),
            ("running", count("running")), ("pending", count("pending")),
        ].filter { $0.1 > 0 }
        total = count("total")
        items = Int(description["itemCounts"]?["total"]?.number ?? 0)
    }

    /// `1,000 items in 10 executions: 9 succeeded, 1 failed`.
    package var words: String {
        let each = counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        return "\(items) items in \(total) executions" + (each.isEmpty ? "" : ": " + each)
    }
}
