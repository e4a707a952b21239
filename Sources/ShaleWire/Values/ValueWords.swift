package import ShaleItems

/// In which words a request is told what is wrong with one of its values.
///
/// It depends on the operation: each goes through one of the service's two layers, and the writes of single items tell it as a
/// broken constraint, as whatever else is wrong with the request alone.
package struct ValueWords: Sendable {
    /// The layer.
    package var layer: ValueLayer
    /// Whether it is told as a broken constraint.
    package var isEnveloped: Bool
    /// The name of the expression's value that is being read, which the older layer tells.
    package var expressionValue: String?

    /// The words of a layer.
    package init(_ layer: ValueLayer = .older, isEnveloped: Bool = false) {
        self.layer = layer
        self.isEnveloped = isEnveloped
    }

    /// What a client is told.
    package func told(_ message: String) -> String {
        if isEnveloped { return "1 validation error detected: " + message }
        guard layer == .older, let expressionValue else { return message }
        return "ExpressionAttributeValues contains invalid value: \(message) for key "
            + expressionValue
    }
}
