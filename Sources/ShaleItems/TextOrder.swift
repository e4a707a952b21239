/// Order and equality of text as the service sees it: by UTF-8 bytes.
///
/// Swift's own `==` and `<` compare by canonical equivalence, under which "é" as one scalar equals
/// "é" as two. Two attributes may have such names, so user text is always compared here.
package enum TextOrder {
    /// Whether two texts have the same UTF-8 bytes.
    package static func areEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return order(left.utf8Span.span, right.utf8Span.span) == 0
    }

    /// Whether the bytes of `left` sort before those of `right`.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        order(left.utf8Span.span, right.utf8Span.span) < 0
    }

    /// Negative, zero or positive as `left` sorts before, with or after `right`.
    package static func order(_ left: String, _ right: String) -> Int {
        order(left.utf8Span.span, right.utf8Span.span)
    }

    /// Negative, zero or positive as the bytes of `left` sort before, with or after `right`.
    package static func order(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }

    /// The texts in the order of their bytes, each once.
    package static func distinct(_ texts: some Sequence<String>) -> [String] {
        texts.sorted(by: precedes).reduce(into: []) { distinct, text in
            if let last = distinct.last, areEqual(last, text) { return }
            distinct.append(text)
        }
    }

    /// Whether `text` begins with the bytes of `prefix`.
    package static func begins(_ text: String, with prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8)
    }
}
