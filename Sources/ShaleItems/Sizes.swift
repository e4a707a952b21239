/// Sizes as the service counts them, for the item limit and for capacity units.
///
/// After the developer guide, "DynamoDB item sizes and formats", and for numbers after what was
/// measured on the service: a name counts its UTF-8 bytes; text and binary their bytes; a number one
/// byte, one for two significant digits before the point, one for two behind it, and one more when
/// negative; true, false and null one byte; a list or map three bytes, its contents, and one byte
/// for each element; a set the sum of its elements. These are not the sizes of the stored bytes.
extension AttributeValue {
    /// The size of this value alone, without its name.
    /// - Complexity: O(n) in its elements.
    public var sizeBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .number(let number): number.sizeBytes
        case .binary(let bytes): bytes.count
        case .bool, .null: 1
        case .list(let list): list.reduce(3) { $0 + 1 + $1.sizeBytes }
        case .map(let map): 3 + map.count + map.sizeBytes
        case .stringSet(let set): set.reduce(0) { $0 + $1.utf8.count }
        case .numberSet(let set): set.reduce(0) { $0 + $1.sizeBytes }
        case .binarySet(let set): set.reduce(0) { $0 + $1.count }
        }
    }
}

extension Item {
    /// The size of the item: names and values.
    /// - Complexity: O(n) in its attributes and their elements.
    public var sizeBytes: Int {
        entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.sizeBytes }
    }
}

extension Number {
    /// The size of the number: one byte, one for two digits on each side of the point, and one for a
    /// minus sign.
    public var sizeBytes: Int {
        let digits = digitCount
        return Self.sizeBytes(digits: digits, whole: exponent + digits, isNegative: isNegative)
    }

    /// The size of a number of so many significant digits, of which the first `whole` would stand
    /// before the point.
    static func sizeBytes(digits: Int, whole: Int, isNegative: Bool) -> Int {
        let sign = isNegative ? 1 : 0
        // All on one side of the point: zeros between it and them do not count.
        guard whole > 0, whole < digits else { return 1 + (digits + 1) / 2 + sign }
        return 1 + (whole + 1) / 2 + (digits - whole + 1) / 2 + sign
    }
}
