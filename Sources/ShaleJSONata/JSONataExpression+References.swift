/// What an expression refers to, for those who judge it before it is evaluated.
extension JSONataExpression {
    /// The names that the expression looks up in its input itself, each once, in the order of the text: those with
    /// which a path begins, and `$` and `$$`.
    package var topLevelReferences: [String] {
        var finder = ReferenceFinder()
        finder.visit(root, isTop: true)
        return finder.names
    }

    /// The fields of one variable that the expression reads by name: `$states.input` reads `input` of `states`.
    package func fields(of variable: String) -> [String] {
        var finder = ReferenceFinder()
        finder.variable = variable
        finder.visit(root, isTop: true)
        return finder.fields
    }
}

/// Walks the nodes of an expression, and knows where the context is still that of the whole.
private struct ReferenceFinder {
    var names: [String] = []
    var variable: String?
    var fields: [String] = []

    mutating func visit(_ node: Node, isTop: Bool) {
        visitKind(node, isTop: isTop)
        for case .filter(let predicate) in node.predicates + node.stages {
            visit(predicate, isTop: false)
        }
        for pair in node.group?.pairs ?? [] { visit(pair, isTop: false) }
    }

    private mutating func visit(_ pair: Node.Pair, isTop: Bool) {
        visit(pair.key, isTop: isTop)
        visit(pair.value, isTop: isTop)
    }

    private mutating func note(_ name: String) {
        if !names.contains(name) { names.append(name) }
    }

    private mutating func visitKind(_ node: Node, isTop: Bool) {
        switch node.kind {
        case .name(let name): if isTop { note(name) }
        case .variable(""): if isTop { note("$") }
        case .variable("$"): note("$$")
        case .wildcard: if isTop { note("*") }
        case .descendants: if isTop { note("**") }
        case .path(let steps): visitSteps(steps, isTop: isTop)
        case .sort(let terms): for term in terms { visit(term.expression, isTop: false) }
        case .binary(_, let left, let right), .coalescing(let left, let right),
            .application(let left, let right):
            visit(left, isTop: isTop)
            visit(right, isTop: isTop)
        case .negation(let operand), .binding(_, let operand): visit(operand, isTop: isTop)
        case .array(let items), .block(let items): for item in items { visit(item, isTop: isTop) }
        case .object(let pairs): for pair in pairs { visit(pair, isTop: isTop) }
        case .condition(let condition, let then, let otherwise):
            for part in [condition, then, otherwise].compactMap(\.self) {
                visit(part, isTop: isTop)
            }
        case .call(let procedure, let arguments): visitCall(procedure, arguments, isTop: isTop)
        case .partial(let procedure, let arguments):
            visitCall(procedure, arguments.compactMap(\.self), isTop: isTop)
        case .lambda(let lambda): visit(lambda.body, isTop: isTop)
        case .transform(let pattern, let update, let delete):
            for part in [pattern, update, delete].compactMap(\.self) { visit(part, isTop: false) }
        case .string, .number, .bool, .null, .pattern, .parent, .variable: break
        }
    }

    private mutating func visitCall(_ procedure: Node, _ arguments: [Node], isTop: Bool) {
        visit(procedure, isTop: isTop)
        for argument in arguments { visit(argument, isTop: isTop) }
    }

    private mutating func visitSteps(_ steps: [Node], isTop: Bool) {
        for (index, step) in steps.enumerated() { visit(step, isTop: isTop && index == 0) }
        if case .variable(let name) = steps[0].kind, name == variable, steps.count > 1,
            case .name(let field) = steps[1].kind
        {
            fields.append(field)
        }
    }
}
