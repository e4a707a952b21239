internal import ShaleEngine
package import ShaleItems
package import ShaleTables

/// What functions there are: items of the system table `$functions`.
///
///     partition key  function name
///     sort key       function | version#000000000001 | alias#NAME | invoke#QUALIFIER | concurrency | policy#QUALIFIER |
///                    provisioned#QUALIFIER | tags
///     fields         M: the description, with the service's names
package struct FunctionRegistry: Sendable {
    private let table: SystemTable
    private let names: SystemTable

    /// Opens the registry; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    package init(_ database: Database) async throws(DatabaseError) {
        let key = KeySchema(
            partition: KeySchema.Attribute("name", .string),
            sort: KeySchema.Attribute("what", .string)
        )
        table = try await database.systemTable("$functions", key: key)
        names = try await database.systemTable("$function-names", key: key)
    }

    /// The part of a function, nil where there is none.
    ///
    /// - Throws: `.internalFailure`.
    package func part(_ what: String, of name: String) async throws(DatabaseError) -> Item? {
        try await table.item(Self.key(name, what))?["fields"]?.mapValue
    }

    /// The parts whose kind begins so, in order.
    ///
    /// - Throws: `.internalFailure`.
    package func parts(
        _ prefix: String,
        of name: String
    ) async throws(DatabaseError)
        -> [(what: String, fields: Item)]
    {
        // Behind every text that begins with the prefix and holds what names may hold.
        let behind = prefix + "\u{7F}"
        let items = try await table.items(
            of: .string(name),
            in: (from: .string(prefix), to: .string(behind))
        )
        return items.compactMap { item in
            guard let what = item["what"]?.stringValue, let fields = item["fields"]?.mapValue
            else { return nil }
            return (what, fields)
        }
    }

    /// Writes parts of a function, all or none.
    ///
    /// - Throws: `.validation`, `.internalFailure`.
    package func write(
        _ name: String,
        putting parts: [(what: String, fields: Item)] = [],
        deleting gone: [String] = []
    ) async throws(DatabaseError) {
        let items = parts.map { part in
            var item = Self.key(name, part.what)
            item["fields"] = .map(part.fields)
            return item
        }
        try await table.write(putting: items, deleting: gone.map { Self.key(name, $0) })
    }

    /// Puts a function into the list of all, before it is written itself.
    ///
    /// - Throws: `.internalFailure`.
    package func enlist(_ name: String) async throws(DatabaseError) {
        try await names.write(putting: [Self.key("function", name)])
    }

    /// Deletes everything of a function.
    ///
    /// - Throws: `.internalFailure`.
    package func delete(_ name: String) async throws(DatabaseError) {
        let items = try await table.items(of: .string(name))
        try await table.write(
            deleting: items.compactMap { $0["what"]?.stringValue }.map { Self.key(name, $0) }
        )
        try await names.write(deleting: [Self.key("function", name)])
    }

    /// The names of all functions behind one, in order.
    ///
    /// - Throws: `.internalFailure`.
    package func names(
        after last: String?,
        limit: Int
    ) async throws(DatabaseError) -> [String] {
        let from: AttributeValue? = last.map { .string($0 + "\u{0}") }
        let items = try await names.items(
            of: "function",
            in: (from: from, to: nil),
            limit: limit
        )
        return items.compactMap { $0["what"]?.stringValue }
    }

    private static func key(_ name: String, _ what: String) -> Item {
        ["name": .string(name), "what": .string(what)]
    }

    /// The sort key of a version.
    package static func versionKey(_ version: String) -> String {
        "version#" + String(repeating: "0", count: max(0, 12 - version.utf8.count)) + version
    }
}
