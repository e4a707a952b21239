/// The ten types of attribute values; the raw value is the service's short name.
public enum AttributeType: String, Sendable, Hashable, CaseIterable {
    /// Text.
    case string = "S"
    /// A number of up to 38 digits.
    case number = "N"
    /// Bytes.
    case binary = "B"
    /// True or false.
    case bool = "BOOL"
    /// The value null.
    case null = "NULL"
    /// Values in order.
    case list = "L"
    /// Values by name.
    case map = "M"
    /// Distinct texts.
    case stringSet = "SS"
    /// Distinct numbers.
    case numberSet = "NS"
    /// Distinct byte strings.
    case binarySet = "BS"
}

/// The three types that a key attribute may have; the raw value is the service's short name.
public enum KeyType: String, Sendable, Hashable, CaseIterable {
    // In the order in which the service's error messages list them.
    /// Bytes, ordered as unsigned.
    case binary = "B"
    /// A number, ordered by its value.
    case number = "N"
    /// Text, ordered by its UTF-8 bytes.
    case string = "S"

    /// The same type among all attribute types.
    public var attributeType: AttributeType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        }
    }
}
