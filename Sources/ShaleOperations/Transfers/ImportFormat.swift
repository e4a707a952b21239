internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// How the records of objects become items.
enum ImportFormat: Sendable {
    /// Lines of `{"Item":{…}}`.
    case json
    /// Lines of fields: key attributes have their types, all others are texts.
    case csv(CSVOptions)

    /// What stands between the fields of a record; nil where there are none.
    var delimiter: UInt8? {
        switch self {
        case .json: nil
        case .csv(let options): options.delimiter
        }
    }

    /// Reads the item of a line.
    static func item(json line: [UInt8]) throws(WireError) -> Item {
        var reader = JSONReader(line)
        var item: Item?
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name.utf8.elementsEqual("Item".utf8) else { return try reader.skipValue() }
            item = try reader.readItem()
        }
        try reader.finish()
        guard let item else { throw .validation("the line has no member Item") }
        return item
    }
}

/// How a file of fields is read.
struct CSVOptions: Sendable {
    private static let delimiters = ",;:|\t "
    private static let headerLengths = 1...65_535
    private static let headerCounts = 1...255

    var delimiter = UInt8(ascii: ",")
    /// The names of the fields; nil: the first line has them.
    var header: [String]?

    /// What is remembered of them.
    var members: Item {
        var csv = Item()
        csv["Delimiter"] = .string(String(decoding: [delimiter], as: UTF8.self))
        if let header { csv["HeaderList"] = .list(header.map { .string($0) }) }
        return ["Csv": .map(csv)]
    }

    /// Commas, and names in the first line.
    init() {}

    /// Reads `InputFormatOptions`.
    init(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        var options = CSVOptions()
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name.utf8.elementsEqual("Csv".utf8) else { return try reader.skipValue() }
            try reader.readStructure { (reader, name) throws(WireError) in
                switch name {
                case "Delimiter":
                    let text = try reader.readString()
                    let path = "inputFormatOptions.csv.delimiter"
                    if text.utf8.count == 1, Self.delimiters.utf8.contains(text.utf8.first ?? 0) {
                        options.delimiter = text.utf8.first ?? options.delimiter
                    } else {
                        constraints.note(
                            text,
                            at: path,
                            "Member must satisfy regular expression pattern: [,;:|\\t ]"
                        )
                    }
                case "HeaderList":
                    let path = "inputFormatOptions.csv.headerList"
                    var names: [String] = []
                    try reader.readEach(at: path) { (reader, path) throws(WireError) in
                        names.append(
                            try reader.readString(Self.headerLengths, at: path, &constraints)
                        )
                    }
                    constraints.checkLength("[]", names.count, Self.headerCounts, at: path)
                    options.header = names
                default: try reader.skipValue()
                }
            }
        }
        self = options
    }

    /// The fields of a record, which may stand between quotes; nil where a quote does not end.
    func fields(_ record: [UInt8]) -> [String]? {
        var fields: [String] = []
        var field: [UInt8] = []
        var offset = 0
        var isQuoted = false
        while offset < record.count {
            let byte = record[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if offset < record.count, record[offset] == byte {
                    field.append(byte)
                    offset += 1
                } else {
                    isQuoted = false
                }
            case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
            case delimiter where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            default: field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return isQuoted ? nil : fields
    }

    /// The item of a record.
    static func item(
        _ fields: [String],
        _ header: [String],
        _ definitions: [AttributeDefinition]
    ) throws(WireError) -> Item {
        guard fields.count == header.count else {
            throw .validation("a line has \(fields.count) fields, not \(header.count)")
        }
        var item = Item()
        for (name, text) in zip(header, fields) {
            let type = definitions.first { TextOrder.areEqual($0.name, name) }?.type
            item[name] = try value(text, type ?? .string)
        }
        return item
    }

    private static func value(
        _ text: String,
        _ type: KeyType
    ) throws(WireError) -> AttributeValue {
        switch type {
        case .string: return .string(text)
        case .number:
            do throws(ItemError) {
                return .number(try Number(text))
            } catch {
                throw .validation(error.description)
            }
        case .binary:
            do throws(WireError) {
                return .binary(try Base64.decode(text))
            } catch {
                throw .validation("only base-64-encoded strings are convertible to bytes")
            }
        }
    }
}
