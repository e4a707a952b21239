internal import ShaleItems
internal import ShaleWire

extension JSONWriter {
    /// Writes a value as plain JSON: bytes in Base64, sets as arrays.
    mutating func document(_ value: AttributeValue) {
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
