public import ShaleItems

/// One entry of `AttributeUpdates`: what becomes of one attribute.
public struct AttributeUpdate: Sendable, Hashable {
    /// What is done; the raw value is the word of a request.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        /// Adds to a number, a set or a list.
        case add = "ADD"
        /// Removes the attribute, or elements of a set.
        case delete = "DELETE"
        /// Writes the value.
        case put = "PUT"
    }

    /// The attribute's name.
    public var name: String
    /// What is done.
    public var action = Action.put
    /// With what.
    public var value: AttributeValue?

    /// An entry without a value.
    public init(_ name: String) { self.name = name }

    /// The same as an action of the expression language.
    fileprivate func translated() throws(ExpressionError) -> UpdateAction {
        let path = DocumentPath(name)
        guard let value else {
            guard action == .delete else {
                throw .legacy(
                    .operandCount,
                    "Only DELETE action is allowed when no attribute value is specified"
                )
            }
            return .remove(path)
        }
        switch (action, value.type) {
        case (.put, _): return .set(path, .value(value))
        case (.add, .number), (.add, .stringSet), (.add, .numberSet), (.add, .binarySet),
            (.add, .list):
            return .add(path, value)
        case (.add, let type):
            throw .legacy(
                .operandType,
                "ADD action is not supported for the type \(type.rawValue)"
            )
        case (.delete, .stringSet), (.delete, .numberSet), (.delete, .binarySet):
            return .delete(path, value)
        case (.delete, let type):
            throw .legacy(
                .operandType,
                "DELETE action with value is not supported for the type \(type.rawValue)"
            )
        }
    }
}

extension Update {
    /// The update that a map of attributes asks for.
    /// - Throws: `operandCount`, `operandType`.
    public init(_ updates: [AttributeUpdate]) throws(ExpressionError) {
        self.init(
            actions: try updates.map { (update) throws(ExpressionError) in
                try update.translated()
            },
            mismatch: "Type mismatch for attribute to update"
        )
    }
}
