public import ShaleItems

/// A secondary index of a table that a program makes.
public struct SecondaryIndex: Sendable {
    let definition: SecondaryIndexDefinition
    let isLocal: Bool
    let attributes: [KeySchema.Attribute]

    /// An index with keys of its own over the whole table.
    ///
    /// Items that lack one of its key attributes are not in it.
    public static func global(
        _ name: String,
        partitionKey: KeySchema.Attribute,
        sortKey: KeySchema.Attribute? = nil,
        projecting projection: IndexProjection = .all
    ) -> SecondaryIndex {
        let key = KeySchema(partition: partitionKey, sort: sortKey)
        return SecondaryIndex(
            definition: SecondaryIndexDefinition(
                name,
                keySchema: key.elements,
                projection: projection
            ),
            isLocal: false,
            attributes: key.attributes
        )
    }

    /// Another order of the items of each partition key, for a table with a sort key.
    public static func local(
        _ name: String,
        sortKey: KeySchema.Attribute,
        projecting projection: IndexProjection = .all
    ) -> SecondaryIndex {
        SecondaryIndex(
            definition: SecondaryIndexDefinition(
                name,
                keySchema: [KeySchemaElement(sortKey.name, .sort)],
                projection: projection
            ),
            isLocal: true,
            attributes: [sortKey]
        )
    }
}

extension KeySchema.Attribute {
    /// A key attribute with text, at most 2,048 bytes as partition and 1,024 as sort key.
    public static func string(_ name: String) -> KeySchema.Attribute { .init(name, .string) }
    /// A key attribute with a number.
    public static func number(_ name: String) -> KeySchema.Attribute { .init(name, .number) }
    /// A key attribute with bytes, at most 2,048 as partition and 1,024 as sort key.
    public static func binary(_ name: String) -> KeySchema.Attribute { .init(name, .binary) }
}

extension Database {
    /// Makes a table and answers it, ready for use.
    ///
    ///     let songs = try await database.createTable(
    ///         "Songs",
    ///         partitionKey: .string("Artist"),
    ///         sortKey: .string("Title"),
    ///         indexes: [.global("ByYear", partitionKey: .number("Year"))]
    ///     )
    ///
    /// - Parameters:
    ///   - name: 3 to 255 characters of `a-z A-Z 0-9 _ . -`.
    ///   - partitionKey: The attribute that says where an item lives.
    ///   - sortKey: The attribute that orders the items of one partition key.
    ///   - indexes: At most 5 local and 20 global ones.
    ///   - stream: What is kept of each change for 24 hours (`Table.changes`); nil keeps nothing.
    /// - Returns: The table.
    /// - Throws: `.resourceInUse` when there is a table of that name, `.validation`.
    public func createTable(
        _ name: String,
        partitionKey: KeySchema.Attribute,
        sortKey: KeySchema.Attribute? = nil,
        indexes: [SecondaryIndex] = [],
        stream: StreamSpecification.ViewType? = nil
    ) async throws(DatabaseError) -> Table {
        let key = KeySchema(partition: partitionKey, sort: sortKey)
        var attributes = key.attributes
        for attribute in indexes.flatMap(\.attributes) where !attributes.contains(attribute) {
            attributes.append(attribute)
        }
        var request = CreateTableRequest(
            tableName: name,
            attributeDefinitions: attributes,
            keySchema: key.elements
        )
        request.billingMode = .payPerRequest
        for index in indexes {
            guard index.isLocal else {
                request.globalSecondaryIndexes.append(index.definition)
                continue
            }
            var definition = index.definition
            definition.keySchema.insert(KeySchemaElement(partitionKey.name, .partition), at: 0)
            request.localSecondaryIndexes.append(definition)
        }
        request.stream = stream.map { StreamSpecification(isEnabled: true, viewType: $0) }
        _ = try await createTable(request)
        return Table(self, name)
    }

    /// A table that was made before.
    ///
    /// - Throws: `.resourceNotFound`.
    public func table(_ name: String) throws(DatabaseError) -> Table {
        _ = try describedTable(name)
        return Table(self, name)
    }
}
