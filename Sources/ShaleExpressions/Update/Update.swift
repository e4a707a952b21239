public import ShaleItems

/// A checked update: parsed once, applied to any number of items.
public struct Update: Sendable, Hashable {
    let actions: [UpdateAction]
    /// What is said of an attribute whose type an action cannot take; nil for an expression's words.
    let mismatch: String?

    init(actions: [UpdateAction], mismatch: String? = nil) {
        self.actions = actions
        self.mismatch = mismatch
    }

    /// Parses an update against the placeholders of its request.
    /// - Parameters:
    ///   - text: The expression.
    ///   - placeholders: The request's placeholders; those used are marked.
    /// - Returns: The checked update.
    /// - Throws: What is wrong with the text, with its offset.
    public static func parse(
        _ text: String,
        with placeholders: inout Placeholders
    ) throws(ExpressionError) -> Update {
        Update(actions: try UpdateParser.parse(text, &placeholders))
    }

    /// Parses an update that is the only expression of its request: all placeholders must be used.
    public static func parse(
        _ text: String,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) throws(ExpressionError) -> Update {
        var placeholders = try Placeholders(names: names, values: values)
        let update = try parse(text, with: &placeholders)
        try placeholders.requireAllUsed()
        return update
    }

    /// The first of the paths that it changes, in the order of the text, of which `isWanted` is true.
    ///
    /// The caller refuses those whose root is a key attribute.
    public func firstPath(where isWanted: (DocumentPath) -> Bool) -> DocumentPath? {
        for action in actions {
            let path = action.path
            if isWanted(path) { return path }
        }
        return nil
    }

    /// The value that an expression sets a whole attribute to, where the request alone tells it.
    package func literal(of attribute: String) -> AttributeValue? {
        guard mismatch == nil else { return nil }
        for case .set(let path, .value(let value)) in actions
        where path.steps.isEmpty && TextOrder.areEqual(path.root, attribute) {
            return value
        }
        return nil
    }

    /// Whether there is an item after it where there was none: what only removes makes none.
    public var makesItem: Bool {
        actions.contains { action in
            switch action {
            case .set, .add: true
            case .remove, .delete: false
            }
        }
    }

    /// The item after the update; the checks of `Item.validate()` are the caller's.
    ///
    /// Every operand is read from `item` as it was. A new item starts from its key attributes.
    /// - Throws: `missingOperand`, `incorrectOperand`, `invalidPath` or `number`.
    public func apply(to item: Item) throws(ExpressionError) -> UpdateResult {
        var edits = try edits(of: item)
        // Elements beyond the end of a list are appended in the order of their indexes, and removed
        // from its end on, so that the indexes of the expression stay those of the old item.
        edits.sort { UpdateEdit.precedes($0, $1) }
        var updated = item
        for edit in edits { try edit.apply(to: &updated) }
        return UpdateResult(item: updated, old: item, paths: actions.map(\.path))
    }

    private func edits(of item: Item) throws(ExpressionError) -> [UpdateEdit] {
        do throws(ExpressionError) {
            return try actions.map { (action) throws(ExpressionError) in
                try UpdateEdit(action, of: item)
            }
        } catch {
            guard let mismatch, error.code == .incorrectOperand else { throw error }
            throw ExpressionError(.incorrectOperand, kind: nil, message: mismatch)
        }
    }
}

/// What an update made of an item.
public struct UpdateResult: Sendable {
    /// The item after the update.
    public let item: Item

    private let old: Item
    private let paths: [DocumentPath]

    init(item: Item, old: Item, paths: [DocumentPath]) {
        self.item = item
        self.old = old
        self.paths = paths
    }

    // Made only where it is asked for.
    private var projection: Projection { Projection(disjoint: paths) }

    /// What `UPDATED_OLD` returns: the changed paths as they were.
    public var updatedOld: Item { projection.apply(to: old) }
    /// What `UPDATED_NEW` returns: the changed paths as they are now.
    public var updatedNew: Item { projection.apply(to: item) }
}
