/// Swift's `Decoder` for one value.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: AttributeValue
    let codingPath: [any CodingKey]

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let map) = value else { throw mismatch("a map") }
        return KeyedDecodingContainer(MapDecoder<Key>(map: map, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements else { throw mismatch("a list") }
        return ListDecoder(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// The elements of a list; those of a set or binary too, for types that decode from any
    /// sequence.
    private var elements: [AttributeValue]? {
        switch value {
        case .list(let list): list
        case .stringSet(let set): set.map(AttributeValue.string)
        case .numberSet(let set): set.map(AttributeValue.number)
        case .binarySet(let set): set.map(AttributeValue.binary)
        case .binary(let bytes): bytes.map { .number(Number($0)) }
        default: nil
        }
    }

    func decodeNil() -> Bool { value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = value else { throw mismatch("true or false") }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw mismatch("a string") }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double { try number().doubleValue }

    func decode(_ type: Float.Type) throws -> Float {
        let number = try number()
        // From the text, not from the double: two roundings may miss the nearest.
        guard let value = Float(number.description) else { throw misfit(number, "\(type)") }
        return value
    }

    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try read(type) }

    /// Reads any type; those with an attribute value of their own do not decode themselves.
    func read<T: Decodable>(_ type: T.Type) throws -> T {
        if let own = try ownValue(type) { return own }
        return try T(from: self)
    }

    private func ownValue<T: Decodable>(_ type: T.Type) throws -> T? {
        switch (type, value) {
        case (is AttributeValue.Type, _): return value as? T
        case (is Item.Type, .map(let map)): return map as? T
        case (is Item.Type, _): throw mismatch("a map")
        case (is Number.Type, _): return try number() as? T
        case (is [UInt8].Type, .binary(let bytes)): return bytes as? T
        case (is Set<[UInt8]>.Type, .binarySet(let set)): return Set(set) as? T
        default: return nil
        }
    }

    private func number() throws -> Number {
        guard case .number(let number) = value else { throw mismatch("a number") }
        return number
    }

    private func integer<Integer: FixedWidthInteger>() throws -> Integer {
        let number = try number()
        guard let integer = number.integer(Integer.self) else {
            throw misfit(number, "\(Integer.self)")
        }
        return integer
    }

    private func mismatch(_ expected: String) -> ItemError {
        ItemError(
            .notConvertible,
            path: pathText(codingPath),
            "Expected \(expected), found a value of type \(value.type.rawValue)"
        )
    }

    private func misfit(_ number: Number, _ type: String) -> ItemError {
        ItemError(
            .notConvertible,
            path: pathText(codingPath),
            "The number \(number) does not fit \(type)"
        )
    }
}
