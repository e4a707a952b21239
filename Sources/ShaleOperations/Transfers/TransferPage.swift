internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// One page of exports or imports, the newest first.
struct TransferPage: Sendable {
    /// The shortest token that clients take; and digits come in sixteens.
    private static let tokenLength = 112

    var records: [TransferRecord]
    var nextToken: String?

    init(
        _ all: [TransferRecord],
        ofTable table: String?,
        behind token: String?,
        limit: Int
    ) throws(DatabaseError) {
        var rest = all.reversed().filter { record in
            table.map { TextOrder.areEqual($0, record.identity.tableName) } ?? true
        }
        if let token {
            guard let last = Self.label(token) else {
                throw DatabaseError(.validation, "Invalid NextToken")
            }
            rest = rest.filter { $0.identity.label.utf8.lexicographicallyPrecedes(last.utf8) }
        }
        records = Array(rest.prefix(limit))
        nextToken = rest.count > limit ? records.last.map { Self.token($0.identity.label) } : nil
    }

    /// The label's bytes in hexadecimal digits, filled up with zeros.
    private static func token(_ label: String) -> String {
        let digits = Hexadecimal.text(Array(label.utf8))
        return digits + String(repeating: "0", count: max(0, tokenLength - digits.utf8.count))
    }

    private static func label(_ token: String) -> String? {
        let digits = Array(token.utf8)
        guard digits.count == tokenLength else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            if byte == 0 { break }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
