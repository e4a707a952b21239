internal import ShaleExpressions
internal import ShaleItems

/// Parses the expressions of one request in the service's order, against one set of placeholders.
///
/// Every error becomes a validation error. `finish` refuses placeholders that nothing used.
struct ExpressionReader {
    private var placeholders: Placeholders
    private let attributes: ExpressionAttributes

    init(_ attributes: ExpressionAttributes) throws(DatabaseError) {
        self.attributes = attributes
        do throws(ExpressionError) {
            placeholders = try Placeholders(names: attributes.names, values: attributes.values)
        } catch {
            throw DatabaseError(error)
        }
    }

    mutating func condition(
        _ text: String?,
        as kind: ExpressionKind = .condition
    ) throws(DatabaseError) -> Condition? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try Condition.parse(text, as: kind, with: &placeholders)
        } catch {
            throw DatabaseError(error)
        }
    }

    mutating func update(_ text: String?) throws(DatabaseError) -> Update? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try Update.parse(text, with: &placeholders)
        } catch {
            throw DatabaseError(error)
        }
    }

    mutating func projection(_ text: String?) throws(DatabaseError) -> Projection? {
        guard let text else { return nil }
        do throws(ExpressionError) {
            return try Projection.parse(text, with: &placeholders)
        } catch {
            throw DatabaseError(error)
        }
    }

    mutating func keyCondition(
        _ text: String
    ) throws(DatabaseError) -> KeyCondition.Unchecked {
        do throws(ExpressionError) {
            return try KeyCondition.parse(text, with: &placeholders)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Refuses placeholders that nothing used, and any where there is no expression.
    func finish(hasExpressions: Bool) throws(DatabaseError) {
        guard hasExpressions else {
            for (given, parameter) in [
                (attributes.names != nil, "ExpressionAttributeNames"),
                (attributes.values != nil, "ExpressionAttributeValues"),
            ] where given {
                throw .validation(
                    "\(parameter) can only be specified when using expressions"
                )
            }
            return
        }
        do throws(ExpressionError) {
            try placeholders.requireAllUsed()
        } catch {
            throw DatabaseError(error)
        }
    }
}

extension DatabaseError {
    init(_ error: ExpressionError) { self = .validation(error.message) }

    /// What an item breaks of the rules that all items obey.
    init(_ error: ItemError) {
        switch error.code {
        case .malformedItem, .malformedKey:
            self = .damaged("item", error.description)
        default: self = .validation(error.message)
        }
    }
}
