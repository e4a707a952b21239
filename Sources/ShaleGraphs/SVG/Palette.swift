/// Colours of outcomes, dark on light, each with at least 4.5 to 1 of contrast; a symbol says the same without them.
struct Palette {
    static let ink = "#24292f"
    static let soft = "#57606a"
    static let line = "#d0d7de"
    static let faint = "#f6f8fa"
    static let paper = "#ffffff"
    /// Arrows that were not taken.
    static let idle = "#afb8c1"

    /// Of the border and the strip.
    let strong: String
    /// Of the box.
    let light: String

    init(_ outcome: Outcome) {
        switch outcome {
        case .succeeded: (strong, light) = ("#1a7f37", "#e9f8ed")
        case .failed: (strong, light) = ("#cf222e", "#ffefee")
        case .caught: (strong, light) = ("#9a6700", "#fff6d8")
        case .running: (strong, light) = ("#0969da", "#e7f4ff")
        case .aborted: (strong, light) = ("#6639ba", "#f5efff")
        case .notReached: (strong, light) = ("#6e7781", "#ffffff")
        }
    }
}
