/// Why a text is no state machine, and where.
package struct DefinitionError: Error, Equatable, Sendable {
    /// A pointer to the place: `/States/Wait/Seconds`; empty for the whole.
    package let location: String
    package let reason: String

    init(_ location: String, _ reason: String) {
        self.location = location
        self.reason = reason
    }
}
