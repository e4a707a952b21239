public import ShaleItems

// Attribute values to DynamoDB JSON.

extension JSONWriter {
    /// Writes an item, or the key of one: attributes by name.
    public mutating func item(_ item: Item) {
        beginObject()
        for attribute in item {
            name(attribute.name)
            attributeValue(attribute.value)
        }
        endObject()
    }

    /// Writes one attribute value, as a structure with one member.
    public mutating func attributeValue(_ value: AttributeValue) {
        beginObject()
        name(value.type.rawValue)
        switch value {
        case .string(let text): string(text)
        case .number(let number): string(number.description)
        case .binary(let bytes): base64(bytes)
        case .bool(let flag): bool(flag)
        case .null: bool(true)
        case .list(let values): array(values) { writer, value in writer.attributeValue(value) }
        case .map(let attributes): item(attributes)
        case .stringSet(let set): array(set) { writer, text in writer.string(text) }
        case .numberSet(let set):
            array(set) { writer, number in writer.string(number.description) }
        case .binarySet(let set): array(set) { writer, bytes in writer.base64(bytes) }
        }
        endObject()
    }

    /// Writes an array, each element by `element`.
    public mutating func array<Element>(
        _ elements: [Element],
        _ element: (inout JSONWriter, Element) -> Void
    ) {
        beginArray()
        for each in elements { element(&self, each) }
        endArray()
    }
}
