/// What is wrong with a number, a key, an item or its bytes: what, where and why.
public struct ItemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable, Equatable {
        /// The text of a number is not a number.
        case notNumeric
        /// A number has more than 38 significant digits.
        case tooManyDigits
        /// A number's magnitude is 1E+126 or more.
        case numberOverflow
        /// A number's magnitude is below 1E-130.
        case numberUnderflow
        /// A value lies deeper than 32 levels.
        case nestingTooDeep
        /// An item is larger than 400 KB.
        case itemTooLarge
        /// A set has no elements.
        case emptySet
        /// A set has an element twice.
        case duplicateInSet
        /// An attribute's name is empty.
        case nameEmpty
        /// An attribute's name is longer than the limit.
        case nameTooLong
        /// A key attribute is missing from an item.
        case keyMissing
        /// A key attribute has another type than the schema says.
        case keyTypeMismatch
        /// A key attribute is an empty string or empty binary.
        case keyEmpty
        /// A key attribute is longer than its limit.
        case keyTooLarge
        /// Bytes are not the encoding of a key.
        case malformedKey
        /// Bytes are not the encoding of an item.
        case malformedItem
        /// A Swift value has no attribute value, or an attribute value no such Swift value.
        case notConvertible
    }

    /// What is wrong.
    public var code: Code
    /// Where, as a byte offset, when bytes were read.
    public var offset: Int?
    /// Where, as a path of names and indexes ("address.lines[2]"); empty when it is the whole.
    public var path: String
    /// Why, as a sentence; for numbers and keys in the service's words.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, offset: Int? = nil, path: String = "", _ message: String) {
        self.code = code
        self.offset = offset
        self.path = path
        self.message = message
    }

    /// The message, followed by where.
    public var description: String {
        var text = message
        if !path.isEmpty { text += " (at \(path))" }
        if let offset { text += " (at byte \(offset))" }
        return text
    }
}
