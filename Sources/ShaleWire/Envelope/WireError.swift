internal import ShaleBytes

/// What a request is answered with when it is not answered with what it asked for.
///
/// One error is one HTTP response: the code gives the `__type` and the status, the message is for
/// people. Clients decide by the type, so its prefix is part of the protocol: errors of the table
/// service, of its validation, and of the layer in front of it have different ones.
public struct WireError: Error, Sendable, Equatable {
    /// The type a client sees, with its prefix and its status.
    public enum Code: String, Sendable, CaseIterable {
        case backupInUse = "BackupInUseException"
        case backupNotFound = "BackupNotFoundException"
        case conditionalCheckFailed = "ConditionalCheckFailedException"
        case duplicateItem = "DuplicateItemException"
        case exportConflict = "ExportConflictException"
        case exportNotFound = "ExportNotFoundException"
        case globalTableNotFound = "GlobalTableNotFoundException"
        case importConflict = "ImportConflictException"
        case importNotFound = "ImportNotFoundException"
        case internalServerError = "InternalServerError"
        case invalidExportTime = "InvalidExportTimeException"
        case invalidRestoreTime = "InvalidRestoreTimeException"
        case itemCollectionSizeLimitExceeded = "ItemCollectionSizeLimitExceededException"
        case limitExceeded = "LimitExceededException"
        case pointInTimeRecoveryUnavailable = "PointInTimeRecoveryUnavailableException"
        case internalService = "InternalServiceException"
        case objectNotFound = "ObjectNotFoundException"
        case tooManyTags = "TooManyTagsException"
        case policyNotFound = "PolicyNotFoundException"
        case throttling = "ThrottlingException"
        case provisionedThroughputExceeded = "ProvisionedThroughputExceededException"
        case resourceInUse = "ResourceInUseException"
        case resourceNotFound = "ResourceNotFoundException"
        case transactionCanceled = "TransactionCanceledException"
        case idempotentParameterMismatch = "IdempotentParameterMismatchException"
        case expiredIterator = "ExpiredIteratorException"
        case trimmedDataAccess = "TrimmedDataAccessException"
        case tableAlreadyExists = "TableAlreadyExistsException"
        case tableInUse = "TableInUseException"
        case tableNotFound = "TableNotFoundException"
        case validation = "ValidationException"
        case accessDenied = "AccessDeniedException"
        case incompleteSignature = "IncompleteSignatureException"
        case invalidSignature = "InvalidSignatureException"
        case missingAuthenticationToken = "MissingAuthenticationTokenException"
        case requestTooLarge = "RequestEntityTooLargeException"
        case serialization = "SerializationException"
        case serviceUnavailable = "ServiceUnavailableException"
        case unknownOperation = "UnknownOperationException"
        case unrecognizedClient = "UnrecognizedClientException"
    }

    private struct Fields: Sendable, Equatable {
        var code: Code
        var message: String
        var members: [Member]
    }

    private var fields: Boxed<Fields>

    /// What kind of error it is.
    public var code: Code {
        get { fields.value.code }
        set { fields.value.code = newValue }
    }
    /// What is wrong, in a sentence.
    public var message: String {
        get { fields.value.message }
        set { fields.value.message = newValue }
    }
    /// The body members beside type and message (`Item` of a failed condition), written by a closure-free
    /// caller as finished JSON: a name and the bytes of its value.
    public var members: [Member] {
        get { fields.value.members }
        set { fields.value.members = newValue }
    }

    /// A further member of an error body.
    public struct Member: Sendable, Equatable {
        /// The member's name.
        public var name: String
        /// The member's value as JSON.
        public var json: [UInt8]

        /// Makes a member.
        public init(name: String, json: [UInt8]) {
            self.name = name
            self.json = json
        }
    }

    /// Makes an error.
    public init(_ code: Code, _ message: String, members: [Member] = []) {
        fields = Boxed(Fields(code: code, message: message, members: members))
    }

    /// A `ValidationException`.
    public static func validation(_ message: String) -> WireError {
        WireError(.validation, message)
    }

    /// A `SerializationException`.
    public static func serialization(_ message: String) -> WireError {
        WireError(.serialization, message)
    }
}

extension WireError.Code {
    /// The name with its prefix, as it stands in `__type`.
    public var qualifiedName: String {
        switch self {
        case .validation:
            "com.amazon.coral.validate#" + rawValue
        case .accessDenied, .incompleteSignature, .invalidSignature, .missingAuthenticationToken,
            .requestTooLarge, .serialization, .serviceUnavailable, .unknownOperation,
            .unrecognizedClient:
            "com.amazon.coral.service#" + rawValue
        case .internalService, .objectNotFound, .tooManyTags: rawValue
        case .throttling:
            "com.amazon.coral.availability#" + rawValue
        default:
            "com.amazonaws.dynamodb.v20120810#" + rawValue
        }
    }

    /// The HTTP status: clients repeat a request after 5xx, and only then.
    public var status: Int {
        switch self {
        case .requestTooLarge: 413
        case .internalServerError, .internalService: 500
        case .serviceUnavailable: 503
        default: 400
        }
    }

    /// The member that holds the message; the layer that reads bodies spells it with a capital.
    var messageMember: String {
        switch self {
        case .serialization, .accessDenied, .transactionCanceled, .idempotentParameterMismatch:
            "Message"
        default: "message"
        }
    }
}
