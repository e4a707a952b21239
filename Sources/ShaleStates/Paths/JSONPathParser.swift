internal import ShaleJSON

/// Reads a path from its text.
///
///     path     = ("$" / "$$" / "$" name) *step
///     step     = "." name / "." "*" / ".." (name / "*" / bracket) / bracket / "." function "()"
///     bracket  = "[" ("*" / names / indexes / slice / "(@.length-" n ")" / "?(" filter ")") "]"
struct JSONPathParser {
    /// How deep filters may stand in filters.
    static let depthLimit = 20

    var scanner: TextScanner
    var depth = 0

    init(_ text: String) {
        scanner = TextScanner(text)
    }

    init(_ scanner: TextScanner, depth: Int) {
        self.scanner = scanner
        self.depth = depth
    }

    /// Reads a text that is one path and nothing else.
    static func path(of text: String) throws(PathError) -> JSONPath {
        var parser = JSONPathParser(text)
        let path = try parser.readPath()
        guard parser.scanner.isAtEnd else { throw parser.scanner.error("unexpected character") }
        return path
    }

    /// Reads a path, and stops behind it.
    mutating func readPath() throws(PathError) -> JSONPath {
        let start = scanner.offset
        let root = try readRoot()
        let (steps, function) = try readSteps()
        return JSONPath(
            text: scanner.text(from: start),
            root: root,
            steps: steps,
            function: function
        )
    }

    private mutating func readRoot() throws(PathError) -> JSONPath.Root {
        guard scanner.take("$") else { throw scanner.error("a path begins with $") }
        if scanner.take("$") { return .context }
        let name = scanner.takeWhile(Self.isVariableByte)
        return name.isEmpty ? .data : .variable(name)
    }

    /// Reads what follows the root of a path, or the `@` of a filter.
    mutating func readSteps() throws(PathError) -> ([JSONPath.Step], JSONPath.Function?) {
        var steps: [JSONPath.Step] = []
        while true {
            if scanner.take("..") {
                steps.append(.descent)
                if scanner.peek() != UInt8(ascii: "[") { steps.append(try readName()) }
            } else if scanner.take(".") {
                if scanner.peek() == UInt8(ascii: "[") { continue }
                if let function = takeFunction() { return (steps, function) }
                steps.append(try readName())
            } else if scanner.take("[") {
                steps.append(try readBracket())
            } else {
                return (steps, nil)
            }
        }
    }

    private mutating func takeFunction() -> JSONPath.Function? {
        for function in JSONPath.Function.allCases where scanner.take(function.rawValue + "()") {
            return function
        }
        return nil
    }

    private mutating func readName() throws(PathError) -> JSONPath.Step {
        if scanner.take("*") { return .everything }
        let name = scanner.takeWhile(Self.isNameByte)
        guard !name.isEmpty else { throw scanner.error("a name is missing") }
        return .names([name])
    }

    /// Reads what stands in brackets, behind the opening one.
    private mutating func readBracket() throws(PathError) -> JSONPath.Step {
        scanner.skipSpaces()
        let step: JSONPath.Step
        if scanner.take("*") {
            step = .everything
        } else if scanner.take("(") {
            step = try readFromEnd()
        } else if scanner.take("?") {
            step = .filter(try readFilter())
        } else if let byte = scanner.peek(),
            byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
        {
            step = .names(try readNames())
        } else {
            step = try readIndexes()
        }
        scanner.skipSpaces()
        guard scanner.take("]") else { throw scanner.error("] is missing") }
        return step
    }

    /// Reads `@.length-1)`: an index that counts from the end.
    private mutating func readFromEnd() throws(PathError) -> JSONPath.Step {
        scanner.skipSpaces()
        guard scanner.take("@.length") else { throw scanner.error("@.length is missing") }
        scanner.skipSpaces()
        guard let index = try scanner.takeInteger(), index < 0 else {
            throw scanner.error("an index before the end is missing")
        }
        scanner.skipSpaces()
        guard scanner.take(")") else { throw scanner.error(") is missing") }
        return .indexes([index])
    }

    private mutating func readNames() throws(PathError) -> [String] {
        var names: [String] = []
        repeat {
            scanner.skipSpaces()
            names.append(try scanner.readQuoted())
            scanner.skipSpaces()
        } while scanner.take(",")
        return names
    }

    private mutating func readIndexes() throws(PathError) -> JSONPath.Step {
        let first = try scanner.takeInteger()
        scanner.skipSpaces()
        if scanner.take(":") {
            scanner.skipSpaces()
            return .slice(first, try scanner.takeInteger())
        }
        guard let first else { throw scanner.error("an index is missing") }
        var indexes = [first]
        while scanner.take(",") {
            scanner.skipSpaces()
            guard let index = try scanner.takeInteger() else {
                throw scanner.error("an index is missing")
            }
            indexes.append(index)
            scanner.skipSpaces()
        }
        return .indexes(indexes)
    }

    private mutating func readFilter() throws(PathError) -> PathFilter {
        guard depth < Self.depthLimit else { throw scanner.error("filters in filters, too deep") }
        scanner.skipSpaces()
        guard scanner.take("(") else { throw scanner.error("( is missing") }
        var parser = PathFilterParser(scanner: scanner, depth: depth + 1)
        let filter = try parser.readAlternatives()
        scanner = parser.scanner
        scanner.skipSpaces()
        guard scanner.take(")") else { throw scanner.error(") is missing") }
        return filter
    }

    /// A letter, digit or underscore, or a byte of a character beyond ASCII.
    static func isVariableByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: byte >= 0x80
        }
    }

    /// Whatever does not end a name behind a dot.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("): false
        case UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "'"), UInt8(ascii: "\""): false
        case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"): false
        case UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "*"), UInt8(ascii: "~"): false
        default: byte > 0x20
        }
    }
}
