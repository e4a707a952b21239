/// A text of a policy with wildcards: `*` is any run of characters, `?` is any one.
///
/// `${aws:username}` and `${aws:userid}` stand for who asks; what they stand for has no wildcards.
struct PolicyPattern: Sendable, Equatable {
    private static let variables = ["${aws:username}", "${aws:userid}"]

    let text: String

    init(_ text: String) { self.text = text }

    /// Whether all variables in the text are known.
    var isKnown: Bool {
        var rest = text
        for variable in Self.variables {
            rest = rest.split(separator: variable, omittingEmptySubsequences: false)
                .joined(separator: " ")
        }
        return !rest.contains("${")
    }

    /// Whether the pattern, with its wildcards, is for a text.
    func matches(_ other: String, for caller: Caller) -> Bool {
        Self.matches(Array(resolved(for: caller).utf8)[...], Array(other.utf8)[...])
    }

    /// Whether the pattern, without wildcards, is a text.
    func equals(_ other: String, for caller: Caller) -> Bool {
        resolved(for: caller).utf8.elementsEqual(other.utf8)
    }

    /// As `matches`, for names whose case does not count.
    func matchesIgnoringCase(_ other: String) -> Bool {
        Self.matches(Array(text.lowercased().utf8)[...], Array(other.lowercased().utf8)[...])
    }

    private func resolved(for caller: Caller) -> String {
        guard text.contains("${") else { return text }
        return text.split(separator: Self.variables[0], omittingEmptySubsequences: false)
            .joined(separator: caller.userName)
            .split(separator: Self.variables[1], omittingEmptySubsequences: false)
            .joined(separator: caller.accessKeyID)
    }

    /// Goes on from the last star whenever it does not fit: no more than length times length steps.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while let byte = text.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                star = (pattern, text)
            } else if let wanted = pattern.first, wanted == UInt8(ascii: "?") || wanted == byte {
                pattern = pattern.dropFirst()
                text = text.dropFirst()
            } else if let (behind, from) = star {
                pattern = behind
                text = from.dropFirst()
                star = (behind, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
