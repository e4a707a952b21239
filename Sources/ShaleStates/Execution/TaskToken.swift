/// What a worker is given to report the end of a task with: where that is, and a secret.
///
///     Base64 of  ARN of the execution, space, number of the task, space, UUID
package struct TaskToken: Sendable, Equatable {
    /// Bytes that a token may have, as the service says.
    package static let limitBytes = 2_048

    package let executionID: String
    package let task: TaskID
    let secret: String

    init(executionID: String, task: TaskID, secret: String) {
        self.executionID = executionID
        self.task = task
        self.secret = secret
    }

    /// Reads a token; nil where the text is none.
    ///
    /// Whether its task waits says the execution.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.limitBytes,
            let decoded = String(validating: Base64.decode(text), as: UTF8.self)
        else { return nil }
        let parts = decoded.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Int(parts[1]) else { return nil }
        self.init(executionID: String(parts[0]), task: TaskID(number), secret: String(parts[2]))
    }

    /// What the worker is given.
    package var text: String {
        Base64.encode(Array("\(executionID) \(task.number) \(secret)".utf8))
    }
}

extension ExecutionState {
    /// Whether the task of a token is still to be reported on.
    package func waits(for token: TaskToken) -> Bool {
        guard let id = tasks[token.task], case .task(let running) = branches[id]?.phase else {
            return false
        }
        return running.token == token.text
    }
}
