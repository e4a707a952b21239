/// What became of a state.
package enum Outcome: String, Sendable, CaseIterable {
    case succeeded, failed, caught, running, aborted
    case notReached = "not reached"

    /// One letter that says the same without a colour.
    package var symbol: String {
        switch self {
        case .succeeded: "✔"
        case .failed: "✖"
        case .caught: "▲"
        case .running: "▶"
        case .aborted: "■"
        case .notReached: "○"
        }
    }

    /// Of several visits of one state, the one that is told comes first here.
    static let bySeverity: [Outcome] = [
        .running, .failed, .aborted, .caught, .succeeded, .notReached,
    ]
}
