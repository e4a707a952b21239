/// The bounds of expressions, as the service documents them.
public enum ExpressionLimits {
    /// The bytes of one expression: 4 KB.
    public static let expressionSizeBytes = 4_096
    /// The length of one PartiQL statement, in units of UTF-16 as the service counts.
    public static let statementLength = 8_192
    /// Operators and functions in one expression.
    public static let operators = 300
    /// Values on the right of `IN`.
    public static let inOperands = 100
    /// How deep parentheses, `NOT` and functions may nest; keeps recursion small on any thread.
    public static let nesting = 64
    /// Names and indexes in one document path: a root and one for each level of an item.
    public static let pathElements = 33
    /// The bytes of one placeholder's own name.
    public static let placeholderSizeBytes = 255
}
