internal import ShaleTables
internal import ShaleWire

/// What a list of exports or imports asks for.
struct TransferListRequest: Sendable {
    private static let limits = 1...25

    private var tableName: String?
    private var limit: Int?
    private var nextToken: String?

    /// Reads all members; the size of a page has another name in each list.
    init(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        limit member: String,
        at path: String
    ) throws(WireError) {
        var request = (table: String?.none, limit: Int?.none, token: String?.none)
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableArn":
                request.table = try TableName.read(&reader, &constraints, at: "tableArn")
            case member:
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: Self.limits, at: path)
            case "NextToken": request.token = try reader.readString()
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        (tableName, limit, nextToken) = request
    }

    /// The page that is asked for.
    func page(
        of kind: TransferIdentity.Kind,
        _ service: Service
    ) throws(DatabaseError) -> TransferPage {
        try TransferPage(
            service.database.transfers(kind),
            ofTable: tableName,
            behind: nextToken,
            limit: limit ?? Self.limits.upperBound
        )
    }
}

/// The one export or import that a request names.
struct TransferName: Sendable {
    private static let lengths = 37...1_024

    private let kind: TransferIdentity.Kind
    private let text: String

    /// Reads the only member that there is.
    init(
        of kind: TransferIdentity.Kind,
        at path: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        var text: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name == kind.arnMember else { return try reader.skipValue() }
            text = try reader.readString(Self.lengths, at: path, &constraints)
        }
        constraints.require(text != nil, path)
        self.kind = kind
        self.text = try constraints.required(text, kind.arnMember)
    }

    /// What is remembered of it.
    func record(_ service: Service) throws(DatabaseError) -> TransferRecord {
        guard let identity = service.transfer(kind, named: text),
            let record = service.database.transfer(identity)
        else { throw kind.notFound(text) }
        return record
    }
}
