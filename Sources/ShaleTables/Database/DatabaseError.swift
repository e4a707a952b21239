internal import ShaleBytes
internal import ShaleCapacity
public import ShaleEngine
public import ShaleItems

/// What went wrong with a call to a `Database`: the service's kind, its words, and what caused it.
///
/// The messages are the service's own texts, so that a server can send them as they are.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds; the raw value is the service's name of the exception.
    public enum Code: String, Sendable, Equatable, CaseIterable {
        /// The request makes no sense, or breaks a rule of the data model.
        case validation = "ValidationException"
        /// There is no such table or index.
        case resourceNotFound = "ResourceNotFoundException"
        /// The table exists already, or is being changed.
        case resourceInUse = "ResourceInUseException"
        /// The condition of a write did not hold. `item` is the item as it was, where asked for.
        case conditionalCheckFailed = "ConditionalCheckFailedException"
        /// The item that an `INSERT` puts is there already.
        case duplicateItem = "DuplicateItemException"
        /// Items of one partition key of a table with local indexes are over 10 GB.
        case itemCollectionSizeLimitExceeded = "ItemCollectionSizeLimitExceededException"
        /// Too many tables, or too many changes of tables at a time.
        case limitExceeded = "LimitExceededException"
        /// The provisioned throughput of the table or of an index is used up; try again.
        case throughputExceeded = "ProvisionedThroughputExceededException"
        /// A table paid by request may not take more at the moment; try again.
        case throttled = "ThrottlingException"
        /// A transaction did not happen: `cancellationReasons` says why.
        case transactionCanceled = "TransactionCanceledException"
        /// A token was used before, within 10 minutes, for another transaction.
        case idempotentParameterMismatch = "IdempotentParameterMismatchException"
        /// An iterator of a stream is older than 15 minutes.
        case expiredIterator = "ExpiredIteratorException"
        /// What was asked for of a stream is older than 24 hours.
        case trimmedDataAccess = "TrimmedDataAccessException"
        /// There is no policy at the table, or another revision than was expected.
        case policyNotFound = "PolicyNotFoundException"
        /// There is no such table, for a request about its backups.
        case tableNotFound = "TableNotFoundException"
        /// There is a table of the name that a restored one is to have.
        case tableAlreadyExists = "TableAlreadyExistsException"
        /// The table is being made.
        case tableInUse = "TableInUseException"
        /// There is no such backup.
        case backupNotFound = "BackupNotFoundException"
        /// The backup is being restored from.
        case backupInUse = "BackupInUseException"
        /// The table does not keep its past.
        case pointInTimeRecoveryUnavailable = "PointInTimeRecoveryUnavailableException"
        /// The past is not kept at that time.
        case invalidRestoreTime = "InvalidRestoreTimeException"
        /// The past is not kept at that time, for an export.
        case invalidExportTime = "InvalidExportTimeException"
        /// There is no such export.
        case exportNotFound = "ExportNotFoundException"
        /// A token was used before for another export.
        case exportConflict = "ExportConflictException"
        /// There is no such import.
        case importNotFound = "ImportNotFoundException"
        /// A token was used before for another import.
        case importConflict = "ImportConflictException"
        /// The storage failed: `engine` says how.
        case internalFailure = "InternalServerError"
    }

    private struct Fields: Sendable, Equatable {
        var code: Code
        var message: String
        var item: Item?
        var cancellationReasons: [CancellationReason]?
        var throttlingReasons: [ThrottlingReason]?
        var cost: CapacityUnits?
        var isOfRequest = false
        var engine: EngineError?
    }

    private var fields: Boxed<Fields>

    /// The kind.
    public var code: Code {
        get { fields.value.code }
        set { fields.value.code = newValue }
    }
    /// The service's words.
    public var message: String {
        get { fields.value.message }
        set { fields.value.message = newValue }
    }
    /// The item as it was when a condition failed, where the request asked for it.
    public var item: Item? {
        get { fields.value.item }
        set { fields.value.item = newValue }
    }
    /// Why a transaction did not happen: a reason for each of its actions, in their order.
    public var cancellationReasons: [CancellationReason]? {
        get { fields.value.cancellationReasons }
        set { fields.value.cancellationReasons = newValue }
    }
    /// What is used up, of a request that was throttled or of a transaction for that reason.
    public var throttlingReasons: [ThrottlingReason]? {
        get { fields.value.throttlingReasons }
        set { fields.value.throttlingReasons = newValue }
    }
    /// What the write cost that its condition did not let happen.
    var cost: CapacityUnits? {
        get { fields.value.cost }
        set { fields.value.cost = newValue }
    }
    /// Whether it is about the request alone and was found before its table was looked up: of the writes of single items
    /// the service tells that in other words.
    package var isOfRequest: Bool {
        get { fields.value.isOfRequest }
        set { fields.value.isOfRequest = newValue }
    }
    /// The failure of the storage behind `.internalFailure`.
    public var engine: EngineError? {
        get { fields.value.engine }
        set { fields.value.engine = newValue }
    }

    /// Makes an error.
    public init(
        _ code: Code,
        _ message: String,
        item: Item? = nil,
        engine: EngineError? = nil
    ) {
        fields = Boxed(Fields(code: code, message: message, item: item, engine: engine))
    }

    /// "ValidationException: The provided key element does not match the schema".
    public var description: String { "\(code.rawValue): \(message)" }
}

extension DatabaseError {
    static func validation(_ message: String) -> DatabaseError {
        DatabaseError(.validation, message)
    }

    /// A rule of the data model that a value breaks, in the form most of the service's texts have.
    static func invalidParameters(_ reason: String) -> DatabaseError {
        DatabaseError(.validation, "One or more parameter values were invalid: \(reason)")
    }

    static let tableNotFound = DatabaseError(.resourceNotFound, "Requested resource not found")

    static func tableNotFound(_ name: String) -> DatabaseError {
        DatabaseError(.resourceNotFound, "Requested resource not found: Table: \(name) not found")
    }

    /// A transaction that did not happen.
    static func canceled(_ reasons: [CancellationReason]) -> DatabaseError {
        let codes = reasons.map(\.code.rawValue).joined(separator: ", ")
        var error = DatabaseError(
            .transactionCanceled,
            "Transaction cancelled, please refer cancellation reasons for specific reasons [\(codes)]"
        )
        error.cancellationReasons = reasons
        let throttling = reasons.compactMap(\.throttling)
        if !throttling.isEmpty { error.throttlingReasons = throttling }
        return error
    }

    static let conditionFailed = DatabaseError(
        .conditionalCheckFailed,
        "The conditional request failed"
    )

    static let duplicateItem = DatabaseError(
        .duplicateItem,
        "Duplicate primary key exists in table"
    )

    /// A failure of the engine.
    ///
    /// A table that vanished under a request was deleted meanwhile.
    init(_ error: EngineError) {
        switch error.code {
        case .noSuchTable: self = .tableNotFound
        case .diskFull:
            self.init(
                .internalFailure,
                "The disk of the database is full: nothing was written. Reads and deletions go on, and "
                    + "writes are taken again within seconds after there is space.",
                engine: error
            )
        // As a table without capacity: clients wait, and try again.
        case .overloaded: self.init(.throttled, error.description)
        default: self.init(.internalFailure, error.description, engine: error)
        }
    }

    /// Bytes in the database that are no item, key or catalog entry.
    static func damaged(_ what: String, _ reason: String) -> DatabaseError {
        DatabaseError(EngineError(.corrupted, "\(what): \(reason)"))
    }
}
