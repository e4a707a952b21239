/// What a call about state machines and executions fails with: the service's name of it, and words.
package struct StatesError: Error, Equatable, Sendable {
    /// The service's names.
    package enum Code: String, Sendable, CaseIterable {
        case activityAlreadyExists = "ActivityAlreadyExists"
        case activityDoesNotExist = "ActivityDoesNotExist"
        case activityLimitExceeded = "ActivityLimitExceeded"
        case activityWorkerLimitExceeded = "ActivityWorkerLimitExceeded"
        case conflict = "ConflictException"
        case executionAlreadyExists = "ExecutionAlreadyExists"
        case executionDoesNotExist = "ExecutionDoesNotExist"
        case executionLimitExceeded = "ExecutionLimitExceeded"
        case executionNotRedrivable = "ExecutionNotRedrivable"
        case invalidArn = "InvalidArn"
        case invalidDefinition = "InvalidDefinition"
        case invalidEncryptionConfiguration = "InvalidEncryptionConfiguration"
        case invalidExecutionInput = "InvalidExecutionInput"
        case invalidLoggingConfiguration = "InvalidLoggingConfiguration"
        case invalidName = "InvalidName"
        case invalidOutput = "InvalidOutput"
        case invalidToken = "InvalidToken"
        case invalidTracingConfiguration = "InvalidTracingConfiguration"
        case missingRequiredParameter = "MissingRequiredParameter"
        case resourceNotFound = "ResourceNotFound"
        case serviceQuotaExceeded = "ServiceQuotaExceededException"
        case stateMachineAlreadyExists = "StateMachineAlreadyExists"
        case stateMachineDeleting = "StateMachineDeleting"
        case stateMachineDoesNotExist = "StateMachineDoesNotExist"
        case stateMachineLimitExceeded = "StateMachineLimitExceeded"
        case stateMachineTypeNotSupported = "StateMachineTypeNotSupported"
        case taskDoesNotExist = "TaskDoesNotExist"
        case taskTimedOut = "TaskTimedOut"
        case tooManyTags = "TooManyTags"
        case validation = "ValidationException"
        /// The database refuses.
        case failed = "InternalFailure"

        /// The name as the service's own clients have it, which tasks fail with.
        var exceptionName: String {
            rawValue.hasSuffix("Exception") ? rawValue : rawValue + "Exception"
        }
    }

    /// The service's name.
    package let code: Code
    /// What is wrong, and what to do.
    package let message: String

    /// Puts an error together.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
