/// Reads the bytes that `ItemFormat` draws.
///
/// Total: every input gives an item or an `ItemError` with the offset, never a trap. What the
/// encoder asserts is verified here: order of names and of sets, shortest lengths, depth.
public enum ItemDecoder {
    /// The item of these bytes.
    /// - Throws: `malformedItem` with the offset.
    public static func decode(_ bytes: [UInt8]) throws(ItemError) -> Item {
        try decode(bytes.span)
    }

    /// The item of these bytes.
    /// - Throws: `malformedItem` with the offset.
    public static func decode(_ bytes: Span<UInt8>) throws(ItemError) -> Item {
        var scanner = try start(bytes)
        return try attributes(&scanner, bytes, level: 0)
    }

    /// One top-level attribute, found without reading the values of the others.
    /// - Throws: `malformedItem` with the offset, as far as the bytes were read.
    /// - Complexity: O(n) in the number of attributes before it.
    public static func attribute(
        named name: String,
        in bytes: Span<UInt8>
    ) throws(ItemError) -> AttributeValue? {
        var scanner = try start(bytes)
        let wanted = name.utf8Span.span
        while !scanner.isAtEnd {
            let range = try scanner.lengthPrefixed(bytes)
            let order = TextOrder.order(bytes.extracting(range), wanted)
            if order > 0 { return nil }
            if order == 0 { return try value(&scanner, bytes, level: 0) }
            _ = try scanner.value(bytes)
        }
        return nil
    }

    /// The item with only some of its top-level attributes, the others skipped unread.
    ///
    /// The names ascend by their UTF-8 bytes, each once, as `Item.names` does.
    /// - Throws: `malformedItem` with the offset, as far as the bytes were read.
    /// - Complexity: O(n) in the attributes up to the last name.
    public static func decode(
        _ bytes: Span<UInt8>,
        names: [String]
    ) throws(ItemError) -> Item {
        var scanner = try start(bytes)
        var entries: [Item.Entry] = []
        var wanted = names[...]
        while !scanner.isAtEnd {
            let range = try scanner.lengthPrefixed(bytes)
            let name = bytes.extracting(range)
            while let first = wanted.first, TextOrder.order(first.utf8Span.span, name) < 0 {
                wanted.removeFirst()
            }
            guard let first = wanted.first else { break }
            if TextOrder.order(first.utf8Span.span, name) == 0 {
                let value = try value(&scanner, bytes, level: 0)
                entries.append(Item.Entry(name: first, value: value))
                wanted.removeFirst()
            } else {
                _ = try scanner.value(bytes)
            }
        }
        return Item(sorted: entries)
    }

    private static func start(_ bytes: Span<UInt8>) throws(ItemError) -> ItemScanner {
        var scanner = ItemScanner(0..<bytes.count)
        let version = try scanner.byte(bytes)
        guard version == ItemFormat.version else {
            throw .malformed(0, "version \(version) is unknown")
        }
        return scanner
    }

    private static func attributes(
        _ scanner: inout ItemScanner,
        _ bytes: Span<UInt8>,
        level: Int
    ) throws(ItemError) -> AttributeMap {
        var entries: [Item.Entry] = []
        // Growing costs more than a few entries too many; a damaged item cannot ask for much.
        entries.reserveCapacity(min(8, (scanner.end - scanner.offset) / 2))
        var previous: Range<Int>?
        while !scanner.isAtEnd {
            let start = scanner.offset
            let range = try scanner.lengthPrefixed(bytes)
            if let previous,
                TextOrder.order(bytes.extracting(previous), bytes.extracting(range)) >= 0
            {
                throw .malformed(start, "names are out of order")
            }
            previous = range
            let name = try ItemScanner.text(range, of: bytes)
            let value = try value(&scanner, bytes, level: level)
            entries.append(Item.Entry(name: name, value: value))
        }
        return Item(sorted: entries)
    }

    private static func value(
        _ scanner: inout ItemScanner,
        _ bytes: Span<UInt8>,
        level: Int
    ) throws(ItemError) -> AttributeValue {
        let start = scanner.offset
        let (kind, payload) = try scanner.value(bytes)
        switch kind {
        case .string: return .string(try ItemScanner.text(payload, of: bytes))
        case .binary: return .binary(ItemScanner.array(payload, of: bytes))
        case .falseBool, .trueBool, .null:
            guard payload.isEmpty else { throw .malformed(start, "a payload where none belongs") }
            return kind == .null ? .null : .bool(kind == .trueBool)
        case .number:
            var inner = ItemScanner(payload)
            let number = try inner.number(bytes)
            guard inner.isAtEnd else { throw .malformed(start, "bytes follow a number") }
            return .number(number)
        case .list, .map:
            guard level < ItemLimits.nestingLevels else {
                throw .malformed(start, "nested more than 32 levels deep")
            }
            var inner = ItemScanner(payload)
            if kind == .map { return .map(try attributes(&inner, bytes, level: level + 1)) }
            var list: [AttributeValue] = []
            while !inner.isAtEnd { list.append(try value(&inner, bytes, level: level + 1)) }
            return .list(list)
        case .stringSet, .numberSet, .binarySet:
            return try set(kind, payload, bytes)
        }
    }

    private static func set(
        _ kind: ItemFormat.Kind,
        _ payload: Range<Int>,
        _ bytes: Span<UInt8>
    ) throws(ItemError) -> AttributeValue {
        switch kind {
        case .stringSet:
            let texts = try elements(payload, bytes, TextOrder.precedes) {
                (scanner, bytes) throws(ItemError) in
                try ItemScanner.text(scanner.lengthPrefixed(bytes), of: bytes)
            }
            return .stringSet(texts)
        case .numberSet:
            let numbers = try elements(payload, bytes, <) {
                (scanner, bytes) throws(ItemError) in
                try scanner.number(bytes)
            }
            return .numberSet(numbers)
        default:
            let binaries = try elements(payload, bytes, SetOrder.bytesPrecede) {
                (scanner, bytes) throws(ItemError) in
                ItemScanner.array(try scanner.lengthPrefixed(bytes), of: bytes)
            }
            return .binarySet(binaries)
        }
    }

    /// The elements of a set, which must ascend.
    private static func elements<Element>(
        _ payload: Range<Int>,
        _ bytes: Span<UInt8>,
        _ precedes: (Element, Element) -> Bool,
        _ read: (inout ItemScanner, Span<UInt8>) throws(ItemError) -> Element
    ) throws(ItemError) -> [Element] {
        var scanner = ItemScanner(payload)
        var elements: [Element] = []
        while !scanner.isAtEnd {
            let start = scanner.offset
            let element = try read(&scanner, bytes)
            if let last = elements.last, !precedes(last, element) {
                throw .malformed(start, "a set is out of order")
            }
            elements.append(element)
        }
        return elements
    }
}
