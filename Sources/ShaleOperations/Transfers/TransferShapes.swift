internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// How exports and imports are named, remembered and written.
//
// What is remembered of one is an item with the names of the response's members: texts, whole numbers, times in
// milliseconds (their names end with `Time`), and structures. So an old record is written as it was.

extension TransferIdentity.Kind {
    var mark: String {
        switch self {
        case .export: "/export/"
        case .import: "/import/"
        }
    }

    var arnMember: String {
        switch self {
        case .export: "ExportArn"
        case .import: "ImportArn"
        }
    }

    var statusMember: String {
        switch self {
        case .export: "ExportStatus"
        case .import: "ImportStatus"
        }
    }

    func notFound(_ text: String) -> DatabaseError {
        switch self {
        case .export: DatabaseError(.exportNotFound, "Export not found: \(text)")
        case .import: DatabaseError(.importNotFound, "Import not found: \(text)")
        }
    }
}

extension Service {
    /// The resource name of an export or import.
    func resourceName(of transfer: TransferIdentity) -> String {
        resourceName(ofTable: transfer.tableName) + transfer.kind.mark + transfer.label
    }

    /// The export or import that a resource name names; nil where it is none of this account.
    func transfer(_ kind: TransferIdentity.Kind, named text: String) -> TransferIdentity? {
        guard let name = ResourceName(text), let table = name.tablePart, owns(name) else {
            return nil
        }
        let rest = name.resource.utf8.dropFirst("table/".utf8.count + table.utf8.count)
        guard rest.starts(with: kind.mark.utf8) else { return nil }
        let label = String(decoding: rest.dropFirst(kind.mark.utf8.count), as: UTF8.self)
        return TransferIdentity(kind: kind, tableName: table, label: label)
    }

    /// What is told of an export or import.
    ///
    /// One that was interrupted, and that nobody has gone on with, has failed.
    func description(of record: TransferRecord) -> Item {
        let status = record.identity.kind.statusMember
        var description = record.description
        if description[status] == "IN_PROGRESS", !database.isRunning(record.identity) {
            description[status] = "FAILED"
            description["FailureCode"] = "InternalServerError"
            description["FailureMessage"] = "The server was stopped before it was done."
        }
        return description
    }

    /// The record with the token of a request, and what that asked for.
    ///
    /// A token is known until eight hours after its export or import has ended, as at the service.
    func record(_ kind: TransferIdentity.Kind, token: String?) -> TransferRecord? {
        guard let token else { return nil }
        let tokenMilliseconds = 8 * 60 * 60 * 1_000
        let now = Int(database.nowMilliseconds)
        return database.transfers(kind).last {
            let end = $0.description["EndTime"]?.numberValue?.intValue ?? now
            return $0.description["ClientToken"] == .string(token) && now - end < tokenMilliseconds
        }
    }
}

extension JSONWriter {
    /// Writes a page of a list.
    mutating func transfers(
        _ page: TransferPage,
        named member: String,
        only members: [String],
        _ service: Service
    ) {
        name(member)
        array(page.records) { writer, record in
            writer.transfer(record, service, only: members)
        }
        if let next = page.nextToken { self.member("NextToken", next) }
    }

    /// Writes the members of what is remembered, and the names of resources.
    mutating func transfer(
        _ record: TransferRecord,
        _ service: Service,
        only members: [String]? = nil
    ) {
        beginObject()
        member(record.identity.kind.arnMember, service.resourceName(of: record.identity))
        if members?.contains("TableArn") ?? true {
            member("TableArn", service.resourceName(ofTable: record.identity.tableName))
        }
        remembered(service.description(of: record), only: members)
        endObject()
    }

    private mutating func remembered(_ item: Item, only members: [String]? = nil) {
        for attribute in item where members?.contains(attribute.name) ?? true {
            name(attribute.name)
            remembered(attribute.value, attribute.name)
        }
    }

    private mutating func remembered(_ value: AttributeValue, _ name: String) {
        switch value {
        case .string(let text): string(text)
        case .number(let number):
            let integer = number.intValue ?? 0
            if name.hasSuffix("Time") {
                date(milliseconds: Int64(integer))
            } else {
                self.integer(integer)
            }
        case .map(let map):
            beginObject()
            remembered(map)
            endObject()
        case .list(let list): array(list) { writer, value in writer.remembered(value, "") }
        case .bool(let flag): bool(flag)
        default: null()
        }
    }
}

extension AttributeValue {
    init(_ number: Int) { self = .number(Number(number)) }
    init(milliseconds: Int64) { self = .number(Number(milliseconds)) }
}

/// The name of a bucket, and where objects are in it.
enum BucketMembers {
    static let nameLengths = 1...255
    static let prefixLengths = 0...1_024

    static func isName(_ text: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, bytes.count <= nameLengths.upperBound, isLetter(bytes[0]),
            isLetter(bytes[bytes.count - 1])
        else { return false }
        return bytes.allSatisfy {
            isLetter($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_")
        }
    }

    /// Reads the name of a bucket and notes what is wrong with it.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at path: String
    ) throws(WireError) -> String {
        let text = try reader.readString(nameLengths, at: path, &constraints)
        if !isName(text) {
            constraints.note(
                text,
                at: path,
                "Member must satisfy regular expression pattern: "
                    + "^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"
            )
        }
        return text
    }
}
