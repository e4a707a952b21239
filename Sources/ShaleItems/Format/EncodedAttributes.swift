/// What can be told of an item from its bytes, without making an `Item` of them.
public enum EncodedAttributes {
    /// Lends every top-level attribute to `body` in the order of the names: name, type and payload,
    /// all of them as `ItemFormat` draws them.
    ///
    /// Nothing is allocated and nothing copied. A text's payload is its UTF-8 (checked when it was
    /// written, not here), binary's the bytes, a number's what `NumberFormat` draws; true, false and
    /// null have none, and a boolean is told by `isTrue`.
    /// - Throws: `malformedItem` with the offset; what `body` throws.
    /// - Complexity: O(n) in the attributes; values are stepped over.
    @inlinable
    public static func forEach(
        _ item: Span<UInt8>,
        _ body: (_ name: Span<UInt8>, _ value: Value, _ payload: Span<UInt8>) throws(ItemError) ->
            Void
    ) throws(ItemError) {
        var offset = try start(item)
        while offset < item.count {
            let place = try next(item, &offset)
            try body(
                item.extracting(place.name),
                place.value,
                item.extracting(place.payload)
            )
        }
    }

    /// The type of a value, and what a boolean is.
    @frozen
    public enum Value: UInt8, Sendable {
        // The numbers are those of a tag.
        /// Text.
        case string = 1
        /// A number.
        case number = 2
        /// Bytes.
        case binary = 3
        /// The boolean false.
        case isFalse = 4
        /// The boolean true.
        case isTrue = 5
        /// The value null.
        case null = 6
        /// A list.
        case list = 7
        /// A map.
        case map = 8
        /// A set of texts.
        case stringSet = 9
        /// A set of numbers.
        case numberSet = 10
        /// A set of byte strings.
        case binarySet = 11
    }

    /// Where an attribute's parts are.
    @usableFromInline
    struct Place {
        @usableFromInline var name: Range<Int>
        @usableFromInline var value: Value
        @usableFromInline var payload: Range<Int>

        @usableFromInline
        init(name: Range<Int>, value: Value, payload: Range<Int>) {
            self.name = name
            self.value = value
            self.payload = payload
        }
    }

    @usableFromInline
    static func start(_ item: Span<UInt8>) throws(ItemError) -> Int {
        guard !item.isEmpty, item[0] == ItemFormat.version else {
            throw .malformed(0, "it does not begin with a known version")
        }
        return 1
    }

    /// The attribute at `offset`, which then stands behind it.
    @usableFromInline
    static func next(_ item: Span<UInt8>, _ offset: inout Int) throws(ItemError) -> Place {
        var scanner = ItemScanner(offset..<item.count)
        let name = try scanner.lengthPrefixed(item)
        let (kind, payload) = try scanner.value(item)
        offset = scanner.offset
        guard let value = Value(rawValue: kind.rawValue) else {
            preconditionFailure("both have the numbers of a tag")
        }
        return Place(name: name, value: value, payload: payload)
    }

    /// Where the payload of the attribute with this name is, and its kind; nil if there is none.
    static func find(
        _ name: Span<UInt8>,
        in item: Span<UInt8>
    ) throws(ItemError) -> (kind: ItemFormat.Kind, payload: Range<Int>)? {
        var scanner = ItemScanner(try start(item)..<item.count)
        while !scanner.isAtEnd {
            let range = try scanner.lengthPrefixed(item)
            let order = TextOrder.order(item.extracting(range), name)
            if order > 0 { return nil }
            let value = try scanner.value(item)
            if order == 0 { return value }
        }
        return nil
    }

    /// How many attributes there are.
    /// - Throws: `malformedItem` with the offset.
    package static func count(_ item: Span<UInt8>) throws(ItemError) -> Int {
        var offset = try start(item)
        var count = 0
        while offset < item.count {
            _ = try next(item, &offset)
            count += 1
        }
        return count
    }
}

// MARK: Sizes

extension EncodedAttributes {
    /// What `Item.sizeBytes` of the item is.
    /// - Throws: `malformedItem` with the offset.
    /// - Complexity: O(n) in its attributes and their elements.
    public static func sizeBytes(_ item: Span<UInt8>) throws(ItemError) -> Int {
        var scanner = ItemScanner(try start(item)..<item.count)
        return try attributes(&scanner, item, level: 0).size
    }

