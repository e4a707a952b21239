internal import ShaleJSON

/// How a `%` finds the step whose context it stands for.
extension Node {
    /// The slot of a node that is itself a `%`.
    var ownSlot: [ParentSlot] {
        if case .parent(let slot) = kind { [slot] } else { [] }
    }

    /// Takes over the `%` of a node below that have not yet found their step.
    func take(slotsOf child: Node) {
        seeking += child.seeking + child.ownSlot
    }

    /// Takes nodes in below this one, with the `%` in them.
    func takeIn(_ children: Node...) {
        for child in children {
            adopt(child)
            take(slotsOf: child)
        }
    }

    /// The node whose `%` found no step; nil when all did.
    var unresolvedParent: Node? {
        seeking.isEmpty && ownSlot.isEmpty ? nil : self
    }

    var lastStep: Node? {
        guard case .path(let steps) = kind else { return nil }
        return steps.last
    }

    /// This node as a path: itself, or a path of this one step.
    var asPath: Node {
        if case .path = kind { return self }
        let path = Node(.path([self]), at: position)
        path.adopt(self)
        return path
    }

    /// Looks for the step of a `%` in this node, from its end to its beginning.
    func seek(_ slot: ParentSlot) throws(JSONataError) {
        switch kind {
        case .name, .wildcard:
            slot.level -= 1
            guard slot.level == 0 else { return }
            if let ancestor { slot.label = ancestor.label }
            ancestor = slot
            isTuple = true
        case .parent: slot.level += 1
        case .block(let parts):
            guard let last = parts.last else { return }
            isTuple = true
            try last.seek(slot)
        case .path(let steps):
            isTuple = true
            var index = steps.count - 1
            repeat {
                try steps[index].seek(slot)
                index -= 1
            } while slot.level > 0 && index >= 0
        default: throw JSONataError("S0217", position: position, token: word)
        }
    }

    /// Looks for the steps of the `%` in the last step of this path.
    func resolveParents() throws(JSONataError) {
        guard case .path(let steps) = kind, let last = steps.last else { return }
        for slot in last.seeking + last.ownSlot {
            var index = steps.count - 2
            while slot.level > 0 {
                guard index >= 0 else {
                    seeking.append(slot)
                    break
                }
                var step = steps[index]
                index -= 1
                // Steps one behind the other that bind variables stand in one context: skip to the first.
                while index >= 0, step.focus != nil, steps[index].focus != nil {
                    step = steps[index]
                    index -= 1
                }
                try step.seek(slot)
            }
        }
    }

    /// The value of a literal.
    var literal: JSONValue? {
        switch kind {
        case .number(let value): Value.json(of: value)
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .null: .null
        default: nil
        }
    }

    /// The node as an error names it.
    var word: String {
        switch kind {
        case .name(let text), .string(let text), .variable(let text): text
        case .path(let steps): steps.count == 1 ? steps[0].word : "path"
        case .number(let value): NumberText.shortest(value)
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .parent: "parent"
        case .wildcard: "*"
        case .descendants: "**"
        case .binary(let operation, _, _): operation.rawValue
        case .array: "["
        case .object: "{"
        case .negation: "-"
        case .call, .partial: "function"
        case .block: "block"
        default: "expression"
        }
    }
}
