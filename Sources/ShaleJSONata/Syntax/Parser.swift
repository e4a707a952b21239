internal import ShaleJSON

/// Reads an expression into nodes, by the binding powers of its operators.
///
/// Total: no text traps it, and what stands too deep is refused.
struct Parser {
    /// How deep expressions may stand in expressions.
    static let depthLimit = 200

    private let depthLimit: Int
    var lexer: Lexer
    var token: Token
    private var depth = 0
    private var slotCount = 0
    /// The first fault that is not one of syntax: those of syntax come before it.
    var fault: JSONataError?

    /// Reads a whole text.
    ///
    /// The limit may be lower where the stack is in use already.
    static func parse(
        _ text: String,
        depthLimit: Int = depthLimit
    ) throws(JSONataError) -> Node {
        var parser = try Parser(text, depthLimit: depthLimit)
        let node = try parser.expression(0)
        guard case .end = parser.token.kind else {
            throw JSONataError(
                "S0201",
                position: parser.token.position,
                token: parser.token.text
            )
        }
        if let fault = parser.fault { throw fault }
        if let parent = node.unresolvedParent {
            throw JSONataError("S0217", position: parent.position, token: parent.word)
        }
        return node
    }

    private init(_ text: String, depthLimit: Int) throws(JSONataError) {
        self.depthLimit = depthLimit
        lexer = Lexer(text)
        token = try lexer.next(operandExpected: true)
    }

    mutating func expression(_ power: Int) throws(JSONataError) -> Node {
        guard depth < depthLimit else { throw JSONataError("U1001", position: token.position) }
        depth += 1
        defer { depth -= 1 }
        let first = token
        try advance(operandExpected: Self.opensOperand(first))
        var left = try operand(first)
        while case .symbol(let symbol) = token.kind, power < Self.power(of: symbol) {
            let operation = token
            try advance(operandExpected: true)
            left = try infix(symbol, at: operation.position, left)
            guard left.height <= depthLimit else {
                throw JSONataError("U1001", position: operation.position)
            }
        }
        return left
    }

    /// True behind a token where an operand may follow at once.
    private static func opensOperand(_ token: Token) -> Bool {
        guard case .symbol(let symbol) = token.kind else { return false }
        return ["(", "[", "{", "-", "|"].contains(symbol)
    }

    private static func power(of symbol: String) -> Int {
        switch symbol {
        case "[", "(", "@", "#": 80
        case ".": 75
        case "{": 70
        case "*", "/", "%": 60
        case "+", "-", "&": 50
        case "=", "!=", "<", "<=", ">", ">=", "^", "~>", "in", "?:", "??": 40
        case "and": 30
        case "or": 25
        case "?": 20
        case ":=": 10
        default: 0
        }
    }

    mutating func advance(operandExpected: Bool = false) throws(JSONataError) {
        token = try lexer.next(operandExpected: operandExpected)
    }

    /// Takes a symbol that must stand here.
    mutating func take(_ symbol: String, operandExpected: Bool = false) throws(JSONataError) {
        guard token.isSymbol(symbol) else {
            if case .end = token.kind {
                throw JSONataError("S0203", position: token.position, value: .string(symbol))
            }
            throw JSONataError(
                "S0202",
                position: token.position,
                token: token.text,
                value: .string(symbol)
            )
        }
        try advance(operandExpected: operandExpected)
    }

    // MARK: Operands

    private mutating func operand(_ token: Token) throws(JSONataError) -> Node {
        let position = token.position
        switch token.kind {
        case .name(let name): return namePath(name, at: position)
        case .variable(let name): return Node(.variable(name), at: position)
        case .string(let text): return Node(.string(text), at: position)
        case .number(let value): return Node(.number(value), at: position)
        case .bool(let value): return Node(.bool(value), at: position)
        case .null: return Node(.null, at: position)
        case .pattern(let pattern): return Node(.pattern(pattern), at: position)
        case .end: throw JSONataError("S0207", position: position)
        case .symbol(let symbol): return try prefix(symbol, at: position)
        }
    }

    func namePath(_ name: String, at position: Int) -> Node {
        Node(.path([Node(.name(name), at: position)]), at: position)
    }

    private mutating func prefix(_ symbol: String, at position: Int) throws(JSONataError) -> Node {
        switch symbol {
        case "and", "or", "in": return namePath(symbol, at: position)
        case "*": return Node(.wildcard, at: position)
        case "**": return Node(.descendants, at: position)
        case "%":
            let slot = ParentSlot(number: slotCount)
            slotCount += 1
            return Node(.parent(slot), at: position)
        case "-": return try negation(at: position)
        case "(": return try block(at: position)
        case "[": return try array(at: position)
        case "{":
            let pairs = try pairs()
            let node = Node(.object(pairs), at: position)
            for pair in pairs { node.takeIn(pair.key, pair.value) }
            return node
        case "|": return try transform(at: position)
        default: throw JSONataError("S0211", position: position, token: symbol)
        }
    }

    private mutating func negation(at position: Int) throws(JSONataError) -> Node {
        let operand = try expression(70)
        if case .number(let value) = operand.kind {
            operand.kind = .number(-value)
            return operand
        }
        let node = Node(.negation(operand), at: position)
        node.takeIn(operand)
        return node
    }

    private mutating func block(at position: Int) throws(JSONataError) -> Node {
        var parts: [Node] = []
        while !token.isSymbol(")") {
            parts.append(try expression(0))
            guard token.isSymbol(";") else { break }
            try advance(operandExpected: true)
        }
        try take(")")
        let node = Node(.block(parts), at: position)
        for part in parts {
            node.takeIn(part)
            if part.isConstructor { node.isConstructor = true }
            if case .path(let steps) = part.kind, steps[0].isConstructor {
                node.isConstructor = true
            }
        }
        return node
    }

    private mutating func array(at position: Int) throws(JSONataError) -> Node {
        var items: [Node] = []
        while !token.isSymbol("]") {
            var item = try expression(0)
            if token.isSymbol("..") {
                let range = token.position
                try advance(operandExpected: true)
                item = binary(.range, at: range, item, try expression(0))
            }
            items.append(item)
            guard token.isSymbol(",") else { break }
            try advance(operandExpected: true)
        }
        try take("]")
        let node = Node(.array(items), at: position)
        for item in items { node.takeIn(item) }
        return node
    }

    /// Reads the pairs of an object from behind its opening to behind its closing brace.
    mutating func pairs() throws(JSONataError) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        while !token.isSymbol("}") {
            let key = try expression(0)
            try take(":", operandExpected: true)
            pairs.append(Node.Pair(key: key, value: try expression(0)))
            guard token.isSymbol(",") else { break }
            try advance(operandExpected: true)
        }
        try take("}")
        return pairs
    }

    private mutating func transform(at position: Int) throws(JSONataError) -> Node {
        let pattern = try expression(0)
        try take("|", operandExpected: true)
        let update = try expression(0)
        var delete: Node?
        if token.isSymbol(",") {
            try advance(operandExpected: true)
            delete = try expression(0)
        }
        try take("|")
        let node = Node(
            .transform(pattern: pattern, update: update, delete: delete),
            at: position
        )
        node.adopt(pattern, update, delete)
        return node
    }

    func binary(_ operation: Node.Operator, at position: Int, _ left: Node, _ right: Node) -> Node {
        let node = Node(.binary(operation, left, right), at: position)
        node.takeIn(left, right)
        return node
    }
}
