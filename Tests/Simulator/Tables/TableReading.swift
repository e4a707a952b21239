internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

/// Reads of many items, page by page, in the forms that the database has.
struct PageReader: Sendable {
    let database: Database

    /// Pages after which a read does not end.
    private static let pageLimit = 20_000

    /// All items of a query.
    func query(_ request: QueryRequest) async throws -> [Item] {
        var request = request
        var items: [Item] = []
        for _ in 0..<Self.pageLimit {
            let page = try await database.query(request)
            try Self.check(page, request.options)
            items += page.items
            guard let last = page.lastEvaluatedKey else { return items }
            request.options.exclusiveStartKey = last
        }
        throw Failure("a query of \(request.tableName) never ends")
    }

    /// The same through the bytes that the server sends.
    func queryEncoded(_ request: QueryRequest) async throws -> [Item] {
        var request = request
        var items: [Item] = []
        for _ in 0..<Self.pageLimit {
            let page = try await database.query(request, into: Self.append)
            items += try page.encodedItems.map(Self.items) ?? page.items
            guard let last = page.lastEvaluatedKey else { return items }
            request.options.exclusiveStartKey = last
        }
        throw Failure("a query of \(request.tableName) never ends")
    }

    /// All items of a scan or of one of its segments.
    func scan(_ request: ScanRequest, isEncoded: Bool = false) async throws -> [Item] {
        var request = request
        var items: [Item] = []
        for _ in 0..<Self.pageLimit {
            let page: PageResponse
            if isEncoded {
                page = try await database.scan(request, into: Self.append)
                items += try page.encodedItems.map(Self.items) ?? page.items
            } else {
                page = try await database.scan(request)
                try Self.check(page, request.options)
                items += page.items
            }
            guard let last = page.lastEvaluatedKey else { return items }
            request.options.exclusiveStartKey = last
        }
        throw Failure("a scan of \(request.tableName) never ends")
    }

    /// What a page says of itself.
    private static func check(_ page: PageResponse, _ options: PageOptions) throws(Failure) {
        guard page.scannedCount <= options.limit ?? .max else {
            throw Failure("a page of at most \(options.limit ?? 0) read \(page.scannedCount) items")
        }
        if options.select != .count, page.items.count != page.count {
            throw Failure("a page holds \(page.items.count) items and counts \(page.count)")
        }
        guard page.count <= page.scannedCount,
            options.filter != nil || page.count == page.scannedCount
        else { throw Failure("a page counts \(page.count) of \(page.scannedCount) items") }
        // Before its end a page is full: as many items as asked for, or about a megabyte.
        guard page.lastEvaluatedKey != nil, page.scannedCount < options.limit ?? .max else {
            return
        }
        let isWhole =
            options.filter == nil && options.projection == nil && options.indexName == nil
        let size = page.items.reduce(0) { $0 + $1.sizeBytes }
        guard !isWhole || size > (1024 - 410) * 1024 else {
            throw Failure("a page ends after \(page.scannedCount) items of \(size) bytes")
        }
    }

    /// Lengths of four bytes before each item.
    @Sendable private static func append(
        _ item: Span<UInt8>,
        _ bytes: inout [UInt8]
    ) throws(ItemError) {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: item.count >> shift)) }
        for index in item.indices { bytes.append(item[index]) }
    }

    private static func items(_ bytes: [UInt8]) throws(ItemError) -> [Item] {
        var items: [Item] = []
        var offset = 0
        while offset < bytes.count {
            let size = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
            offset += 4
            items.append(try ItemDecoder.decode(Array(bytes[offset..<(offset + size)])))
            offset += size
        }
        return items
    }
}

/// Everything in a database.
struct WholeContents: Sendable {
    struct Table: Sendable {
        var description: TableDescription
        var items: [Item]
        /// Of each index that can be read.
        var indexes: [String: [Item]] = [:]
        var differences: [IndexDifference]
    }

    var tables: [String: Table] = [:]
    /// Tables that nobody may use yet: they are being restored.
    var filling: [String: TableDescription] = [:]

    /// Without what was restored.
    var ofClients: WholeContents {
        var contents = self
        contents.tables = tables.filter { !CopyBook.isCopy($0.key) }
        return contents
    }

    /// Reads all tables and their indexes, while nobody writes.
    static func read(_ database: Database) async throws -> WholeContents {
        let reader = PageReader(database: database)
        var contents = WholeContents()
        var names: [String] = []
        var start: String?
        repeat {
            let page = try database.listTables(exclusiveStart: start, limit: 3)
            names += page.tableNames
            start = page.lastEvaluatedTableName
        } while start != nil
        for name in names {
            var request = ScanRequest(tableName: name)
            request.options.consistentRead = true
            let description = try database.describeTable(name)
            guard description.status != .creating || !CopyBook.isCopy(name) else {
                contents.filling[name] = description
                continue
            }
            var table = Table(
                description: description,
                items: try await reader.scan(request),
                differences: try await database.verifyIndexes(name).differences
            )
            try await StreamReplay.check(database, description, table.items)
            for index in description.localSecondaryIndexes + description.globalSecondaryIndexes
            where !index.isBackfilling {
                var request = ScanRequest(tableName: name)
                request.options.indexName = index.indexName
                table.indexes[index.indexName] = try await reader.scan(request)
            }
            contents.tables[name] = table
        }
        return contents
    }

    /// Compares the indexes with their tables, both ways, by the rules of the model.
    func checkIndexes() throws(Failure) {
        for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
            let key = KeySchema(elements: table.description.keySchema, table.description)
            let all =
                table.description.localSecondaryIndexes.map { ($0, true) }
                + table.description.globalSecondaryIndexes.map { ($0, false) }
            for (index, isLocal) in all {
                guard let found = table.indexes[index.indexName] else { continue }
                let schema = IndexSchema(
                    name: index.indexName,
                    isLocal: isLocal,
                    key: KeySchema(elements: index.keySchema, table.description),
                    projection: index.projection
                )
                let place = "index \(index.indexName) of \(name)"
                let expected = table.items.compactMap { schema.image(of: $0, key) }
                try Self.compare(found, expected, place) { entry in
                    table.items.first { item in
                        key.attributes.allSatisfy { item[$0.name] == entry[$0.name] }
                    }
                }
            }
            if let difference = table.differences.first {
                throw Failure("verifyIndexes of \(name) alone finds: \(difference)")
            }
        }
    }

    private static func compare(
        _ found: [Item],
        _ expected: [Item],
        _ place: String,
        _ item: (Item) -> Item?
    ) throws(Failure) {
        let (there, wanted) = (Set(found), Set(expected))
        guard there.count == found.count else { throw Failure("\(place) holds an entry twice") }
        func first(_ entries: Set<Item>) -> (String, String)? {
            guard let entry = entries.min(by: { $0.words < $1.words }) else { return nil }
            return (entry.words, item(entry)?.words ?? "none")
        }
        if let (entry, item) = first(wanted.subtracting(there)) {
            throw Failure("\(place) lacks \(entry) of the item \(item)")
        }
        if let (entry, item) = first(there.subtracting(wanted)) {
            throw Failure("\(place) holds \(entry), which no item implies; there is \(item)")
        }
    }
}

extension KeySchema {
    /// The key of a description.
    init(elements: [KeySchemaElement], _ table: TableDescription) {
        func attribute(_ element: KeySchemaElement) -> Attribute {
            table.attributeDefinitions.first { $0.name == element.attributeName }
                ?? Attribute(element.attributeName, .string)
        }
        self.init(
            partition: attribute(elements[0]),
            sort: elements.count > 1 ? attribute(elements[1]) : nil
        )
    }
}
