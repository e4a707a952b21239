/// Swift's `Encoder` for one value: it writes into one node.
struct ValueEncoder: Encoder, SingleValueEncodingContainer {
    let node: EncodingNode
    let codingPath: [any CodingKey]

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .empty = node.content { node.content = .map([]) }
        return KeyedEncodingContainer(MapEncoder<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .empty = node.content { node.content = .list([]) }
        return ListEncoder(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { node.content = .value(.null) }
    func encode(_ value: Bool) { node.content = .value(.bool(value)) }
    func encode(_ value: String) { node.content = .value(.string(value)) }
    func encode(_ value: Double) throws { try writeNumber(value.description) }
    func encode(_ value: Float) throws { try writeNumber(value.description) }
    func encode(_ value: Int) { write(Number(value)) }
    func encode(_ value: Int8) { write(Number(value)) }
    func encode(_ value: Int16) { write(Number(value)) }
    func encode(_ value: Int32) { write(Number(value)) }
    func encode(_ value: Int64) { write(Number(value)) }
    func encode(_ value: UInt) { write(Number(value)) }
    func encode(_ value: UInt8) { write(Number(value)) }
    func encode(_ value: UInt16) { write(Number(value)) }
    func encode(_ value: UInt32) { write(Number(value)) }
    func encode(_ value: UInt64) { write(Number(value)) }
    func encode<T: Encodable>(_ value: T) throws { try write(value) }

    /// Writes any value; those with an attribute value of their own do not encode themselves.
    func write(_ value: some Encodable) throws {
        switch value {
        case let value as AttributeValue: node.content = .value(value)
        case let item as Item: node.content = .value(.map(item))
        case let number as Number: write(number)
        // By its type: an empty array of anything can be cast to one of bytes.
        case let bytes as [UInt8] where type(of: value) is [UInt8].Type:
            node.content = .value(.binary(bytes))
        case let texts as Set<String>:
            node.content = .value(texts.isEmpty ? nil : .stringSet(SetOrder.sorted(Array(texts))))
        case let binaries as Set<[UInt8]>:
            let sorted = SetOrder.sorted(Array(binaries))
            node.content = .value(sorted.isEmpty ? nil : .binarySet(sorted))
        case let numbers as any NumberSetConvertible:
            do throws(ItemError) {
                let sorted = try numbers.numbers().sorted()
                node.content = .value(sorted.isEmpty ? nil : .numberSet(sorted))
            } catch {
                throw located(error)
            }
        default: try value.encode(to: self)
        }
    }

    private func write(_ number: Number) { node.content = .value(.number(number)) }

    private func writeNumber(_ text: String) throws {
        do throws(ItemError) {
            write(try Number(text))
        } catch {
            throw located(error)
        }
    }

    private func located(_ error: ItemError) -> ItemError {
        var error = error
        error.path = pathText(codingPath)
        return error
    }
}

/// A set whose elements are numbers; an empty `Set` of any such type is an empty set of numbers.
protocol NumberSetConvertible {
    func numbers() throws(ItemError) -> [Number]
}

/// An element of such a set.
protocol NumberSetElement: Hashable {
    func number() throws(ItemError) -> Number
}

extension Set: NumberSetConvertible where Element: NumberSetElement {
    func numbers() throws(ItemError) -> [Number] {
        try map { (element) throws(ItemError) in try element.number() }
    }
}

extension Int: NumberSetElement {
    func number() -> Number { Number(self) }
}

extension Int64: NumberSetElement {
    func number() -> Number { Number(self) }
}

extension UInt64: NumberSetElement {
    func number() -> Number { Number(self) }
}

extension Int32: NumberSetElement {
    func number() -> Number { Number(self) }
}

extension Double: NumberSetElement {
    func number() throws(ItemError) -> Number { try Number(self) }
}

extension Number: NumberSetElement {
    func number() -> Number { self }
}
