public import ShaleTables
public import ShaleWire

/// One operation of the API: decode its request, call the service once, encode its response.
///
/// An operation holds no rule of the data model: it checks what the shape of its request says
/// (what is required, which words and ranges are allowed) and translates.
protocol Operation {
    /// What the service is called with.
    associatedtype Request: Sendable
    /// What the service answers.
    associatedtype Response

    /// The operation's name, as it stands in the target header.
    static var name: String { get }
    /// The words for what is wrong with its values.
    static var valueWords: ValueWords { get }
    /// Members whose constraints are told directly behind those of another member; both in lower case.
    static var placedBehind: [String: String] { get }
    /// Reads the request's members into a request, and their constraints.
    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request
    /// What the request does, in the words of policies.
    static func accesses(_ request: Request, _ service: Service) -> [Access]
    /// The one call.
    static func call(_ request: Request, _ service: Service) async throws(DatabaseError) -> Response
    /// Writes the response's members.
    static func encode(
        _ response: Response,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    )
}

extension Operation {
    static var valueWords: ValueWords { ValueWords() }
    static var placedBehind: [String: String] { [:] }

    /// From the bytes of a request to the bytes of a response.
    static func run(_ body: [UInt8], _ service: Service) async throws(WireError) -> [UInt8] {
        let (request, resourceNames) = try decode(body, checkedBy: service)
        if !service.allowsEverything { try service.authorize(accesses(request, service)) }
        let response: Response
        do throws(DatabaseError) {
            response = try await call(request, service)
        } catch {
            var told = error
            if told.isOfRequest { told.message = valueWords.told(told.message) }
            throw service.wireError(told)
        }
        var writer = JSONWriter()
        writer.beginObject()
        encode(response, to: request, service.calling(tables: resourceNames), &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Reads a request that no service has to check.
    static func decode(_ body: [UInt8]) throws(WireError) -> Request {
        try decode(body, checkedBy: nil).request
    }

    static func run(_ body: RequestBody, _ service: Service) async throws(WireError) -> [UInt8] {
        try await run(body.array, service)
    }

    /// Reads a request and tells what is wrong with it, in the service's order.
    ///
    /// A body that is not well-formed is refused as such, whatever else is wrong before the damage. Then
    /// come broken constraints, all at once; then wrong values of attributes; then what contradicts.
    ///
    /// - Returns: The request, and the ARNs by which it names tables.
    static func decode(
        _ body: [UInt8],
        checkedBy service: Service?
    ) throws(WireError) -> (request: Request, resourceNames: [String]) {
        var reader = JSONReader(body)
        reader.defersErrors = true
        reader.valueWords = valueWords
        var constraints = Constraints(placedBehind: placedBehind)
        do throws(WireError) {
            let request = try decode(&reader, &constraints)
            try reader.finish()
            if let error = reader.deferredError { throw error }
            try service?.checkOwner(of: constraints.resourceNames, for: name)
            return (request, constraints.resourceNames)
        } catch {
            if error.code != .serialization {
                var checker = JSONReader(body)
                try checker.skipValue()
                try checker.finish()
                try constraints.finish()
                if let first = reader.deferredError { throw first }
                // What is left contradicts itself, whatever the values are.
                if error.code == .validation { throw .validation(valueWords.told(error.message)) }
            }
            throw error
        }
    }
}

extension WireError {
    /// The error a client sees for one of the database.
    public init(_ error: DatabaseError) {
        let code: Code =
            switch error.code {
            case .validation: .validation
            case .resourceNotFound: .resourceNotFound
            case .resourceInUse: .resourceInUse
            case .conditionalCheckFailed: .conditionalCheckFailed
            case .duplicateItem: .duplicateItem
            case .itemCollectionSizeLimitExceeded: .itemCollectionSizeLimitExceeded
            case .limitExceeded: .limitExceeded
            case .throughputExceeded: .provisionedThroughputExceeded
            case .throttled: .throttling
            case .transactionCanceled: .transactionCanceled
            case .idempotentParameterMismatch: .idempotentParameterMismatch
            case .expiredIterator: .expiredIterator
            case .trimmedDataAccess: .trimmedDataAccess
            case .policyNotFound: .policyNotFound
            case .tableNotFound: .tableNotFound
            case .tableAlreadyExists: .tableAlreadyExists
            case .tableInUse: .tableInUse
            case .backupNotFound: .backupNotFound
            case .backupInUse: .backupInUse
            case .pointInTimeRecoveryUnavailable: .pointInTimeRecoveryUnavailable
            case .invalidRestoreTime: .invalidRestoreTime
            case .invalidExportTime: .invalidExportTime
            case .exportNotFound: .exportNotFound
            case .exportConflict: .exportConflict
            case .importNotFound: .importNotFound
            case .importConflict: .importConflict
            case .internalFailure: .internalServerError
            }
        var members: [Member] = []
        if let item = error.item {
            var writer = JSONWriter()
            writer.item(item)
            members.append(Member(name: "Item", json: writer.bytes))
        }
        if let reasons = error.cancellationReasons {
            var writer = JSONWriter()
            writer.array(reasons) { writer, reason in writer.cancellationReason(reason) }
            members.append(Member(name: "CancellationReasons", json: writer.bytes))
        }
        self.init(code, error.message, members: members)
    }
}
