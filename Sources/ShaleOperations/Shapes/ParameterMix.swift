internal import ShaleTables
internal import ShaleWire

/// Which of a request's parameters are expressions, and which are of the API before expressions: one
/// request has only the one or the other.
///
/// Both lists are in the order in which the service names them.
struct ParameterMix {
    typealias Parameters = [(name: String, isGiven: Bool)]

    let legacy: Parameters
    let expressions: Parameters
    /// Whether values that no expression can use are told with the expressions that there could be.
    var namesExpressions = true

    /// Refuses a mixture, and names and values that no expression can use.
    func check(_ attributes: ExpressionAttributes) throws(WireError) {
        let given = Self.names(expressions)
        let old = Self.names(legacy)
        if !given.isEmpty, !old.isEmpty {
            throw .validation(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {\(old.joined(separator: ", "))} "
                    + "Expression parameters: {\(given.joined(separator: ", "))}"
            )
        }
        if attributes.names != nil, given.isEmpty {
            throw .validation(
                "ExpressionAttributeNames can only be specified when using expressions"
            )
        }
        let users = expressions.filter { $0.name != "ProjectionExpression" }
        if attributes.values != nil, !users.contains(where: \.isGiven) {
            throw .validation(
                "ExpressionAttributeValues can only be specified when using expressions"
                    + (namesExpressions ? ": " + Self.areNull(users) : "")
            )
        }
    }

    private static func areNull(_ users: Parameters) -> String {
        users.map(\.name).joined(separator: " and ") + (users.count > 1 ? " are null" : " is null")
    }

    private static func names(_ parameters: Parameters) -> [String] {
        parameters.filter(\.isGiven).map(\.name)
    }
}
