internal import ShaleJSON
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

    /// All that is to be said about a definition, by the language alone: empty where it is fine.
    package static func all(
        of definition: String,
        _ kind: ResolvedMachine.Kind
    ) -> [DefinitionDiagnostic] {
        var found = Validation.diagnostics(of: definition).map(DefinitionDiagnostic.init)
        for violation in ExpressRules.violations(in: definition, kind) {
            found.append(DefinitionDiagnostic(violation.reason, at: violation.location))
        }
        return found
    }

    private init(_ diagnostic: Diagnostic) {
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
