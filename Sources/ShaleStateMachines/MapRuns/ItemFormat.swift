internal import OrderedCollections
internal import ShaleJSON

/// Reads the items of a distributed Map from the bytes of an object: pure.
///
///     JSON    an array; or, with `ItemsPointer`, one inside of it
///     JSONL   a value on each line
///     CSV     fields as RFC 4180 has them; the names from the first line or given
enum ItemFormat {
    /// What is wrong with an object, in words for the cause of the failure.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// The items of an object.
    static func items(
        _ bytes: [UInt8],
        _ configuration: JSONValue
    ) throws(Failure) -> [JSONValue] {
        switch configuration["InputType"]?.text ?? "JSON" {
        case "JSON": return try array(bytes, configuration["ItemsPointer"]?.text)
        case "JSONL": return try lines(bytes)
        case "CSV": return try table(bytes, configuration)
        case let other: throw Failure(reason: "Items of the type \(other) are not supported.")
        }
    }

    private static func array(
        _ bytes: [UInt8],
        _ pointer: String?
    ) throws(Failure) -> [JSONValue] {
        var value = try json(bytes)
        for part in (pointer ?? "").split(separator: "/") {
            let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            guard let inner = value[name] else {
                throw Failure(reason: "There is nothing at \(pointer ?? "").")
            }
            value = inner
        }
        guard let elements = value.elements else {
            throw Failure(reason: "Attempting to map over non-iterable node.")
        }
        return elements
    }

    private static func lines(_ bytes: [UInt8]) throws(Failure) -> [JSONValue] {
        var items: [JSONValue] = []
        for line in bytes.split(separator: 0x0A)
        where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            items.append(try json(Array(line)))
        }
        return items
    }

    private static func json(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
        do throws(JSONError) {
            var parser = JSONParser(bytes)
            return try parser.wholeText()
        } catch {
            throw Failure(reason: "The object is no JSON: \(error.reason) at byte \(error.offset).")
        }
    }

    private static func table(
        _ bytes: [UInt8],
        _ configuration: JSONValue
    ) throws(Failure) -> [JSONValue] {
        let delimiters = [
            "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t",
        ]
        let word = configuration["CSVDelimiter"]?.text ?? "COMMA"
        guard let delimiter = delimiters[word]?.utf8.first else {
            throw Failure(reason: "\(word) is no CSVDelimiter.")
        }
        var rows = try CSVReader.rows(bytes, delimiter: delimiter)
        let names: [String]
        if configuration["CSVHeaderLocation"]?.text == "GIVEN" {
            names = (configuration["CSVHeaders"]?.elements ?? []).compactMap(\.text)
        } else {
            guard !rows.isEmpty else { return [] }
            names = rows.removeFirst()
        }
        return rows.map { row in
            var members = JSONObject()
            for (place, name) in names.enumerated() {
                members[name] = .string(place < row.count ? row[place] : "")
            }
            return .object(members)
        }
    }
}

/// Fields of RFC 4180: quoted ones may hold delimiters, line ends and doubled quotation marks.
enum CSVReader {
    static func rows(
        _ bytes: [UInt8],
        delimiter: UInt8
    ) throws(ItemFormat.Failure) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        func text(_ field: [UInt8]) -> String { String(decoding: field, as: UTF8.self) }
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if isQuoted {
                guard byte == UInt8(ascii: "\"") else {
                    field.append(byte)
                    continue
                }
                if place < bytes.count, bytes[place] == byte {
                    field.append(byte)
                    place += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
            case delimiter:
                row.append(text(field))
                field = []
            case 0x0D where place < bytes.count && bytes[place] == 0x0A: continue
            case 0x0A, 0x0D:
                row.append(text(field))
                field = []
                if row != [""] { rows.append(row) }
                row = []
            default: field.append(byte)
            }
        }
        guard !isQuoted else {
            throw ItemFormat.Failure(reason: "A quoted field of the CSV object has no end.")
        }
        if !field.isEmpty || !row.isEmpty { rows.append(row + [text(field)]) }
        return rows
    }
}
