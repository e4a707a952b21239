import Foundation
import ShaleJSON
import Testing

@testable import ShaleStates

/// Definitions that others have collected; read where they are present.
@Suite struct CollectedDefinitionsTests {
    struct Definition {
        let name: String
        let isValid: Bool
        let text: String
    }

    static let all: [Definition] = {
        let file = RecordedCase.directory.appendingPathComponent("definitions.json")
        guard let data = try? Data(contentsOf: file) else { return [] }
        var parser = JSONParser(Array(data))
        return (try? parser.wholeText().elements)?.compactMap { value in
            guard let name = value["name"]?.text, let text = value["definition"]?.text else {
                return nil
            }
            return Definition(name: name, isValid: value["valid"] == .bool(true), text: text)
        } ?? []
    }()

    /// Valid ones in the collection's view that are refused here, with the reason.
    static let refused: [String: String] = [
        "valid-cfn-definition-substitutions.json": "a resource that another tool is to fill in",
        "valid-task-intrisic-function.json": "resources that another tool is to fill in",
    ]

    @Test(.disabled(if: all.isEmpty, "the collected definitions are not present"))
    func `valid definitions are read`() {
        for definition in Self.all where definition.isValid {
            do {
                _ = try StateMachineProgram.parse(definition.text)
                #expect(Self.refused[definition.name] == nil, "\(definition.name) is read")
            } catch {
                let isKnown = Self.refused[definition.name] != nil
                if !isKnown {
                    Issue.record("\(definition.name): \(error.location) \(error.reason)")
                }
            }
        }
    }
}
