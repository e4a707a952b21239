package import ShaleItems

// Any JSON as values, and values as plain JSON: what has no shape that is known before.

extension JSONReader {
    /// Reads whatever value stands next; of two members with one name the later counts.
    ///
    /// - Throws: `.serialization` for what is no JSON, and for a number that no attribute can hold.
    package mutating func readDocument() throws(WireError) -> AttributeValue {
        let kind = try peek()
        switch kind {
        case .object:
            var map = Item()
            try readMembers { (reader, name) throws(WireError) in
                map[name] = try reader.readDocument()
            }
            return .map(map)
        case .array:
            var list: [AttributeValue] = []
            try readElements { reader throws(WireError) in list.append(try reader.readDocument()) }
            return .list(list)
        case .string: return .string(try readString())
        case .number:
            let text = String(decoding: try readNumberText(), as: UTF8.self)
            guard let number = try? Number(text) else {
                throw .serialization("\(text.prefix(64)) is no number of at most 38 digits")
            }
            return .number(number)
        case .true, .false: return .bool(try readBool())
        case .null:
            try readWord(.null)
            return .null
        }
    }

    /// The value of a whole text.
    ///
    /// - Throws: `.serialization`.
    package static func document(_ text: [UInt8]) throws(WireError) -> AttributeValue {
        var reader = JSONReader(text)
        let value = try reader.readDocument()
        try reader.finish()
        return value
    }
}

extension JSONWriter {
    /// Writes a value as plain JSON: bytes in Base64, sets as arrays.
    package mutating func document(_ value: AttributeValue) {
        switch value {
        case .string(let text): string(text)
        case .number(let number): self.value("\(number)".utf8)
        case .binary(let bytes): base64(bytes)
        case .bool(let flag): bool(flag)
        case .null: null()
        case .list(let list):
            beginArray()
            for element in list { document(element) }
            endArray()
        case .map(let map):
            beginObject()
            for (name, member) in map {
                self.name(name)
                document(member)
            }
            endObject()
        case .stringSet(let texts): document(.list(texts.map(AttributeValue.string)))
        case .numberSet(let numbers): document(.list(numbers.map(AttributeValue.number)))
        case .binarySet(let blobs): document(.list(blobs.map(AttributeValue.binary)))
        }
    }
}
