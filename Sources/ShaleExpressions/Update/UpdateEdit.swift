import ShaleItems

/// One change of an item, its operands already read: a value to write at a path, or nothing to
/// leave there.
struct UpdateEdit {
    let path: DocumentPath
    /// The new value, or nil to remove what is there.
    let value: AttributeValue?

    /// Reads the operands of an action from the item as it was.
    init(_ action: UpdateAction, of item: Item) throws(ExpressionError) {
        path = action.path
        switch action {
        case .set(_, let expression): value = try expression.value(in: item)
        case .remove: value = nil
        case .add(_, let operand): value = try operand.added(to: action.path.value(in: item))
        case .delete(_, let operand):
            value = try operand.deleted(from: action.path.value(in: item))
        }
    }

    /// Writes before removals; writes by ascending index, removals by descending.
    static func precedes(_ left: UpdateEdit, _ right: UpdateEdit) -> Bool {
        switch (left.value, right.value) {
        case (.some, nil): true
        case (nil, .some): false
        case (.some, .some): DocumentPath.precedes(left.path, right.path)
        case (nil, nil): DocumentPath.precedes(right.path, left.path)
        }
    }

    /// Changes the item.
    /// - Throws: `invalidPath` when the path leads through what is no map or list.
    func apply(to item: inout Item) throws(ExpressionError) {
        guard !path.steps.isEmpty else {
            item[path.root] = value
            return
        }
        let isFound = try item.modify(path.root) { (root) throws(ExpressionError) in
            try change(&root, path.steps[...])
        }
        guard isFound else { throw Self.invalidPath }
    }

    private func change(
        _ container: inout AttributeValue,
        _ steps: ArraySlice<DocumentPath.Step>
    ) throws(ExpressionError) {
        guard let step = steps.first else {
            preconditionFailure("a change ends at the container of its last step")
        }
        let rest = steps.dropFirst()
        switch (step, container) {
        case (.name(let name), .map(var map)):
            // The container lets go of its storage, so that the change below is made in place.
            container = .null
            defer { container = .map(map) }
            if rest.isEmpty {
                map[name] = value
            } else {
                let isFound = try map.modify(name) { (inner) throws(ExpressionError) in
                    try change(&inner, rest)
                }
                guard isFound else { throw Self.invalidPath }
            }
        case (.index(let index), .list(var list)):
            container = .null
            defer { container = .list(list) }
            if rest.isEmpty {
                changeElement(of: &list, at: index)
            } else {
                guard list.indices.contains(index) else { throw Self.invalidPath }
                try change(&list[index], rest)
            }
        default: throw Self.invalidPath
        }
    }

    private func changeElement(of list: inout [AttributeValue], at index: Int) {
        switch (value, list.indices.contains(index)) {
        case (let value?, true): list[index] = value
        case (let value?, false): list.append(value)
        case (nil, true): list.remove(at: index)
        case (nil, false): break
        }
    }

    private static var invalidPath: ExpressionError {
        ExpressionError(
            .invalidPath,
            kind: .update,
            message: "The document path provided in the update expression is invalid for update"
        )
    }
}
