/// Turns items and attribute values into `Decodable` values; the reverse of `AttributeEncoder`.
///
/// A missing attribute and NULL both decode as nil. A missing attribute decodes as an empty set
/// where a `Set` is expected, because the service stores no empty sets. A number that does not fit
/// the Swift type is refused, never rounded; into `Double` the nearest is taken.
public struct AttributeDecoder: Sendable {
    /// Makes a decoder.
    public init() {}

    /// The value of an item.
    /// - Throws: `notConvertible` with the path.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from item: Item
    ) throws(ItemError) -> Value {
        try decodeValue(type, from: .map(item))
    }

    /// The value of an attribute value.
    /// - Throws: `notConvertible` with the path.
    public func decodeValue<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from value: AttributeValue
    ) throws(ItemError) -> Value {
        do {
            return try ValueDecoder(value: value, codingPath: []).read(type)
        } catch let error as ItemError {
            throw error
        } catch let error as DecodingError {
            throw Self.itemError(error)
        } catch {
            throw ItemError(.notConvertible, "\(error)")
        }
    }

    private static func itemError(_ error: DecodingError) -> ItemError {
        switch error {
        case .keyNotFound(let key, let context):
            return ItemError(
                .notConvertible,
                path: pathText(context.codingPath + [key]),
                "The attribute \(key.stringValue) is missing"
            )
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return ItemError(
                .notConvertible,
                path: pathText(context.codingPath),
                context.debugDescription
            )
        @unknown default: return ItemError(.notConvertible, "\(error)")
        }
    }
}
