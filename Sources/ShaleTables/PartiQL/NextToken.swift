internal import ShaleBytes
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// Where the next page of a statement begins: opaque to clients, and good for that statement only.
///
/// In hexadecimal digits. Its digest is seeded with a number that the table drew when it was made, so a token
/// of another statement, another table, or of nobody is told apart; what passes is checked like any start key.
///
///     offset  size  field
///          0     1  version: 1
///          1     8  XXH3 of statement, parameters and key, little-endian
///          9        the key attributes of the last item that was read, as `ItemFormat` draws them
struct NextToken {
    static let version: UInt8 = 1
    private static let digestOffset = MemoryLayout<UInt8>.size
    private static let keyOffset = digestOffset + MemoryLayout<UInt64>.size

    static let invalid = DatabaseError.validation("Invalid NextToken")

    /// The key attributes of the last item that was read, and those of its index.
    let key: Item

    init(key: Item) { self.key = key }

    /// Reads a token that `text` made for the same statement.
    init(
        _ text: String,
        _ request: StatementRequest,
        _ target: ReadTarget
    ) throws(DatabaseError) {
        guard let bytes = Self.bytes(text), bytes.count > Self.keyOffset, bytes[0] == Self.version
        else { throw Self.invalid }
        let encoded = Array(bytes[Self.keyOffset...])
        let digest = try Self.digest(encoded, request, target)
        guard bytes[Self.digestOffset..<Self.keyOffset].elementsEqual(digest) else {
            throw Self.invalid
        }
        do throws(ItemError) {
            key = try ItemDecoder.decode(encoded)
        } catch {
            throw Self.invalid
        }
        try target.checkStart(key)
    }

    /// The token for a statement.
    func text(
        _ request: StatementRequest,
        _ target: ReadTarget
    ) throws(DatabaseError) -> String {
        let encoded = try Self.encoded(key)
        let bytes = try [Self.version] + Self.digest(encoded, request, target) + encoded
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    private static func digest(
        _ key: [UInt8],
        _ request: StatementRequest,
        _ target: ReadTarget
    ) throws(DatabaseError) -> [UInt8] {
        let signed =
            try encoded([
                "statement": .string(request.statement), "parameters": .list(request.parameters),
            ]) + key
        let seed = target.table.engineTable.hashSeed
        let digest = Hash.xxh3(signed, seed: seed)
        return (0..<8).map { UInt8(truncatingIfNeeded: digest >> (8 * UInt64($0))) }
    }

    private static func encoded(_ item: Item) throws(DatabaseError) -> [UInt8] {
        do throws(ItemError) {
            return try ItemEncoder.encode(item)
        } catch {
            throw DatabaseError(error)
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map(hexDigit)
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        let values = digits.compactMap(\.self)
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
