internal import ShaleItems
internal import ShaleTables
internal import Simulation

/// A random query or scan, what it reads, and what the model answers.
struct QueryPlan: Sendable {
    let schema: TableSchema
    let index: IndexSchema?
    /// Nil scans.
    var partition: AttributeValue?
    var sort: SortCondition?
    var filter: ModelCondition?
    var isForward = true
    var limit: Int?
    var isConsistent = false
    var fetchesAll = false
    var projects: [String]?
    var segments: Int?
    var isEncoded = false

    /// A condition on the sort key.
    enum SortCondition: Sendable {
        case equals(AttributeValue)
        case less(AttributeValue)
        case atLeast(AttributeValue)
        case between(AttributeValue, AttributeValue)
        case begins(String)
    }

    /// The key that the query names.
    var key: KeySchema { index?.key ?? schema.key }

    init(
        _ schema: TableSchema,
        _ index: IndexSchema?,
        isQuery: Bool,
        there: [Item],
        _ generator: inout CallGenerator
    ) {
        self.schema = schema
        self.index = index
        isForward = generator.oneIn(2)
        limit = generator.oneIn(2) ? nil : 1 + generator.below(8) + there.count / 20
        isConsistent = index?.isLocal != false && generator.oneIn(2)
        isEncoded = generator.oneIn(4)
        let some = there.isEmpty ? nil : generator.pick(there)
        func known(_ attribute: KeySchema.Attribute) -> AttributeValue? {
            some.flatMap { attribute.fits($0) ? $0[attribute.name] : nil }
        }
        if isQuery {
            partition =
                known(key.partition) ?? Self.value(key.partition, schema, &generator)
            if let sort = key.sort, generator.oneIn(2) {
                self.sort = Self.sortCondition(
                    known(sort) ?? Self.value(sort, schema, &generator),
                    Self.value(sort, schema, &generator),
                    &generator
                )
            }
        } else {
            segments = generator.oneIn(3) ? 1 + generator.below(5) : nil
        }
        fetchesAll = index?.isLocal == true && generator.oneIn(3)
        if generator.oneIn(3) {
            let held = ["n", "t", "s", "l", "v"].filter { name in
                fetchesAll || index?.holds(name, schema.key) ?? true
            }
            filter = held.isEmpty ? nil : generator.condition([], some, among: held)
        }
        if generator.oneIn(5), !fetchesAll {
            // Keys stay, so that it can be told whose an item is. A local index fetches what it does not hold.
            projects = schema.key.attributes.map(\.name) + ["n"]
            if let index, !index.isLocal, !index.holds("n", schema.key) { projects?.removeLast() }
        }
    }

    private static func value(
        _ attribute: KeySchema.Attribute,
        _ schema: TableSchema,
        _ generator: inout CallGenerator
    ) -> AttributeValue {
        if attribute == schema.key.partition, schema.key.sort != nil {
            return KeyValues.value(attribute.type, generator.below(schema.partitions))
        }
        return generator.indexValue(attribute)
    }

    private static func sortCondition(
        _ value: AttributeValue,
        _ other: AttributeValue,
        _ generator: inout CallGenerator
    ) -> SortCondition {
        let (low, high) =
            KeyValues.precedes(other, value) ? (other, value) : (value, other)
        if let text = value.stringValue, generator.oneIn(3) {
            return .begins(String(text.prefix(generator.pick([1, 2, 3]))))
        }
        return generator.pick([.equals(value), .less(value), .atLeast(value), .between(low, high)])
    }

    /// The plan in a line.
    var words: String {
        var words = partition == nil ? "scan" : "query"
        words += " of \(schema.name)" + (index.map { ".\($0.name)" } ?? "")
        if let partition { words += " \(key.partition.name) = \(partition.words)" }
        if let sort, let name = key.sort?.name { words += ", \(name) \(sort)" }
        if let filter {
            var text = ExpressionWords()
            let filter = filter.text(&text)
            words += " filter \(text.filled(filter))"
        }
        if !isForward { words += " backwards" }
        if let limit { words += " by \(limit)" }
        if let projects { words += " of \(projects)" }
        if let segments { words += " in \(segments) segments" }
        return words + (fetchesAll ? " whole" : "") + (isEncoded ? " as bytes" : "")
    }

