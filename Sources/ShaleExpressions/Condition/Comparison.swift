import ShaleItems

/// How the service compares two values.
///
/// Values of different types are unequal, and have no order. Only strings, numbers and binaries
/// have an order: UTF-8 bytes, numeric value, unsigned bytes.
enum Comparison {
    static func isSatisfied(
        _ left: AttributeValue,
        _ comparator: Comparator,
        _ right: AttributeValue
    ) -> Bool {
        switch comparator {
        case .equal: return left == right
        case .notEqual: return left != right
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let order = order(left, right) else { return false }
            return switch comparator {
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            default: order >= 0
            }
        }
    }

    /// Negative, zero or positive; nil where there is no order.
    private static func order(_ left: AttributeValue, _ right: AttributeValue) -> Int? {
        switch (left, right) {
        case (.string(let left), .string(let right)): TextOrder.order(left, right)
        case (.number(let left), .number(let right)): left < right ? -1 : (left == right ? 0 : 1)
        case (.binary(let left), .binary(let right)): TextOrder.order(left.span, right.span)
        default: nil
        }
    }

    /// `size()`: bytes of text and binary, elements of the others; nil for what has no size.
    static func size(of value: AttributeValue) -> Int? {
        switch value {
        case .string(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        case .list(let list): list.count
        case .map(let map): map.count
        case .stringSet(let set): set.count
        case .numberSet(let set): set.count
        case .binarySet(let set): set.count
        case .number, .bool, .null: nil
        }
    }

    /// `begins_with()`.
    static func begins(_ value: AttributeValue, with prefix: AttributeValue) -> Bool {
        switch (value, prefix) {
        case (.string(let text), .string(let prefix)): TextOrder.begins(text, with: prefix)
        case (.binary(let bytes), .binary(let prefix)): bytes.starts(with: prefix)
        default: false
        }
    }

    /// `contains()`: part of a text or binary, element of a set or list.
    static func contains(_ value: AttributeValue, _ part: AttributeValue) -> Bool {
        switch (value, part) {
        case (.string(let text), .string(let part)):
            contains(text.utf8Span.span, part.utf8Span.span)
        case (.binary(let bytes), .binary(let part)): contains(bytes.span, part.span)
        case (.stringSet(let set), .string(let text)):
            set.contains { TextOrder.areEqual($0, text) }
        case (.numberSet(let set), .number(let number)): set.contains(number)
        case (.binarySet(let set), .binary(let bytes)): set.contains(bytes)
        case (.list(let list), _): list.contains(part)
        default: false
        }
    }

    private static func contains(_ bytes: Span<UInt8>, _ part: Span<UInt8>) -> Bool {
        guard part.count > 0 else { return true }
        guard part.count <= bytes.count else { return false }
        for start in 0...(bytes.count - part.count) where bytes[start] == part[0] {
            if TextOrder.order(bytes.extracting(start..<(start + part.count)), part) == 0 {
                return true
            }
        }
        return false
    }
}
