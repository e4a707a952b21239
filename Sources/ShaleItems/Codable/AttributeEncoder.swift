/// Turns `Encodable` values into items and attribute values.
///
/// | Swift | attribute value |
/// |---|---|
/// | `struct`, `[String: T]` | M; at the top an item |
/// | array, other sequences | L |
/// | `[UInt8]` | B |
/// | `Set` of `String`, of integers, `Double` or `Number`, of `[UInt8]` | SS, NS, BS |
/// | integers, `Double`, `Float`, `Number` | N |
/// | `String`, `Bool` | S, BOOL |
/// | `enum` with raw values | that of the raw value |
/// | `AttributeValue`, `Item` | itself |
///
/// An optional property that is nil is left out. A nil inside an array or dictionary is NULL. An
/// empty set is left out of a map, because the service stores none, and refused in a list.
public struct AttributeEncoder: Sendable {
    /// Makes an encoder.
    public init() {}

    /// The item of a value that encodes as a map.
    /// - Throws: `notConvertible` with the path; a number's own error with the path.
    public func encode(_ value: some Encodable) throws(ItemError) -> Item {
        guard case .map(let item) = try encodeValue(value) else {
            throw ItemError(.notConvertible, "A value of type \(type(of: value)) is no item")
        }
        return item
    }

    /// The attribute value of a value.
    /// - Throws: `notConvertible` with the path; a number's own error with the path.
    public func encodeValue(_ value: some Encodable) throws(ItemError) -> AttributeValue {
        let node = EncodingNode()
        do {
            try ValueEncoder(node: node, codingPath: []).write(value)
        } catch let error as ItemError {
            throw error
        } catch EncodingError.invalidValue(_, let context) {
            throw ItemError(
                .notConvertible,
                path: pathText(context.codingPath),
                context.debugDescription
            )
        } catch {
            throw ItemError(.notConvertible, "\(error)")
        }
        guard let encoded = try node.finished(path: "") else {
            throw ItemError(.emptySet, "An empty set cannot stand alone")
        }
        return encoded
    }
}

/// Names and indexes joined: "address.lines[2]".
func pathText(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
        if let index = key.intValue {
            text += "[\(index)]"
        } else {
            text += text.isEmpty ? key.stringValue : "." + key.stringValue
        }
    }
}

/// The name of an element by its index.
struct IndexKey: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { index = intValue }

    var stringValue: String { "\(index)" }
    var intValue: Int? { index }
}

/// The name under which a class encodes its superclass, or any other name.
struct NameKey: CodingKey {
    static let superclass = NameKey("super")

    let stringValue: String

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    var intValue: Int? { nil }
}
