import Testing

/// The language's own cases, where they are on this machine: they are other people's and not part of this project.
@Suite("JSONata: recorded cases")
struct ConformanceTests {
    /// The cases that we decide otherwise, each with the reason.
    static let exceptions: [String: String] = [
        "function-encodeUrl/case002": "half a pair of surrogates, which no text here can hold",
        "function-encodeUrlComponent/case002":
            "half a pair of surrogates, which no text here can hold",
    ]

    @Test(
        "every recorded case has its result, and only the exceptions have not",
        .enabled(if: !ConformanceCase.all.isEmpty, "the recorded cases are not on this machine")
    )
    func cases() async {
        let problems = await onDeepStack {
            ConformanceCase.all.compactMap { recorded -> String? in
                let fault = recorded.fault
                guard let reason = Self.exceptions[recorded.name] else {
                    return fault.map { "\(recorded.name): \(recorded.expression) \($0)" }
                }
                return fault == nil ? "\(recorded.name) passes, though: \(reason)" : nil
            }
        }
        #expect(problems.isEmpty, "\(problems.count):\n\(problems.joined(separator: "\n"))")
    }
}
