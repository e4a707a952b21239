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
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.value(of: definition) } catch {
            return [invalidJSON(error)]
        }
        do throws(DefinitionError) { _ = try StateMachineProgram.parse(value) } catch {
            return [invalid(error.reason, at: error.location)]
        }
        return NamedResource.all(in: value).compactMap { named in
            named.languageRefusal(kind).map { invalid($0, at: named.location) }
        }
    }

    static func invalidJSON(_ error: JSONError) -> DefinitionDiagnostic {
        DefinitionDiagnostic(
            isError: true,
            code: "INVALID_JSON_DESCRIPTION",
            message: "\(error.reason) at byte \(error.offset)",
            location: nil
        )
    }

    static func invalid(_ reason: String, at location: String) -> DefinitionDiagnostic {
        DefinitionDiagnostic(
            isError: true,
            code: "SCHEMA_VALIDATION_FAILED",
            message: reason,
            location: location.isEmpty ? "/" : location
        )
    }

    /// The refusal of a machine because of it.
    var refusal: StatesError {
        let place = location.map { " at \($0)" } ?? ""
        return StatesError(
            .invalidDefinition,
            "Invalid State Machine Definition: '\(code): \(message)\(place)'"
        )
    }
}
