/// What a value of a request may be: its type and its bounds, as the service's model says.
package indirect enum Shape: Sendable {
    /// A text of so many characters of UTF-16, and perhaps of a pattern.
    case text(ClosedRange<Int>? = nil, Pattern? = nil)
    /// One of some words.
    case word([String])
    /// A whole number.
    case whole(ClosedRange<Int>)
    /// A number.
    case decimal(ClosedRange<Double>)
    /// True or false.
    case flag
    /// Bytes in Base64.
    case blob
    /// A list of so many.
    case list(Shape, ClosedRange<Int> = 0...Int.max)
    /// A map of so many, with any names.
    case map(Shape, ClosedRange<Int> = 0...Int.max)
    /// A map whose names are known; others are passed over.
    case structure([Member])
}

/// A member of a structure.
package struct Member: Sendable {
    let name: String
    let shape: Shape
    let isRequired: Bool

    /// A member that may be left out.
    package init(_ name: String, _ shape: Shape) {
        self.name = name
        self.shape = shape
        isRequired = false
    }

    private init(required name: String, _ shape: Shape) {
        self.name = name
        self.shape = shape
        isRequired = true
    }

    /// A member that must be there.
    package static func required(_ name: String, _ shape: Shape) -> Member {
        Member(required: name, shape)
    }
}

/// A pattern of texts: how the service writes it, and what it means.
package struct Pattern: Sendable {
    let text: String
    let matches: @Sendable (String) -> Bool

    /// A pattern that is not a regular language of single letters.
    init(_ text: String, _ matches: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.matches = matches
    }

    /// One letter of a set or more.
    init(_ text: String, letters: String) {
        let allowed = Set(letters.utf8)
        self.init(text) { !$0.isEmpty && $0.utf8.allSatisfy(allowed.contains) }
    }

    /// Letters and digits of ASCII.
    static let alphanumeric =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
}