    // MARK: The model

    /// What it answers of these items, in the order of their keys as far as that is said.
    func expected(of items: [Item]) -> [Item] {
        items.filter { item in
            let image = index.map { $0.image(of: item, schema.key) } ?? item
            guard let image else { return false }
            if let partition, image[key.partition.name] != partition { return false }
            if let sort, let name = key.sort?.name {
                guard let value = image[name], Self.holds(sort, value) else { return false }
            }
            return filter?.holds(fetchesAll ? item : image) ?? true
        }.map(answered)
    }

    private func answered(_ item: Item) -> Item {
        if let projects {
            return Item(projects.compactMap { name in item[name].map { (name, $0) } })
        }
        if fetchesAll { return item }
        guard let index else { return item }
        return index.image(of: item, schema.key) ?? item
    }

    private static func holds(_ sort: SortCondition, _ value: AttributeValue) -> Bool {
        switch sort {
        case .equals(let other): value == other
        case .less(let other): KeyValues.precedes(value, other)
        case .atLeast(let other): !KeyValues.precedes(value, other)
        case .between(let low, let high):
            !KeyValues.precedes(value, low) && !KeyValues.precedes(high, value)
        case .begins(let prefix): value.stringValue?.utf8.starts(with: prefix.utf8) ?? false
        }
    }

    /// Whether answered items are in the order that was asked for.
    func isOrdered(_ items: [Item]) -> Bool {
        guard partition != nil, let sort = key.sort?.name, projects == nil else { return true }
        let values = items.compactMap { $0[sort] }
        return zip(values, values.dropFirst()).allSatisfy { left, right in
            isForward ? !KeyValues.precedes(right, left) : !KeyValues.precedes(left, right)
        }
    }

    // MARK: The database

    /// All items, page by page.
    func perform(on database: Database) async throws -> [Item] {
        let reader = PageReader(database: database)
        var words = ExpressionWords()
        var options = PageOptions()
        options.indexName = index?.name
        options.limit = limit
        options.consistentRead = isConsistent
        options.filter = filter?.text(&words)
        if let projects {
            options.projection = projects.map { words.name($0) }.joined(separator: ", ")
        }
        if fetchesAll { options.select = .allAttributes }
        let condition = partition.map { keyCondition($0, &words) }
        options.attributes = ExpressionAttributes(
            names: words.names.isEmpty ? nil : words.names,
            values: words.values.isEmpty ? nil : words.values
        )
        guard let condition else { return try await scan(reader, options) }
        var request = QueryRequest(tableName: schema.name, keyCondition: condition)
        request.options = options
        request.scanIndexForward = isForward
        return isEncoded
            ? try await reader.queryEncoded(request) : try await reader.query(request)
    }

    private func scan(_ reader: PageReader, _ options: PageOptions) async throws -> [Item] {
        var request = ScanRequest(tableName: schema.name)
        request.options = options
        guard let segments else { return try await reader.scan(request, isEncoded: isEncoded) }
        var items: [Item] = []
        for segment in 0..<segments {
            request.segment = segment
            request.totalSegments = segments
            items += try await reader.scan(request, isEncoded: isEncoded)
        }
        return items
    }

    private func keyCondition(
        _ partition: AttributeValue,
        _ words: inout ExpressionWords
    ) -> String {
        var text = "\(words.name(key.partition.name)) = \(words.value(partition))"
        guard let sort, let name = key.sort?.name else { return text }
        let word = words.name(name)
        switch sort {
        case .equals(let value): text += " AND \(word) = \(words.value(value))"
        case .less(let value): text += " AND \(word) < \(words.value(value))"
        case .atLeast(let value): text += " AND \(word) >= \(words.value(value))"
        case .between(let low, let high):
            text += " AND \(word) BETWEEN \(words.value(low)) AND \(words.value(high))"
        case .begins(let prefix):
            text += " AND begins_with(\(word), \(words.value(.string(prefix))))"
        }
        return text
    }
}
