internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// An operation whose usual requests are answered without the trees of `Operation`: bytes of JSON to bytes
/// of items, and back.
///
/// What is unusual, and everything that is wrong, is answered with nil before anything was done, and
/// `Operation.run` does it. So there is one place for each error and its order, and this
/// one need not know any.
protocol PlainOperation: Operation {
    /// The body of the response; nil where the request is unusual.
    static func runPlain(
        _ body: RequestBody,
        _ service: Service
    ) async throws(WireError) -> [UInt8]?
}

extension PlainOperation {
    static func run(_ body: RequestBody, _ service: Service) async throws(WireError) -> [UInt8] {
        // Who may not do everything has requests looked at.
        if service.allowsEverything, let answer = try await runPlain(body, service) {
            return answer
        }
        return try await run(body.array, service)
    }
}

extension PlainReader {
    init(_ body: RequestBody) { self.init(body.bytes, in: body.range) }

    /// Reads the members of an object that is all of the body; false when that is unusual.
    mutating func members(_ member: (inout PlainReader, Text) -> Bool) -> Bool {
        object(member) && isAtEnd()
    }

    /// Reads the members of an object.
    mutating func object(_ member: (inout PlainReader, Text) -> Bool) -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        if take(UInt8(ascii: "}")) { return true }
        while true {
            guard let name = name(), member(&self, name) else { return false }
            switch next(closing: UInt8(ascii: "}")) {
            case .another: continue
            case .end: return true
            case .malformed: return false
            }
        }
    }

    /// Reads a plain table name: of the right length and letters, and no resource name.
    mutating func tableName() -> String? {
        guard let text = string() else { return nil }
        return tableName(text)
    }

    func tableName(_ text: Text) -> String? {
        withText(text) { bytes in
            guard TableName.isPlain(bytes), let utf8 = try? UTF8Span(validating: bytes) else {
                return nil
            }
            return String(copying: utf8)
        }
    }

    /// Reads a whole key.
    mutating func key() -> PlainKey? {
        item().map { PlainKey(bytes: $0.bytes, count: $0.count) }
    }

    /// Reads the word that asks for nothing besides.
    mutating func none() -> Bool {
        guard let text = string() else { return false }
        return isText(text, "NONE")
    }
}

extension JSONWriter {
    /// Appends an item to others, for pages.
    static let sink: ItemSink = { (item, bytes) throws(ItemError) in
        var writer = JSONWriter(continuing: &bytes)
        defer { bytes = writer.take() }
        try writer.item(encoded: item)
    }
}
