internal import Crypto
internal import ShaleItems
package import ShaleTables

/// The code of functions, once for each SHA-256, in pieces that fit into items.
///
/// The head is written last, so that code is whole or not there. Who uses it stands beside it: with its last user it goes.
package struct CodeStore: Sendable {
    private static let pieceBytes = 256 * 1024
    /// Pieces that are written together.
    private static let piecesPerRecord = 8
    private static let digits = Array("0123456789abcdef")

    private let pieces: SystemTable
    private let uses: SystemTable

    /// Opens the store; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    package init(_ database: Database) async throws(DatabaseError) {
        pieces = try await database.systemTable(
            "$code",
            key: KeySchema(
                partition: KeySchema.Attribute("sha", .string),
                sort: KeySchema.Attribute("piece", .string)
            )
        )
        uses = try await database.systemTable(
            "$code-uses",
            key: KeySchema(
                partition: KeySchema.Attribute("sha", .string),
                sort: KeySchema.Attribute("user", .string)
            )
        )
    }

    /// The SHA-256 of code: its bytes, and the same in hexadecimal.
    package static func identity(_ code: [UInt8]) -> (digest: [UInt8], name: String) {
        let digest = Array(SHA256.hash(data: code))
        var name = ""
        for byte in digest {
            name.append(digits[Int(byte >> 4)])
            name.append(digits[Int(byte & 15)])
        }
        return (digest, name)
    }

    /// Keeps code for a user.
    ///
    /// - Throws: `.internalFailure`.
    package func keep(
        _ code: [UInt8],
        named name: String,
        for user: String
    )
        async throws(DatabaseError)
    {
        try await use(name, by: user)
        let head = Self.key(name, 0)
        guard try await pieces.item(head) == nil else { return }
        var batch: [Item] = []
        for (number, start) in stride(from: 0, to: code.count, by: Self.pieceBytes).enumerated() {
            let end = min(start + Self.pieceBytes, code.count)
            var piece = Self.key(name, number + 1)
            piece["bytes"] = .binary(Array(code[start..<end]))
            batch.append(piece)
            if batch.count == Self.piecesPerRecord {
                try await pieces.write(putting: batch)
                batch = []
            }
        }
        var whole = head
        whole["size"] = .number(Number(code.count))
        try await pieces.write(putting: batch + [whole])
    }

    /// Notes one more user of code that is there.
    ///
    /// - Throws: `.internalFailure`.
    package func use(_ name: String, by user: String) async throws(DatabaseError) {
        try await uses.write(putting: [["sha": .string(name), "user": .string(user)]])
    }

    /// The code of a name; nil where it is not there or not whole.
    ///
    /// - Throws: `.internalFailure`.
    package func code(_ name: String) async throws(DatabaseError) -> [UInt8]? {
        guard let head = try await pieces.item(Self.key(name, 0)),
            let size = head["size"]?.numberValue?.intValue
        else { return nil }
        var code: [UInt8] = []
        for item in try await pieces.items(of: .string(name)) {
            code += item["bytes"]?.binaryValue ?? []
        }
        return code.count == size ? code : nil
    }

    /// Lets go of code on behalf of a user; without users it goes.
    ///
    /// - Throws: `.internalFailure`.
    package func release(_ name: String, by user: String) async throws(DatabaseError) {
        try await uses.write(deleting: [["sha": .string(name), "user": .string(user)]])
        guard try await uses.items(of: .string(name), limit: 1).isEmpty else { return }
        let keys = try await pieces.items(of: .string(name)).map { (item) -> Item in
            ["sha": .string(name), "piece": item["piece"] ?? .null]
        }
        try await pieces.write(deleting: keys)
    }

    private static func key(_ name: String, _ number: Int) -> Item {
        let text = String(number)
        let piece = String(repeating: "0", count: max(0, 6 - text.count)) + text
        return ["sha": .string(name), "piece": .string(piece)]
    }
}
