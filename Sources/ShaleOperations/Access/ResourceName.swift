internal import ShaleTables
internal import ShaleWire

/// The name of a resource, taken apart.
///
///     arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
///
/// and behind it perhaps `/index/NAME` or `/stream/LABEL`.
struct ResourceName: Sendable, Equatable {
    private static let partCount = 6
    private static let tableMark = "table/"

    let text: String
    let service: String
    let region: String
    let account: String
    /// Everything behind the account.
    let resource: String

    /// Takes a name apart; nil where it is none.
    init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: ":"),
            maxSplits: Self.partCount - 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == Self.partCount, parts[0].elementsEqual("arn".utf8) else { return nil }
        self.text = text
        service = String(decoding: parts[2], as: UTF8.self)
        region = String(decoding: parts[3], as: UTF8.self)
        account = String(decoding: parts[4], as: UTF8.self)
        resource = String(decoding: parts[5], as: UTF8.self)
    }

    /// The table that is named, or that of the index or stream that is.
    var tablePart: String? {
        guard service.utf8.elementsEqual("dynamodb".utf8),
            resource.utf8.starts(with: Self.tableMark.utf8)
        else { return nil }
        let name = resource.utf8.dropFirst(Self.tableMark.utf8.count)
            .prefix { $0 != UInt8(ascii: "/") }
        guard TableName.lengths.contains(name.count), name.allSatisfy(TableName.isAllowed) else {
            return nil
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The table that is named, and nothing in it; nil where something else is.
    var table: String? {
        tablePart.flatMap { name in
            resource.utf8.count == Self.tableMark.utf8.count + name.utf8.count ? name : nil
        }
    }
}

/// A table as requests about tags and policies name it: by its resource name.
struct TableResource: Sendable {
    private static let lengths = 1...1_283

    /// As it was sent.
    var text: String

    /// Reads a name and notes what is wrong with its length.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TableResource {
        TableResource(text: try reader.readString(lengths, at: "resourceArn", &constraints))
    }

    /// The name of the table, which must be one of this account and region.
    func table(_ service: Service) throws(DatabaseError) -> String {
        guard text.utf8.starts(with: "arn:".utf8) else {
            throw DatabaseError(.validation, "ARNs must start with 'arn:': \(text.prefix(256))")
        }
        guard let name = ResourceName(text), let table = name.table,
            service.owns(name)
        else {
            throw DatabaseError(
                .validation,
                "Invalid TableArn: Invalid ResourceArn provided as input \(text)"
            )
        }
        return table
    }

    /// Turns the error for a table that is not there into the one that names the resource.
    func naming(_ error: DatabaseError) -> DatabaseError {
        guard error.code == .resourceNotFound else { return error }
        return DatabaseError(
            .resourceNotFound,
            "Requested resource not found: ResourcArn: \(text) not found"
        )
    }
}

extension Service {
    /// Whether a resource is of this account and region.
    func owns(_ name: ResourceName) -> Bool {
        name.account.utf8.elementsEqual(account.utf8) && name.region.utf8.elementsEqual(region.utf8)
    }

    /// Refuses tables of other accounts and regions: there are none here.
    func checkOwner(of names: [String], for operation: String) throws(WireError) {
        for text in names {
            guard let name = ResourceName(text), name.region.utf8.elementsEqual(region.utf8) else {
                throw .validation("Invalid TableArn: Invalid ResourceArn provided as input \(text)")
            }
            guard owns(name) else {
                throw denial(
                    Access(action: "dynamodb:\(operation)", resource: text),
                    caller,
                    "because no resource-based policy allows the dynamodb:\(operation) action"
                )
            }
        }
    }
}
