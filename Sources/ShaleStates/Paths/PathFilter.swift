internal import ShaleJSON

/// The condition of a filter step: `[?(@.price < 10 && @.title)]`.
indirect enum PathFilter: Sendable, Equatable {
    enum Comparison: String, Sendable, Equatable, CaseIterable {
        // In the order in which they are tried: longer ones first.
        case equal = "=="
        case unequal = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case notIn = "nin"
        case isIn = "in"
        case subset = "subsetof"
        case anyOf = "anyof"
        case noneOf = "noneof"
        case contains
        case size
        case empty
    }

    enum Operand: Sendable, Equatable {
        case literal(JSONValue)
        /// A path from the element that is tried.
        case element(JSONPath)
        /// A path from the data as a whole.
        case whole(JSONPath)
    }

    case all([PathFilter])
    case any([PathFilter])
    case not(PathFilter)
    case exists(Operand)
    case compare(Operand, Comparison, Operand)
}

/// Reads the condition of a filter.
struct PathFilterParser {
    var scanner: TextScanner
    var depth: Int

    mutating func readAlternatives() throws(PathError) -> PathFilter {
        guard depth < JSONPathParser.depthLimit else { throw scanner.error("too deep") }
        depth += 1
        defer { depth -= 1 }
        var filters = [try readTerms()]
        scanner.skipSpaces()
        while scanner.take("||") {
            filters.append(try readTerms())
            scanner.skipSpaces()
        }
        return filters.count == 1 ? filters[0] : .any(filters)
    }

    private mutating func readTerms() throws(PathError) -> PathFilter {
        var filters = [try readTerm()]
        scanner.skipSpaces()
        while scanner.take("&&") {
            filters.append(try readTerm())
            scanner.skipSpaces()
        }
        return filters.count == 1 ? filters[0] : .all(filters)
    }

    private mutating func readTerm() throws(PathError) -> PathFilter {
        scanner.skipSpaces()
        var isNegated = false
        while scanner.take("!") {
            isNegated.toggle()
            scanner.skipSpaces()
        }
        let filter: PathFilter
        if scanner.take("(") {
            filter = try readAlternatives()
            scanner.skipSpaces()
            guard scanner.take(")") else { throw scanner.error(") is missing") }
        } else {
            filter = try readComparison()
        }
        return isNegated ? .not(filter) : filter
    }

    private mutating func readComparison() throws(PathError) -> PathFilter {
        let left = try readOperand()
        scanner.skipSpaces()
        for comparison in PathFilter.Comparison.allCases where scanner.take(comparison.rawValue) {
            return .compare(left, comparison, try readOperand())
        }
        return .exists(left)
    }

    private mutating func readOperand() throws(PathError) -> PathFilter.Operand {
        scanner.skipSpaces()
        switch scanner.peek() {
        case UInt8(ascii: "@"):
            let start = scanner.offset
            _ = scanner.take("@")
            var parser = JSONPathParser(scanner, depth: depth)
            let (steps, function) = try parser.readSteps()
            scanner = parser.scanner
            let text = scanner.text(from: start)
            return .element(JSONPath(text: text, root: .data, steps: steps, function: function))
        case UInt8(ascii: "$"):
            var parser = JSONPathParser(scanner, depth: depth)
            let path = try parser.readPath()
            scanner = parser.scanner
            return .whole(path)
        case UInt8(ascii: "'"): return .literal(.string(try scanner.readQuoted()))
        default: return .literal(try readLiteral())
        }
    }

    /// Reads a JSON value up to what may stand behind it in a filter.
    private mutating func readLiteral() throws(PathError) -> JSONValue {
        if scanner.peek() == UInt8(ascii: "\"") { return .string(try scanner.readQuoted()) }
        if scanner.take("[") {
            var elements: [JSONValue] = []
            scanner.skipSpaces()
            while !scanner.take("]") {
                guard case .literal(let value) = try readOperand() else {
                    throw scanner.error("a list holds literals")
                }
                elements.append(value)
                scanner.skipSpaces()
                _ = scanner.take(",")
                scanner.skipSpaces()
            }
            return .array(elements)
        }
        let word = scanner.takeWhile { JSONPathParser.isNameByte($0) || $0 == UInt8(ascii: ".") }
        guard !word.isEmpty else { throw scanner.error("no literal") }
        // A word without quotation marks is a text, as the service's documents use it.
        do {
            return try JSONParser.value(of: word)
        } catch {
            return .string(word)
        }
    }
}
