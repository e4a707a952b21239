/// A cursor over a text of which some things may only be so many: operators, and levels of nesting.
protocol BoundedCursor {
    /// Operators and functions so far.
    var operatorCount: Int { get set }
    /// Levels that are open.
    var depth: Int { get set }
    /// An error at the place where the cursor is.
    func error(_ code: ExpressionError.Code, _ message: String) -> ExpressionError
}

extension BoundedCursor {
    /// Counts an operator or a function.
    /// - Throws: `tooComplex` above the limit.
    @inline(never)
    mutating func countOperator() throws(ExpressionError) {
        operatorCount += 1
        guard operatorCount <= ExpressionLimits.operators else {
            throw error(
                .tooComplex,
                "The expression contains too many operators; "
                    + "operator count: \(operatorCount)"
            )
        }
    }

    /// Goes one level deeper; every call is paired with `ascend()`.
    /// - Throws: `tooComplex` above the limit.
    @inline(never)
    mutating func descend() throws(ExpressionError) {
        depth += 1
        guard depth <= ExpressionLimits.nesting else {
            throw error(
                .tooComplex,
                "The expression is nested too deeply; "
                    + "maximum nesting levels: \(ExpressionLimits.nesting)"
            )
        }
    }

    /// Comes back from a deeper level.
    mutating func ascend() { depth -= 1 }
}
