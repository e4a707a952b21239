internal import ShaleBytes
internal import ShaleItems

/// A request for a page as bytes: equal requests have equal bytes, and others do not.
///
/// Each field is written with its length, and names and values in the order of their names; the same question in other
/// words is another request.
struct PageKey {
    /// Which form of answer is asked for.
    enum Form: UInt8 {
        /// Items.
        case items = 0
        /// What an `ItemSink` makes of their bytes.
        case encoded = 1
    }

    private var writer = ByteWriter()

    /// The key of a query; nil of one that is not kept.
    static func of(
        _ request: QueryRequest,
        _ version: TableVersion,
        _ form: Form
    ) throws(ItemError) -> [UInt8]? {
        guard request.keyConditions == nil else { return nil }
        var key = PageKey()
        key.writer.append(UInt8(ascii: "Q"))
        key.writer.append(request.scanIndexForward ? 1 : 0)
        key.add(request.keyCondition)
        try key.add(request.options, version, form)
        return key.writer.take()
    }

    /// The key of a scan.
    static func of(
        _ request: ScanRequest,
        _ version: TableVersion,
        _ form: Form
    ) throws(ItemError) -> [UInt8]? {
        var key = PageKey()
        key.writer.append(UInt8(ascii: "S"))
        key.add(request.segment)
        key.add(request.totalSegments)
        try key.add(request.options, version, form)
        return key.writer.take()
    }

    private mutating func add(
        _ options: PageOptions,
        _ version: TableVersion,
        _ form: Form
    ) throws(ItemError) {
        writer.append(form.rawValue)
        writer.append(varint: version.generation)
        for text in [
            options.indexName, options.filter, options.projection, options.select?.rawValue,
            options.returnConsumedCapacity.rawValue,
        ] {
            add(text)
        }
        add(options.limit)
        try add(options.exclusiveStartKey)
        add(options.attributes.names?.count)
        for (name, meaning) in (options.attributes.names ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(name)
            add(meaning)
        }
        try add(options.attributes.values.map { Item($0.map { ($0.key, $0.value) }) })
    }

    private mutating func add(_ text: String?) {
        writer.append(text == nil ? 0 : 1)
        if let text { writer.append(lengthPrefixed: Array(text.utf8)) }
    }

    private mutating func add(_ number: Int?) {
        writer.append(number == nil ? 0 : 1)
        if let number { writer.append(integer: number) }
    }

    private mutating func add(_ item: Item?) throws(ItemError) {
        writer.append(item == nil ? 0 : 1)
        if let item { writer.append(lengthPrefixed: try ItemEncoder.encode(item)) }
    }
}
