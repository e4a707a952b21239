internal import ShaleStates

// Distributed Map: children that are executions of their own.

extension Executions {
    func begin(_ command: ExecutionCommand, of record: ExecutionRecord) {
        _ = (command, record)
    }
}
