internal import ShaleJSON
internal import ShaleStates

/// A definition that has been read once, and what is to be said about it by the language alone.
package struct JudgedDefinition: Sendable {
    /// What was read; nil where it is no JSON, which a diagnostic tells.
    let machine: JSONValue?
    /// Empty where the definition is fine.
    package let diagnostics: [DefinitionDiagnostic]

    /// Judges the text of a definition of a machine of a kind.
    package init(_ text: String, _ kind: ResolvedMachine.Kind) {
        let (machine, diagnostics) = Validation.read(text)
        self.init(machine, diagnostics, kind)
    }

    /// Judges what has been read already.
    init(_ machine: JSONValue, _ kind: ResolvedMachine.Kind) {
        self.init(machine, Validation.diagnostics(of: machine), kind)
    }

    private init(
        _ machine: JSONValue?,
        _ diagnostics: [Diagnostic],
        _ kind: ResolvedMachine.Kind
    ) {
        var all = diagnostics.map(DefinitionDiagnostic.init)
        if let machine {
            for violation in ExpressRules.violations(in: machine, kind) {
                all.append(DefinitionDiagnostic(violation.reason, at: violation.location))
            }
        }
        self.machine = machine
        self.diagnostics = all
    }

    /// Those for which no machine can be made.
    var errors: [DefinitionDiagnostic] { diagnostics.filter(\.isError) }
}
