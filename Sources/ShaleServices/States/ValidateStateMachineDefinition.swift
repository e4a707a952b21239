internal import ShaleItems
internal import ShaleStateMachines

/// Judges a definition by the language alone: of services that are not here it says nothing.
enum ValidateStateMachineDefinition: StatesOperation {
    static let name = "ValidateStateMachineDefinition"
    /// Diagnostics of an answer that nobody asked a number of.
    private static let standard = 100
    static let shape: [Member] = [
        .required("definition", StatesShapes.definition), Member("type", StatesShapes.kind),
        Member("severity", .word(["ERROR", "WARNING"])), Member("maxResults", .whole(0...100)),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let kind: ResolvedMachine.Kind = members.text("type") == "EXPRESS" ? .express : .standard
        let all = JudgedDefinition(members.text("definition"), kind).diagnostics
        let isOK = !all.contains { $0.isError }
        let withWarnings = members.text("severity") == "WARNING"
        let asked = all.filter { $0.isError || withWarnings }
        let most = members["maxResults"]?.numberValue?.intValue ?? 0
        let shown = asked.prefix(most == 0 ? standard : most)
        return RestReply([
            "result": isOK ? "OK" : "FAIL",
            "diagnostics": .list(shown.map { .map(told($0)) }),
            "truncated": .bool(shown.count < asked.count),
        ])
    }

    private static func told(_ diagnostic: DefinitionDiagnostic) -> Item {
        var told: Item = [
            "severity": diagnostic.isError ? "ERROR" : "WARNING",
            "code": .string(diagnostic.code), "message": .string(diagnostic.message),
        ]
        told.set("location", diagnostic.location)
        return told
    }
}
