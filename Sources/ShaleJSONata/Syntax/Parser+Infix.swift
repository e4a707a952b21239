extension Parser {
    /// Reads what follows an operator, whose left side was read before.
    mutating func infix(
        _ symbol: String,
        at position: Int,
        _ left: Node
    ) throws(JSONataError) -> Node {
        switch symbol {
        case ".": return try step(at: position, left)
        case "[": return try filter(at: position, left)
        case "{": return try grouping(at: position, left)
        case "^": return try sort(at: position, left)
        case "(": return try call(at: position, left)
        case "@": return try focus(at: position, left)
        case "#": return try index(at: position, left)
        case ":=": return try binding(at: position, left)
        case "?", "?:", "??": return try condition(symbol, at: position, left)
        case "~>":
            let right = try expression(40)
            let node = Node(.application(left, right), at: position)
            node.keepsArray = left.keepsArray || right.keepsArray
            node.takeIn(left, right)
            return node
        default:
            guard let operation = Node.Operator(rawValue: symbol) else {
                throw JSONataError("S0201", position: position, token: symbol)
            }
            return binary(operation, at: position, left, try expression(power(operation)))
        }
    }

    private func power(_ operation: Node.Operator) -> Int {
        switch operation {
        case .multiply, .divide, .modulo: 60
        case .add, .subtract, .concatenate: 50
        case .and: 30
        case .or: 25
        default: 40
        }
    }

    // MARK: Paths

    private mutating func step(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        let right = try expression(75)
        let path: Node
        var steps: [Node]
        if case .path(let leftSteps) = left.kind {
            path = left
            steps = leftSteps
        } else {
            path = Node(.path([]), at: position)
            steps = [left]
            if case .parent(let slot) = left.kind { path.seeking = [slot] }
        }
        if case .path(let more) = right.kind {
            steps += more
            if right.group != nil { path.group = right.group }
        } else {
            right.stages += right.predicates
            right.predicates = []
            steps.append(right)
        }
        try checkLength(of: steps, at: position)
        for step in steps {
            switch step.kind {
            case .string(let text): step.kind = .name(text)
            case .number, .bool, .null:
                let fault = JSONataError("S0213", position: step.position, value: step.literal)
                self.fault = self.fault ?? fault
            default: break
            }
            if step.keepsArray { path.keepsSingleton = true }
            path.adopt(step)
        }
        for end in [steps[0], steps[steps.count - 1]] {
            if case .array = end.kind { end.isConstructor = true }
        }
        path.kind = .path(steps)
        try path.resolveParents()
        return path
    }

    /// Refuses a path of more steps than anybody writes: joining them takes time that grows with the square.
    private func checkLength(of steps: [Node], at position: Int) throws(JSONataError) {
        guard steps.count <= 500 else { throw JSONataError("U1001", position: position) }
    }

    private mutating func filter(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        if token.isSymbol("]") {
            left.keepsArray = true
            if case .path(let steps) = left.kind, steps.count == 1, case .name = steps[0].kind {
                left.keepsSingleton = true
                steps[0].keepsArray = true
            }
            try advance()
            return left
        }
        let predicate = try expression(0)
        try take("]")
        let last = left.lastStep
        guard (last ?? left).group == nil else {
            throw JSONataError("S0209", position: position)
        }
        for slot in predicate.seeking + predicate.ownSlot {
            if slot.level == 1 {
                try (last ?? left).seek(slot)
            } else {
                slot.level -= 1
            }
        }
        (last ?? left).take(slotsOf: predicate)
        left.adopt(predicate)
        if let last {
            last.stages.append(.filter(predicate))
        } else {
            left.predicates.append(.filter(predicate))
        }
        return left
    }

    private mutating func grouping(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        let pairs = try pairs()
        guard left.group == nil else { throw JSONataError("S0210", position: position) }
        left.group = Node.Group(pairs: pairs, position: position)
        for pair in pairs { left.adopt(pair.key, pair.value) }
        return left
    }

    private mutating func sort(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        try take("(", operandExpected: true)
        var terms: [Node.SortTerm] = []
        let path = left.asPath
        let step = Node(.sort([]), at: position)
        while true {
            let isDescending = token.isSymbol(">")
            if isDescending || token.isSymbol("<") { try advance(operandExpected: true) }
            let expression = try expression(0)
            step.takeIn(expression)
            terms.append(Node.SortTerm(expression: expression, isDescending: isDescending))
            guard token.isSymbol(",") else { break }
            try advance(operandExpected: true)
        }
        try take(")")
        step.kind = .sort(terms)
        guard case .path(let steps) = path.kind else { return path }
        try checkLength(of: steps, at: position)
        path.kind = .path(steps + [step])
        path.adopt(step)
        try path.resolveParents()
        return path
    }

    private mutating func focus(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        let name = try variable(behind: "@", at: position)
        let step = left.lastStep ?? left
        guard step.stages.isEmpty, step.predicates.isEmpty else {
            throw JSONataError("S0215", position: position)
        }
        if case .sort = step.kind { throw JSONataError("S0216", position: position) }
        if left.keepsArray { step.keepsArray = true }
        step.focus = name
        step.isTuple = true
        return left
    }

    private mutating func index(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        let name = try variable(behind: "#", at: position)
        let path = left.asPath
        let step = path.lastStep ?? path
        step.stages += step.predicates
        step.predicates = []
        if step.stages.isEmpty {
            step.index = name
        } else {
            step.stages.append(.index(name))
        }
        step.isTuple = true
        return path
    }

    private mutating func variable(
        behind symbol: String,
        at position: Int
    ) throws(JSONataError) -> String {
        let node = try expression(80)
        guard case .variable(let name) = node.kind else {
            throw JSONataError("S0214", position: position, token: symbol)
        }
        return name
    }

    // MARK: Variables and conditions

    private mutating func binding(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        guard case .variable(let name) = left.kind, left.predicates.isEmpty else {
            throw JSONataError("S0212", position: left.position, token: left.word)
        }
        let value = try expression(9)
        let node = Node(.binding(name, value), at: position)
        node.takeIn(value)
        return node
    }

    private mutating func condition(
        _ symbol: String,
        at position: Int,
        _ left: Node
    ) throws(JSONataError) -> Node {
        let second = try expression(0)
        let node: Node
        switch symbol {
        case "?:": node = Node(.condition(left, then: left, otherwise: second), at: position)
        case "??": node = Node(.coalescing(left, second), at: position)
        default:
            var otherwise: Node?
            if token.isSymbol(":") {
                try advance(operandExpected: true)
                otherwise = try expression(0)
            }
            node = Node(.condition(left, then: second, otherwise: otherwise), at: position)
            if let otherwise { node.takeIn(otherwise) }
        }
        node.takeIn(left, second)
        return node
    }
}
