/// What is to be said of a definition before it runs.
package struct Diagnostic: Equatable, Sendable {
    package enum Severity: String, Sendable {
        /// The definition is refused.
        case error = "ERROR"
        /// It is accepted, but may not do what is meant.
        case warning = "WARNING"
    }

    package let severity: Severity
    /// What kind of fault it is, such as `MISSING_TRANSITION_TARGET`.
    package let code: String
    package let message: String
    /// The place in the definition, `/States/A/Choices[0]/Next`; nil for the whole.
    package let location: String?
}
