/// Reads JSON from bytes, value by value, without building a tree.
///
/// The caller says what it expects next, and gets it or a `SerializationException`. Total: no input
/// traps, and no input costs more than its length. Invariants:
///
/// - Between two calls the cursor stands before a value, or after the last one.
/// - What is skipped is checked as strictly as what is read: a body is well-formed (RFC 8259, valid
///   UTF-8, no lone surrogates) once its outermost value was read and `finish` has returned.
/// - Nesting is limited, because reading nested values recurses; skipping them does not.
public struct JSONReader: Sendable {
    /// The deepest nesting of what is read; what is skipped has no limit.
    ///
    /// 32 levels of a document take two each, the request around it takes a few.
    public static let maxDepth = 160

    /// The sort of value that stands next.
    public enum Kind: Sendable, Equatable {
        case object, array, string, number, `true`, `false`, null
    }

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0
    /// Whether what is well-formed but wrong is read to its end, and told later: what the shape of a
    /// request breaks is told first, wherever it stands.
    public var defersErrors = false
    /// The first error that was deferred.
    public private(set) var deferredError: WireError?
    /// The words for what is wrong with attribute values.
    package var valueWords = ValueWords()
    /// What of an item may be told in place of the error that was deferred: what is graver than this.
    var gravest = Gravity.name

    /// What is wrong with an item, the gravest first: it is told before the others, wherever it stands.
    enum Gravity: Int, Comparable {
        /// An attribute of the item without a name.
        case name
        /// A value that lies too deep.
        case depth
        /// Everything else.
        case other

        static func < (left: Gravity, right: Gravity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Reads `bytes` from the start.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Where the cursor stands.
    package var position: Int { offset }

    /// What was read from an earlier position on, without the white space between its parts.
    package func text(from start: Int) -> String {
        var text: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in bytes[start..<offset] {
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else if byte <= 0x20 {
                continue
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// What stands next.
    public mutating func peek() throws(WireError) -> Kind {
        skipWhitespace()
        guard offset < bytes.count else { throw malformed("the text ends where a value should be") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        default: throw malformed("no value starts with this byte")
        }
    }

    /// Reads an object: `member` is called with each name and must read exactly one value.
    public mutating func readMembers(
        _ member: (inout JSONReader, String) throws(WireError) -> Void
    ) throws(WireError) {
        try enter(UInt8(ascii: "{"))
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return depth -= 1 }
        repeat {
            skipWhitespace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw malformed("a member name must be a string")
            }
            let name = try readStringToken()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw malformed("a colon must follow a name") }
            try member(&self, name)
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("an object must end with a brace") }
        depth -= 1
    }

    /// Reads an array: `element` is called before each value and must read exactly one.
    public mutating func readElements(
        _ element: (inout JSONReader) throws(WireError) -> Void
    ) throws(WireError) {
        try enter(UInt8(ascii: "["))
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return depth -= 1 }
        repeat { try element(&self); skipWhitespace() } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("an array must end with a bracket") }
        depth -= 1
    }

    /// Reads a number and gives its text, digit for digit.
    public mutating func readNumberText() throws(WireError) -> ArraySlice<UInt8> {
        skipWhitespace()
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        return bytes[start..<offset]
    }

    /// Reads `true`, `false` or `null`.
    public mutating func readWord(_ kind: Kind) throws(WireError) {
        let word: StaticString =
            switch kind {
            case .true: "true"
            case .false: "false"
            default: "null"
            }
        skipWhitespace()
        for index in 0..<word.utf8CodeUnitCount {
            // Safety: the index is below the count of the literal's bytes.
            guard take(unsafe word.utf8Start[index]) else {
                throw malformed("only true, false and null are words")
            }
        }
    }

    /// Any value as it stands, checked and not read.
    ///
    /// - Throws: `.serialization`.
    public mutating func readRawValue() throws(WireError) -> ArraySlice<UInt8> {
        skipWhitespace()
        let start = offset
        try skipValue()
        return bytes[start..<offset]
    }

    /// Reads a value of any kind, however deeply nested, and forgets it.
    public mutating func skipValue() throws(WireError) {
        /// The objects and arrays that are open; true for an object.
        var open: [Bool] = []
        while true {
            switch try peek() {
            case .object:
                offset += 1
                skipWhitespace()
                guard !take(UInt8(ascii: "}")) else { break }
                open.append(true)
                try skipName()
                continue
            case .array:
                offset += 1
                skipWhitespace()
                guard !take(UInt8(ascii: "]")) else { break }
                open.append(false)
                continue
            case .string: _ = try readStringToken()
            case .number: _ = try readNumberText()
            case .true: try readWord(.true)
            case .false: try readWord(.false)
            case .null: try readWord(.null)
            }
            guard try isAnother(in: &open) else { return }
        }
    }

    /// Closes what ends behind a value that was skipped; false where nothing is open any more.
    private mutating func isAnother(in open: inout [Bool]) throws(WireError) -> Bool {
        while let isObject = open.last {
            skipWhitespace()
            if take(UInt8(ascii: ",")) {
                if isObject { try skipName() }
                return true
            }
            guard take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw malformed(
                    isObject
                        ? "an object must end with a brace" : "an array must end with a bracket"
                )
            }
            open.removeLast()
        }
        return false
    }

    private mutating func skipName() throws(WireError) {
        skipWhitespace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            throw malformed("a member name must be a string")
        }
        _ = try readStringToken()
        skipWhitespace()
        guard take(UInt8(ascii: ":")) else { throw malformed("a colon must follow a name") }
    }

    /// Checks that nothing but white space is left.
    public mutating func finish() throws(WireError) {
        skipWhitespace()
        guard offset == bytes.count else { throw malformed("the text goes on after its value") }
    }

    /// Throws an error about something that was read, or keeps the first one for later.
    public mutating func refuse(_ error: WireError) throws(WireError) {
        guard defersErrors else { throw error }
        if deferredError == nil { deferredError = error }
    }

    /// Puts an error that is to be told first in place of the one that was kept.
    package mutating func refuseBefore(_ error: WireError) { deferredError = error }

    // MARK: Bytes

    private mutating func enter(_ bracket: UInt8) throws(WireError) {
        skipWhitespace()
        guard take(bracket) else { throw malformed("another kind of value was expected") }
        depth += 1
        guard depth <= Self.maxDepth else {
            throw malformed("values are nested deeper than \(Self.maxDepth) levels")
        }
    }

    private mutating func digits() throws(WireError) {
        let start = offset
        while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else { throw malformed("a digit is missing") }
    }

    private mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    func malformed(_ reason: String) -> WireError {
        .serialization("Malformed JSON at byte \(offset): \(reason).")
    }
}
