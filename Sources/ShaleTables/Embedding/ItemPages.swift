public import ShaleItems

/// The items of a query or scan, read page by page as they are asked for.
///
/// At most one page (1 MB) is in memory. Each page is one moment of the database; writes between two
/// pages may be seen or not.
public struct ItemPages: AsyncSequence, Sendable {
    /// An item.
    public typealias Element = Item
    /// What can go wrong.
    public typealias Failure = DatabaseError

    enum Source: Sendable {
        case query(QueryRequest)
        case scan(ScanRequest)
    }

    let database: Database
    let source: Source
    /// Most items to give; nil is all.
    let count: Int?

    /// Begins at the first item.
    public func makeAsyncIterator() -> Iterator {
        Iterator(database: database, source: source, left: count ?? .max)
    }

    /// Gives the items one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let database: Database
        var source: Source
        var left: Int
        private var items: [Item] = []
        private var next = 0
        private var isLast = false

        init(database: Database, source: Source, left: Int) {
            self.database = database
            self.source = source
            self.left = left
        }

        /// The next item; nil at the end.
        public mutating func next() async throws(DatabaseError) -> Item? {
            try await advance()
        }

        /// The next item; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(DatabaseError) -> Item? {
            try await advance()
        }

        private mutating func advance() async throws(DatabaseError) -> Item? {
            guard left > 0 else { return nil }
            while next == items.count {
                guard !isLast else { return nil }
                try await readPage()
            }
            defer { next += 1 }
            left -= 1
            return items[next]
        }

        private mutating func readPage() async throws(DatabaseError) {
            let page: PageResponse
            switch source {
            case .query(var request):
                page = try await database.query(request)
                request.options.exclusiveStartKey = page.lastEvaluatedKey
                source = .query(request)
            case .scan(var request):
                page = try await database.scan(request)
                request.options.exclusiveStartKey = page.lastEvaluatedKey
                source = .scan(request)
            }
            isLast = page.lastEvaluatedKey == nil
            items = page.items
            next = 0
        }
    }
}

/// The items of a query or scan as values of a `Codable` type.
public struct ValuePages<Value: Decodable>: AsyncSequence, Sendable {
    /// A value.
    public typealias Element = Value
    /// What can go wrong; `.validation` for an item that is no such value.
    public typealias Failure = DatabaseError

    let items: ItemPages

    /// Begins at the first item.
    public func makeAsyncIterator() -> Iterator { Iterator(items: items.makeAsyncIterator()) }

    /// Gives the values one by one.
    public struct Iterator: AsyncIteratorProtocol {
        var items: ItemPages.Iterator

        /// The next value; nil at the end.
        public mutating func next() async throws(DatabaseError) -> Value? {
            guard let item = try await items.next() else { return nil }
            return try Table.value(Value.self, of: item)
        }

        /// The next value; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(DatabaseError) -> Value? {
            try await next()
        }
    }
}

extension Table {
    /// In which order a query gives items.
    public enum Order: Sendable {
        /// From the least sort key on.
        case ascending
        /// From the greatest sort key on.
        case descending
    }

    /// The items of one partition key, or a range of their sort keys.
    ///
    ///     for try await song in songs.query("Artist = :artist", values: [":artist": "Nina Simone"]) {
    ///         print(song)
    ///     }
    ///
    /// - Parameters:
    ///   - keyCondition: As `Artist = :a AND begins_with(Title, :t)`.
    ///   - index: The index; nil is the table itself.
    ///   - filter: What items must satisfy besides; applied after reading.
    ///   - projection: Which attributes to give; nil is all.
    ///   - names: What `#name` stands for.
    ///   - values: What `:value` stands for.
    ///   - order: The order of sort keys.
    ///   - count: Most items to give; nil is all.
    /// - Returns: A sequence that reads when it is asked, and throws `.validation`,
    ///   `.resourceNotFound` or `.internalFailure` then.
    /// - Complexity: O(log n) for each page, and O(1) for each item read.
    public func query(
        _ keyCondition: String,
        index: String? = nil,
        filter: String? = nil,
        projection: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        order: Order = .ascending,
        count: Int? = nil
    ) -> ItemPages {
        var request = QueryRequest(tableName: name, keyCondition: keyCondition)
        request.scanIndexForward = order == .ascending
        request.options.indexName = index
        request.options.filter = filter
        request.options.projection = projection
        request.options.attributes = ExpressionAttributes(names: names, values: values)
        // Without a filter nothing is read in vain: a page need not be longer than what is given.
        if filter == nil, let count, count > 0 { request.options.limit = count }
        return ItemPages(database: database, source: .query(request), count: count)
    }

    /// The same as values of a `Codable` type.
    public func query<Value: Decodable>(
        _ keyCondition: String,
        index: String? = nil,
        filter: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        order: Order = .ascending,
        count: Int? = nil,
        as type: Value.Type
    ) -> ValuePages<Value> {
        let items = query(
            keyCondition,
            index: index,
            filter: filter,
            names: names,
            values: values,
            order: order,
            count: count
        )
        return ValuePages(items: items)
    }

    /// All items, in no meaningful order.
    ///
    /// - Parameters:
    ///   - index: The index; nil is the table itself.
    ///   - filter: What items must satisfy; applied after reading.
    ///   - projection: Which attributes to give; nil is all.
    ///   - names: What `#name` stands for.
    ///   - values: What `:value` stands for.
    ///   - segment: Which of several parts, from 0, to scan side by side; nil is everything.
    ///   - count: Most items to give; nil is all.
    /// - Returns: A sequence that reads when it is asked.
    public func scan(
        index: String? = nil,
        filter: String? = nil,
        projection: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        segment: (index: Int, of: Int)? = nil,
        count: Int? = nil
    ) -> ItemPages {
        var request = ScanRequest(tableName: name)
        request.segment = segment?.index
        request.totalSegments = segment?.of
        request.options.indexName = index
        request.options.filter = filter
        request.options.projection = projection
        request.options.attributes = ExpressionAttributes(names: names, values: values)
        if filter == nil, let count, count > 0 { request.options.limit = count }
        return ItemPages(database: database, source: .scan(request), count: count)
    }

    /// The same as values of a `Codable` type.
    public func scan<Value: Decodable>(
        index: String? = nil,
        filter: String? = nil,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        segment: (index: Int, of: Int)? = nil,
        count: Int? = nil,
        as type: Value.Type
    ) -> ValuePages<Value> {
        let items = scan(
            index: index,
            filter: filter,
            names: names,
            values: values,
            segment: segment,
            count: count
        )
        return ValuePages(items: items)
    }
}
