/// The value of an attribute: one of the service's ten types.
///
/// Equality is the service's: text by its UTF-8 bytes, numbers by value, sets without regard to
/// order. Sets are held as arrays in the order they were given; `Item.validate()` refuses empty
/// ones and duplicates, and the stored form is sorted.
public enum AttributeValue: Sendable {
    /// Text; may be empty.
    case string(String)
    /// A number of up to 38 digits.
    case number(Number)
    /// Bytes; may be empty.
    case binary([UInt8])
    /// True or false.
    case bool(Bool)
    /// The value null, which is not the absence of the attribute.
    case null
    /// Values in order, of any types.
    case list([AttributeValue])
    /// Values by name, of any types.
    case map(AttributeMap)
    /// Distinct texts.
    case stringSet([String])
    /// Distinct numbers.
    case numberSet([Number])
    /// Distinct byte strings.
    case binarySet([[UInt8]])

    /// The type of this value.
    public var type: AttributeType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        case .bool: .bool
        case .null: .null
        case .list: .list
        case .map: .map
        case .stringSet: .stringSet
        case .numberSet: .numberSet
        case .binarySet: .binarySet
        }
    }
}

/// A map of attribute values has the same form as an item.
public typealias AttributeMap = Item

// No nil literal: `item["x"] == nil` would then ask whether the attribute is null, not whether it
// is absent.
extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .number(Number(value)) }
    /// A number with the shortest text that reads back as this double.
    public init(floatLiteral value: Double) { self = .number(Number(floatLiteral: value)) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: AttributeValue...) { self = .list(elements) }
    /// A map; the last value wins where a name is given twice.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self = .map(AttributeMap(elements))
    }
}

extension AttributeValue {
    /// The text, when this is text.
    public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    /// The number, when this is a number.
    public var numberValue: Number? { if case .number(let number) = self { number } else { nil } }
    /// The bytes, when this is binary.
    public var binaryValue: [UInt8]? { if case .binary(let bytes) = self { bytes } else { nil } }
    /// The truth value, when this is one.
    public var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    /// The elements, when this is a list.
    public var listValue: [AttributeValue]? { if case .list(let list) = self { list } else { nil } }
    /// The attributes, when this is a map.
    public var mapValue: AttributeMap? { if case .map(let map) = self { map } else { nil } }
}
