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
            throw DefinitionDiagnostic.invalidJSON(error).refusal
        }
        let program: StateMachineProgram
        do throws(DefinitionError) { program = try StateMachineProgram.parse(value) } catch {
            throw DefinitionDiagnostic.invalid(error.reason, at: error.location).refusal
        }
        for named in NamedResource.all(in: value) {
            guard let reason = named.refusal(kind) else { continue }
            throw DefinitionDiagnostic.invalid(reason, at: named.location).refusal
        }
        return program
    }
}
