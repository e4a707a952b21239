/// What is wrong with a request about functions: the service's name for it, and a sentence.
package struct FunctionError: Error, Sendable, Equatable {
    /// The service's names.
    package enum Code: String, Sendable {
        case codeStorageExceeded = "CodeStorageExceededException"
        case invalidParameter = "InvalidParameterValueException"
        case invalidZip = "InvalidZipFileException"
        case invalidRuntime = "InvalidRuntimeException"
        case preconditionFailed = "PreconditionFailedException"
        case provisionedNotFound = "ProvisionedConcurrencyConfigNotFoundException"
        case requestTooLarge = "RequestTooLargeException"
        case resourceConflict = "ResourceConflictException"
        case resourceInUse = "ResourceInUseException"
        case resourceNotFound = "ResourceNotFoundException"
        case resourceNotReady = "ResourceNotReadyException"
        case tooManyRequests = "TooManyRequestsException"
        case unsupported = "UnsupportedOperationException"
        case service = "ServiceException"
    }

    /// The service's name.
    package var code: Code
    /// What is wrong, and with what.
    package var message: String
    /// Why a request came too often: `ConcurrentInvocationLimitExceeded` and its like.
    package var reason: String?

    /// Puts an error together.
    package init(_ code: Code, _ message: String, reason: String? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
    }
}
