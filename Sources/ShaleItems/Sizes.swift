/// Sizes as the service counts them, for the item limit and for capacity units.
///
/// After the developer guide, "DynamoDB item sizes and formats": a name counts its UTF-8 bytes;
/// text and binary their bytes; a number one byte for two significant digits and one more, and one
/// more when negative; true, false and null one byte; a list or map three bytes, its contents, and
/// one byte for each element; a set the sum of its elements. These are not the sizes of the stored
/// bytes.
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
    /// The size of the number: one byte for two digits, one more, and one for a minus sign.
    public var sizeBytes: Int { (digitCount + 1) / 2 + 1 + (isNegative ? 1 : 0) }
}
