// Elements that a set has twice, and how that is told.

/// The two layers in which the service checks values: each has its own words for some of what it refuses.
package enum ValueLayer: Sendable {
    /// The one that batches of writes, transactions, scans and statements go through.
    case older
    /// The one of all other operations.
    case newer
}

extension AttributeValue {
    /// More of a set than this is not repeated: a body of megabytes must not come back.
    private static let maxShownBytes = 4_096

    /// What is told of a set with an element twice; nil for every other value.
    /// - Complexity: O(n log n) in the elements.
    package func duplicate(_ layer: ValueLayer) -> ItemError? {
        let invalid = "One or more parameter values were invalid: "
        switch self {
        case .stringSet(let set):
            guard Self.hasTwins(SetOrder.sorted(set), TextOrder.areEqual) else { return nil }
            let shown =
                layer == .older
                ? Self.list(set, ", ") { $0 }
                : Self.list(Self.untilTwin(set, SetOrder.sorted) { Array($0.utf8) }, ", ") {
                    "\"\($0)\""
                }
            return .duplicate(invalid + "Input collection \(shown) contains duplicates.")
        case .binarySet(let set):
            guard Self.hasTwins(SetOrder.sorted(set), ==) else { return nil }
            let shown =
                layer == .older
                ? Self.list(set, ", ", Self.base64)
                : Self.list(Self.untilTwin(set, SetOrder.sorted) { $0 }, ",") {
                    "\"\(Self.base64($0))\""
                }
            return .duplicate(invalid + "Input collection \(shown)of type BS contains duplicates.")
        case .numberSet(let set):
            guard Self.hasTwins(set.sorted(), ==) else { return nil }
            return .duplicate(
                layer == .older
                    ? "Input collection contains duplicates"
                    : invalid + "Input collection contains duplicates."
            )
        default: return nil
        }
    }

    /// Whether two neighbours of a sorted set are equal.
    private static func hasTwins<Element>(
        _ sorted: [Element],
        _ areEqual: (Element, Element) -> Bool
    ) -> Bool {
        zip(sorted, sorted.dropFirst()).contains(where: areEqual)
    }

    /// The elements up to the first that was there before, in byte order; then the others as they are.
    private static func untilTwin<Element>(
        _ set: [Element],
        _ sorted: ([Element]) -> [Element],
        _ bytes: (Element) -> [UInt8]
    ) -> [Element] {
        var seen: Set<[UInt8]> = []
        let twin = set.firstIndex { !seen.insert(bytes($0)).inserted } ?? set.endIndex
        return sorted(Array(set[..<twin])) + set[twin...]
    }

    private static func list<Element>(
        _ elements: [Element],
        _ separator: String,
        _ text: (Element) -> String
    ) -> String {
        var list = "["
        for (index, element) in elements.enumerated() {
            guard list.utf8.count < maxShownBytes else {
                list += "…"
                break
            }
            if index > 0 { list += separator }
            list += text(element)
        }
        return list + "]"
    }

    /// The text of bytes on the wire.
    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let group = (0..<3).reduce(UInt32(0)) { group, place in
                group << 8 | (place < part.count ? UInt32(part[start + place]) : 0)
            }
            for place in 0..<4 {
                text.append(
                    place <= part.count
                        ? digits[Int(group >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "=")
                )
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension ItemError {
    fileprivate static func duplicate(_ message: String) -> ItemError {
        ItemError(.duplicateInSet, message)
    }
}
