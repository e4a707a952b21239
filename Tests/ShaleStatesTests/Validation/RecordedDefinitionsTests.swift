import Foundation
import ShaleJSON
import ShaleStates
import Testing

/// Definitions that another project holds valid or not, where they are on this machine.
@Suite("States: recorded definitions")
struct RecordedDefinitionsTests {
    struct Case: Sendable {
        let name: String
        let isValid: Bool
        let definition: String
    }

    /// The definitions on which we decide otherwise, each with the reason.
    static let exceptions: [String: String] = [
        "invalid-jsonata-surround-syntax-no-spaces.json": "the brackets need no spaces in them",
        "invalid-json-surround-syntax-extra-spaces.json": "space in the brackets is of no account",
        "valid-cfn-definition-substitutions.json":
            "a substitution of CloudFormation, which is filled in before the service sees it",
        "valid-task-intrisic-function.json":
            "functions of CloudFormation, which are computed before the service sees them",
        "valid-map-with-item-batcher-jsonata.json":
            "the service refuses a state in JSONPath where the machine is in JSONata",
    ]

    /// The elements of one of the files; none where it is not on this machine.
    static func elements(of file: String) -> [JSONValue] {
        let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().path
            .components(separatedBy: "/Tests/")[0]
        let folder =
            ProcessInfo.processInfo.environment["SHALE_CONFORMANCE"]
            ?? URL(fileURLWithPath: checkout).deletingLastPathComponent().path
            + "/shared/conformance"
        guard let text = try? String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        else { return [] }
        guard let cases = (try? JSONParser.value(of: text))?.elements else {
            preconditionFailure("the recorded definitions cannot be read")
        }
        return cases
    }

    static let all: [Case] =
        elements(of: "definitions.json").map { json in
            Case(
                name: json["name"]?.text ?? "",
                isValid: json["valid"] == .bool(true),
                definition: json["definition"]?.text ?? ""
            )
        }

    @Test(
        "what the service has run is accepted",
        .enabled(if: !all.isEmpty, "the recorded definitions are not on this machine")
    )
    func run() {
        for machine in Self.elements(of: "state-machines.json") {
            let definition = machine["definition"] ?? .null
            let errors = Validation.read(definition.text ?? definition.json).diagnostics
                .filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(machine["id"]?.text ?? ""): \(errors)")
        }
    }

    @Test(
        "valid definitions are accepted and others refused, but for the exceptions",
        .enabled(if: !all.isEmpty, "the recorded definitions are not on this machine")
    )
    func verdicts() {
        for recorded in Self.all {
            let errors = Validation.read(recorded.definition).diagnostics
                .filter { $0.severity == .error }
            let isSame = errors.isEmpty == recorded.isValid
            let reason = Self.exceptions[recorded.name]
            #expect(isSame == (reason == nil), "\(recorded.name): \(errors) \(reason ?? "")")
        }
    }
}
