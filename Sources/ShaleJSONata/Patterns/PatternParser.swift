/// Reads the text of a regular expression into a tree.
struct PatternParser {
    private static let depthLimit = 60
    /// How often a part may be repeated by count: the program holds that many copies.
    private static let countLimit = 1_000

    private let text: [Unicode.Scalar]
    private var offset = 0
    private var depth = 0
    private(set) var groupCount = 0
    private var names: [String: Int] = [:]

    indirect enum Tree {
        case empty
        case scalar(Unicode.Scalar)
        case any
        case set(ScalarSet)
        case sequence([Tree])
        case choice([Tree])
        case group(Int, Tree)
        case look(isAhead: Bool, isWanted: Bool, Tree)
        case lineStart
        case lineEnd
        case wordBoundary(isWanted: Bool)
        case backReference(Int)
        case repeated(Tree, least: Int, most: Int?, isGreedy: Bool, groups: Range<Int>)
    }

    init(_ text: [Unicode.Scalar]) {
        self.text = text
    }

    mutating func parse() throws(PatternError) -> Tree {
        let tree = try choice()
        guard offset == text.count else { throw PatternError(reason: "Unmatched ')'") }
        return tree
    }

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        offset + distance < text.count ? text[offset + distance] : nil
    }

    private mutating func take(_ scalars: String) -> Bool {
        let wanted = Array(scalars.unicodeScalars)
        guard text[offset...].starts(with: wanted) else { return false }
        offset += wanted.count
        return true
    }

    private mutating func choice() throws(PatternError) -> Tree {
        guard depth < Self.depthLimit else { throw PatternError(reason: "Groups are too deep") }
        depth += 1
        defer { depth -= 1 }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> Tree {
        var parts: [Tree] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            let first = groupCount + 1
            let atom = try atom()
            parts.append(try quantified(atom, groups: first..<groupCount + 1))
        }
        return .sequence(parts)
    }

    private mutating func quantified(
        _ atom: Tree,
        groups: Range<Int>
    ) throws(PatternError) -> Tree {
        guard let (least, most) = readQuantifier() else { return atom }
        switch atom {
        case .lineStart, .lineEnd, .wordBoundary:
            throw PatternError(reason: "Nothing to repeat")
        default: break
        }
        guard least <= Self.countLimit, most ?? 0 <= Self.countLimit else {
            throw PatternError(reason: "A part repeated too often")
        }
        if let most, most < least {
            throw PatternError(reason: "numbers out of order in {} quantifier")
        }
        let isGreedy = !take("?")
        guard readQuantifier() == nil else { throw PatternError(reason: "Nothing to repeat") }
        return .repeated(atom, least: least, most: most, isGreedy: isGreedy, groups: groups)
    }

    private mutating func readQuantifier() -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek() == "{" else { return nil }
        let start = offset
        offset += 1
        if let least = readCount() {
            if take("}") { return (least, least) }
            if take(",") {
                if take("}") { return (least, nil) }
                if let most = readCount(), take("}") { return (least, most) }
            }
        }
        offset = start
        return nil
    }

    private mutating func readCount() -> Int? {
        let start = offset
        while let scalar = peek(), ("0"..."9").contains(scalar) { offset += 1 }
        let digits = String(String.UnicodeScalarView(text[start..<offset]))
        return digits.isEmpty ? nil : Int(digits) ?? Int.max
    }

    // MARK: Atoms

    private mutating func atom() throws(PatternError) -> Tree {
        guard let scalar = peek() else { return .empty }
        offset += 1
        switch scalar {
        case ".": return .any
        case "^": return .lineStart
        case "$": return .lineEnd
        case "(": return try group()
        case "[": return .set(try set())
        case "\\": return try escape()
        case "*", "+", "?": throw PatternError(reason: "Nothing to repeat")
        default: return .scalar(scalar)
        }
    }

    private mutating func group() throws(PatternError) -> Tree {
        let tree: Tree
        if take("?:") {
            tree = try choice()
        } else if take("?=") {
            tree = .look(isAhead: true, isWanted: true, try choice())
        } else if take("?!") {
            tree = .look(isAhead: true, isWanted: false, try choice())
        } else if peek() == "?", peek(1) == "<", peek(2) == "=" || peek(2) == "!" {
            throw PatternError(reason: "Looking behind is not supported")
        } else {
            groupCount += 1
            let number = groupCount
            if take("?<") {
                names[try readName()] = number
            } else if peek() == "?" {
                throw PatternError(reason: "Invalid group")
            }
            tree = .group(number, try choice())
        }
        guard take(")") else { throw PatternError(reason: "Unterminated group") }
        return tree
    }

    private mutating func readName() throws(PatternError) -> String {
        let start = offset
        while let scalar = peek(), scalar != ">" {
            guard ScalarSet.word.contains(scalar) || scalar.properties.isAlphabetic else { break }
            offset += 1
        }
        let name = String(String.UnicodeScalarView(text[start..<offset]))
        guard !name.isEmpty, take(">") else {
            throw PatternError(reason: "Invalid capture group name")
        }
        return name
    }

    private mutating func escape() throws(PatternError) -> Tree {
        guard let scalar = peek() else { throw PatternError(reason: "\\ at end of pattern") }
        switch scalar {
        case "b", "B":
            offset += 1
            return .wordBoundary(isWanted: scalar == "b")
        case "1"..."9":
            if let number = readCount() { return .backReference(number) }
            return .empty
        case "k" where !names.isEmpty:
            offset += 1
            guard take("<") else { throw PatternError(reason: "Invalid named reference") }
            let name = try readName()
            guard let number = names[name] else {
                throw PatternError(reason: "Invalid named capture referenced")
            }
            return .backReference(number)
        default:
            if let set = readClass() { return .set(set) }
            return .scalar(readEscapedScalar())
        }
    }

    /// The set that `\d` and its like stand for.
    private mutating func readClass() -> ScalarSet? {
        guard let scalar = peek() else { return nil }
        var set: ScalarSet
        switch scalar {
        case "d", "D": set = .digits
        case "w", "W": set = .word
        case "s", "S": set = .space
        default: return nil
        }
        offset += 1
        set.isInverted = scalar.properties.isUppercase
        return set
    }

    /// The character that an escape stands for, behind its backslash.
    private mutating func readEscapedScalar() -> Unicode.Scalar {
        guard let scalar = peek() else { return "\\" }
        offset += 1
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "v": return "\u{0B}"
        case "f": return "\u{0C}"
        case "r": return "\r"
        case "0": return "\0"
        case "x": return readHexadecimal(2) ?? "x"
        case "u": return readHexadecimal(4) ?? "u"
        case "c":
            guard let letter = peek(), letter.properties.isAlphabetic, letter.isASCII else {
                return "c"
            }
            offset += 1
            return Unicode.Scalar(UInt8(letter.value & 31))
        default: return scalar
        }
    }

    private mutating func readHexadecimal(_ count: Int) -> Unicode.Scalar? {
        guard offset + count <= text.count else { return nil }
        let digits = String(String.UnicodeScalarView(text[offset..<offset + count]))
        guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
            return nil
        }
        offset += count
        return scalar
    }

    // MARK: Sets

    private mutating func set() throws(PatternError) -> ScalarSet {
        var result = ScalarSet()
        result.isInverted = take("^")
        while let scalar = peek(), scalar != "]" {
            let low = readMember()
            guard peek() == "-", let end = peek(1), end != "]" else {
                result.ranges += low
                continue
            }
            offset += 1
            let high = readMember()
            guard low.count == 1, high.count == 1, low[0].count == 1, high[0].count == 1 else {
                result.ranges += low + high + [0x2D...0x2D]
                continue
            }
            guard low[0].lowerBound <= high[0].lowerBound else {
                throw PatternError(reason: "Range out of order in character class")
            }
            result.ranges.append(low[0].lowerBound...high[0].lowerBound)
        }
        guard take("]") else { throw PatternError(reason: "Unterminated character class") }
        return result
    }

    /// One character of a set, or the ranges that an escape stands for.
    private mutating func readMember() -> [ClosedRange<UInt32>] {
        guard let scalar = peek() else { return [] }
        offset += 1
        guard scalar == "\\" else { return [scalar.value...scalar.value] }
        if let set = readClass() { return set.isInverted ? set.complement : set.ranges }
        if take("b") { return [8...8] }
        let escaped = readEscapedScalar()
        return [escaped.value...escaped.value]
    }
}
