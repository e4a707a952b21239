/// What a task calls, as far as the events and the course of the task depend on it.
package struct TaskResource: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// A function by its ARN: `LambdaFunctionScheduled` …
        case function
        /// Workers that poll: `ActivityScheduled` …
        case activity
        /// An operation of a service: `TaskScheduled` …
        case service
    }

    /// When a task counts as done.
    package enum Pattern: Sendable, Equatable {
        /// When the service answers.
        case response
        /// When the job that the answer names has run.
        case job
        /// When somebody reports success or failure with the token that the task was given.
        case token
    }

    package let arn: String
    package let kind: Kind
    package let pattern: Pattern
    /// As history events name them: `dynamodb` and `getItem`, `aws-sdk:dynamodb` and `query`.
    package let resourceType: String
    package let resource: String

    init?(arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 6, parts[0] == "arn" else { return nil }
        self.arn = arn
        let rest = Array(parts[5...])
        if parts[2] == "lambda" {
            (kind, pattern, resourceType, resource) = (.function, .response, "lambda", arn)
        } else if parts[2] == "states", rest[0] == "activity" {
            (kind, pattern, resourceType, resource) = (.activity, .response, "activity", arn)
        } else if parts[2] == "states", parts[3].isEmpty, rest.count >= 2 {
            let isPlain = rest[0] == "aws-sdk" && rest.count >= 3
            kind = .service
            resourceType = isPlain ? rest[0] + ":" + rest[1] : rest[0]
            resource = rest[(isPlain ? 2 : 1)...].joined(separator: ":")
            let suffix = resource.split(separator: ".").dropFirst().joined(separator: ".")
            switch suffix {
            case "waitForTaskToken": pattern = .token
            case "sync", "sync:2": pattern = .job
            default: pattern = .response
            }
        } else {
            // A service that tasks cannot call; whoever dispatches them says so by its name.
            (kind, pattern, resourceType) = (.service, .response, parts[2])
            resource = rest.joined(separator: ":")
        }
    }
}
