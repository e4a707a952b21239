internal import ShaleJSON
internal import ShaleStates

/// What a definition must be for a machine to be made from it: one that executions can live with, of services that are there.
enum DefinitionRules {
    /// Reads a definition.
    ///
    /// - Throws: `.invalidDefinition`.
    static func program(
        of definition: String,
        _ kind: ResolvedMachine.Kind
    ) throws(StatesError) -> StateMachineProgram {
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.value(of: definition) } catch {
            throw invalid(
                "INVALID_JSON_DESCRIPTION: \(error.reason) at byte \(error.offset)"
            )
        }
        let program: StateMachineProgram
        do throws(DefinitionError) { program = try StateMachineProgram.parse(value) } catch {
            throw invalid("SCHEMA_VALIDATION_FAILED: \(error.reason)", at: error.location)
        }
        for named in NamedResource.all(in: value) {
            guard let reason = named.refusal(kind) else { continue }
            throw invalid("SCHEMA_VALIDATION_FAILED: \(reason)", at: named.location)
        }
        return program
    }

    private static func invalid(_ reason: String, at location: String) -> StatesError {
        invalid("\(reason) at \(location.isEmpty ? "/" : location)")
    }

    private static func invalid(_ reason: String) -> StatesError {
        StatesError(.invalidDefinition, "Invalid State Machine Definition: '\(reason)'")
    }
}
