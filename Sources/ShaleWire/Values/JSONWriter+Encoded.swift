public import ShaleItems

// Stored items to DynamoDB JSON, without an `Item` between: the bytes are those of `item(_:)`.

extension JSONWriter {
    /// Writes an item from its stored bytes.
    /// - Throws: `malformedItem` with the offset; part of the item may then have been written.
    public mutating func item(encoded item: Span<UInt8>) throws(ItemError) {
        guard !item.isEmpty, item[0] == ItemFormat.version else {
            throw ItemError(.malformedItem, "The bytes of the item are damaged: no known version")
        }
        try attributes(item.extracting(1..<item.count), level: 0)
    }

    private mutating func attributes(
        _ bytes: Span<UInt8>,
        level: Int
    ) throws(ItemError) {
        beginObject()
        var scanner = ItemScanner(0..<bytes.count)
        while !scanner.isAtEnd {
            let name = try scanner.lengthPrefixed(bytes)
            try encodedName(bytes.extracting(name))
            try value(&scanner, bytes, level: level)
        }
        endObject()
    }

    private mutating func value(
        _ scanner: inout ItemScanner,
        _ bytes: Span<UInt8>,
        level: Int
    ) throws(ItemError) {
        let (kind, range) = try scanner.value(bytes)
        let payload = bytes.extracting(range)
        switch kind {
        case .string:
            open(member: "S")
            try encodedString(payload)
        case .number:
            open(member: "N")
            try number(payload)
        case .binary:
            open(member: "B")
            base64(payload)
        case .falseBool:
            open(member: "BOOL")
            bool(false)
        case .trueBool:
            open(member: "BOOL")
            bool(true)
        case .null:
            open(member: "NULL")
            bool(true)
        case .list, .map:
            guard level < ItemLimits.nestingLevels else {
                throw ItemError(
                    .malformedItem,
                    "The bytes of the item are damaged: nested too deep"
                )
            }
            open(member: kind == .map ? "M" : "L")
            if kind == .map {
                try attributes(payload, level: level + 1)
            } else {
                beginArray()
                var inner = ItemScanner(0..<payload.count)
                while !inner.isAtEnd { try value(&inner, payload, level: level + 1) }
                endArray()
            }
        case .stringSet, .numberSet, .binarySet: try set(kind, payload)
        }
        endObject()
    }

    private mutating func set(
        _ kind: ItemFormat.Kind,
        _ payload: Span<UInt8>
    ) throws(ItemError) {
        open(member: kind == .stringSet ? "SS" : kind == .numberSet ? "NS" : "BS")
        beginArray()
        var scanner = ItemScanner(0..<payload.count)
        while !scanner.isAtEnd {
            switch kind {
            case .numberSet:
                let start = scanner.offset
                _ = try scanner.number(payload)
                try number(payload.extracting(start..<scanner.offset))
            case .binarySet:
                let element = try scanner.lengthPrefixed(payload)
                base64(payload.extracting(element))
            default:
                let element = try scanner.lengthPrefixed(payload)
                try encodedString(payload.extracting(element))
            }
        }
        endArray()
    }

    private mutating func encodedName(_ name: Span<UInt8>) throws(ItemError) {
        try encodedString(name)
        colon()
    }

    private mutating func encodedString(_ text: Span<UInt8>) throws(ItemError) {
        guard string(utf8: text) else {
            throw ItemError(.malformedItem, "The bytes of the item are damaged: text is not UTF-8")
        }
    }

    private mutating func number(_ payload: Span<UInt8>) throws(ItemError) {
        try quoted { (bytes) throws(ItemError) in
            try NumberFormat.appendText(of: payload, to: &bytes)
        }
    }
}
