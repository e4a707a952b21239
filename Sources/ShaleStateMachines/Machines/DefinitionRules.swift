internal import ShaleStates

/// What a definition must be for a machine to be made from it: faultless by the language, and of services that are there.
enum DefinitionRules {
    /// Reads a definition, which may name these operations of tables.
    ///
    /// - Throws: `.invalidDefinition`, which names all that is wrong.
    static func program(
        of definition: String,
        _ kind: ResolvedMachine.Kind,
        actions: Set<String>
    ) throws(StatesError) -> StateMachineProgram {
        let judged = JudgedDefinition(definition, kind)
        var errors = judged.errors
        guard let machine = judged.machine else { throw DefinitionDiagnostic.refusal(errors) }
        for named in NamedResource.all(of: machine) where !named.isHere(actions) {
            // What is no resource name at all has been told.
            guard !errors.contains(where: { $0.location == named.location }) else { continue }
            errors.append(DefinitionDiagnostic(named.absence, at: named.location))
        }
        guard errors.isEmpty else { throw DefinitionDiagnostic.refusal(errors) }
        do throws(DefinitionError) {
            return try StateMachineProgram.parse(machine)
        } catch {
            let reason = DefinitionDiagnostic(error.reason, at: error.location)
            throw DefinitionDiagnostic.refusal([reason])
        }
    }
}
