/// Swift's keyed container: writes the attributes of a map.
struct MapEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodingNode
    let codingPath: [any CodingKey]

    private func encoder(_ key: some CodingKey) -> ValueEncoder {
        ValueEncoder(node: node.child(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { encoder(key).encodeNil() }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try encoder(key).write(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder(NameKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

/// Swift's unkeyed container: writes the elements of a list.
struct ListEncoder: UnkeyedEncodingContainer {
    let node: EncodingNode
    let codingPath: [any CodingKey]

    var count: Int { node.listCount }

    private func nextEncoder() -> ValueEncoder {
        let key = IndexKey(count)
        return ValueEncoder(node: node.appendedChild(), codingPath: codingPath + [key])
    }

    func encodeNil() { nextEncoder().encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try nextEncoder().write(value) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        nextEncoder().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        nextEncoder().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { nextEncoder() }
}
