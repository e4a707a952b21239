/// Swift's keyed container: reads the attributes of a map.
struct MapDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let map: AttributeMap
    let codingPath: [any CodingKey]

    var allKeys: [Key] { map.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { map.contains(name: key.stringValue) }

    private func decoder(_ key: some CodingKey) throws -> ValueDecoder {
        let path = codingPath + [key]
        guard let value = map[key.stringValue] else {
            throw ItemError(
                .notConvertible,
                path: pathText(path),
                "The attribute \(key.stringValue) is missing"
            )
        }
        return ValueDecoder(value: value, codingPath: path)
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard let value = map[key.stringValue] else { return true }
        return value == .null
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        if !contains(key), let empty = (type as? any EmptySet.Type)?.empty as? T { return empty }
        return try decoder(key).read(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try decoder(NameKey.superclass) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

/// A set, which is stored as no attribute when it is empty.
private protocol EmptySet {
    static var empty: Self { get }
}

extension Set: EmptySet {
    static var empty: Set { [] }
}

/// Swift's unkeyed container: reads the elements of a list.
struct ListDecoder: UnkeyedDecodingContainer {
    let elements: [AttributeValue]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(elements: [AttributeValue], codingPath: [any CodingKey]) {
        self.elements = elements
        self.codingPath = codingPath
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    private func currentDecoder() throws -> ValueDecoder {
        let path = codingPath + [IndexKey(currentIndex)]
        guard !isAtEnd else {
            throw ItemError(.notConvertible, path: pathText(path), "The list ends too early")
        }
        return ValueDecoder(value: elements[currentIndex], codingPath: path)
    }

    mutating func decodeNil() throws -> Bool {
        guard try currentDecoder().decodeNil() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try currentDecoder().read(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try currentDecoder().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try currentDecoder().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try currentDecoder()
        currentIndex += 1
        return decoder
    }
}
