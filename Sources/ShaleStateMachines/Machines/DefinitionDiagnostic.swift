internal import ShaleStates

/// One thing that is wrong with a definition, or that could be.
package struct DefinitionDiagnostic: Sendable, Equatable {
    /// Whether no machine can be made with it.
    package let isError: Bool
    /// `SCHEMA_VALIDATION_FAILED` and the like.
    package let code: String
    package let message: String
    /// A pointer into the definition: `/States/Pay/Next`.
    package let location: String?

    init(_ diagnostic: Diagnostic) {
        isError = diagnostic.severity == .error
        code = diagnostic.code
        message = diagnostic.message
        location = diagnostic.location
    }

    /// The same at another place.
    func at(_ location: String?) -> DefinitionDiagnostic {
        DefinitionDiagnostic(isError: isError, code: code, message: message, location: location)
    }

    private init(isError: Bool, code: String, message: String, location: String?) {
        self.isError = isError
        self.code = code
        self.message = message
        self.location = location
    }

    /// An error at a place.
    init(_ reason: String, at location: String) {
        isError = true
        code = "SCHEMA_VALIDATION_FAILED"
        message = reason
        self.location = location.isEmpty ? "/" : location
    }

    /// The refusal of a machine because of some.
    static func refusal(_ errors: [DefinitionDiagnostic]) -> StatesError {
        let reasons = errors.map { error in
            "\(error.code): \(error.message)" + (error.location.map { " at \($0)" } ?? "")
        }
        return StatesError(
            .invalidDefinition,
            "Invalid State Machine Definition: '\(reasons.joined(separator: ", "))'"
        )
    }
}