    private static func attributes(
        _ scanner: inout ItemScanner,
        _ item: Span<UInt8>,
        level: Int
    ) throws(ItemError) -> (size: Int, count: Int) {
        var size = 0
        var count = 0
        while !scanner.isAtEnd {
            size += try scanner.lengthPrefixed(item).count
            size += try value(&scanner, item, level: level)
            count += 1
        }
        return (size, count)
    }

    private static func value(
        _ scanner: inout ItemScanner,
        _ item: Span<UInt8>,
        level: Int
    ) throws(ItemError) -> Int {
        let start = scanner.offset
        let (kind, payload) = try scanner.value(item)
        switch kind {
        case .string, .binary: return payload.count
        case .number: return numberSize(item, payload)
        case .falseBool, .trueBool, .null: return 1
        case .list, .map:
            guard level < ItemLimits.nestingLevels else {
                throw .malformed(start, "nested more than 32 levels deep")
            }
            var inner = ItemScanner(payload)
            if kind == .map {
                let (size, count) = try attributes(&inner, item, level: level + 1)
                return 3 + count + size
            }
            var size = 3
            while !inner.isAtEnd { size += 1 + (try value(&inner, item, level: level + 1)) }
            return size
        case .stringSet, .binarySet:
            var inner = ItemScanner(payload)
            var size = 0
            while !inner.isAtEnd { size += try inner.lengthPrefixed(item).count }
            return size
        case .numberSet:
            var inner = ItemScanner(payload)
            var size = 0
            while !inner.isAtEnd {
                let first = inner.offset
                _ = try inner.number(item)
                size += numberSize(item, first..<inner.offset)
            }
            return size
        }
    }

    /// What `Number.sizeBytes` is, told from the sign, the power and whether the last pair is whole.
    private static func numberSize(_ item: Span<UInt8>, _ payload: Range<Int>) -> Int {
        guard payload.count > 2 else { return 1 }
        let isNegative = item[payload.lowerBound] == NumberFormat.negative
        let mask: UInt8 = isNegative ? 0xFF : 0
        let lastPair = (item[payload.upperBound - 1] ^ mask) / 2
        return Number.sizeBytes(
            digits: 2 * (payload.count - 2) - (lastPair % 10 == 0 ? 1 : 0),
            whole: Int(item[payload.lowerBound + 1] ^ mask) + ItemLimits.numberMinExponent + 1,
            isNegative: isNegative
        )
    }
}

// MARK: Keys

extension KeyCoding {
    /// Appends the key bytes of an attribute of an encoded item; false when it is not there, or cannot be
    /// a key: another type, empty, or over `limit` bytes.
    /// - Throws: `malformedItem` with the offset.
    package static func append(
        _ attribute: KeySchema.Attribute,
        limit: Int,
        of item: Span<UInt8>,
        to bytes: inout [UInt8]
    ) throws(ItemError) -> Bool {
        guard
            let (kind, payload) = try EncodedAttributes.find(attribute.name.utf8Span.span, in: item)
        else { return false }
        let value = item.extracting(payload)
        switch (attribute.type, kind) {
        case (.number, .number):
            // Safety: the buffer is copied before the closure returns.
            unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        case (.string, .string), (.binary, .binary):
            guard !value.isEmpty, value.count <= limit else { return false }
            append(value, kind == .string ? KeyFormat.string : KeyFormat.binary, to: &bytes)
        default: return false
        }
        return true
    }

    /// Appends the key bytes of an attribute of an item; false when it is not there, or cannot be a key.
    package static func append(
        _ attribute: KeySchema.Attribute,
        limit: Int,
        of item: Item,
        to bytes: inout [UInt8]
    ) -> Bool {
        switch (attribute.type, item[attribute.name]) {
        case (.number, .number(let number)):
            bytes.reserveCapacity(bytes.count + NumberFormat.maxSize)
            NumberFormat.append(number, to: &bytes)
        case (.string, .string(let text)):
            append(text.utf8Span.span, KeyFormat.string, to: &bytes)
            return (1...limit).contains(text.utf8.count)
        case (.binary, .binary(let binary)):
            append(binary.span, KeyFormat.binary, to: &bytes)
            return (1...limit).contains(binary.count)
        default: return false
        }
        return true
    }

    private static func append(_ value: Span<UInt8>, _ type: UInt8, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + value.count + 3)
        bytes.append(type)
        appendEscaped(value, to: &bytes)
        bytes.append(KeyFormat.escape)
        bytes.append(KeyFormat.terminator)
    }
}
