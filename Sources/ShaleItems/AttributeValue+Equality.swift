/// Equality as the service defines it: text by UTF-8 bytes, sets without order.
extension AttributeValue: Hashable {
    /// Whether both are of one type and equal.
    public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): TextOrder.areEqual(left, right)
        case (.number(let left), .number(let right)): left == right
        case (.binary(let left), .binary(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.stringSet(let left), .stringSet(let right)):
            left.count == right.count
                && zip(SetOrder.sorted(left), SetOrder.sorted(right)).allSatisfy(TextOrder.areEqual)
        case (.numberSet(let left), .numberSet(let right)):
            left.count == right.count && left.sorted() == right.sorted()
        case (.binarySet(let left), .binarySet(let right)):
            left.count == right.count && SetOrder.sorted(left) == SetOrder.sorted(right)
        default: false
        }
    }

    /// Feeds what `==` compares into the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        switch self {
        case .string(let text): SetOrder.hash(text, into: &hasher)
        case .number(let number): hasher.combine(number)
        case .binary(let bytes): hasher.combine(bytes)
        case .bool(let flag): hasher.combine(flag)
        case .null: break
        case .list(let list): hasher.combine(list)
        case .map(let map): hasher.combine(map)
        case .stringSet(let set):
            for text in SetOrder.sorted(set) { SetOrder.hash(text, into: &hasher) }
        case .numberSet(let set): hasher.combine(set.sorted())
        case .binarySet(let set): hasher.combine(SetOrder.sorted(set))
        }
    }
}

/// The stored order of a set's elements: by bytes, numbers by value.
enum SetOrder {
    static func sorted(_ texts: [String]) -> [String] {
        isSorted(texts, by: TextOrder.precedes) ? texts : texts.sorted(by: TextOrder.precedes)
    }

    static func sorted(_ texts: [[UInt8]]) -> [[UInt8]] {
        isSorted(texts, by: bytesPrecede) ? texts : texts.sorted(by: bytesPrecede)
    }

    static func bytesPrecede(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        TextOrder.order(left.span, right.span) < 0
    }

    /// Hashes the bytes of a text; `String.hash(into:)` would normalise it first.
    static func hash(_ text: String, into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0xFF))  // no UTF-8 text holds this byte: it ends the text
    }

    /// Whether no element precedes the one before it; spares the copy of a sort.
    static func isSorted<Element>(
        _ elements: [Element],
        by precedes: (Element, Element) -> Bool
    ) -> Bool {
        for index in elements.indices.dropFirst()
        where precedes(elements[index], elements[index - 1]) {
            return false
        }
        return true
    }
}
