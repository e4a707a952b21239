import ShaleGraphs
import ShaleJSON
import ShalePlatform

/// Executions as a table: one a line, the latest first.
struct ExecutionTable {
    let executions: [JSONValue]
    let now: Int64
    let hasColours: Bool

    var lines: [String] {
        let rows = executions.map { execution -> [String] in
            let summary = ExecutionSummary(execution)
            let began = CivilDate(seconds: summary.started / 1_000)
                .isoText(milliseconds: summary.started % 1_000)
            return [
                "\(summary.outcome.symbol) \(summary.status)", "\(summary.machine)/\(summary.name)",
                began, DurationWords.words(summary.milliseconds(at: now)),
                summary.redriveCount > 0 ? "× \(summary.redriveCount)" : "",
            ]
        }
        let heads = ["STATUS", "EXECUTION", "STARTED", "TOOK", "REDRIVEN"]
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        let colours = [nil] + executions.map { Self.colour(ExecutionSummary($0).outcome) }
        return zip([heads] + rows, colours).map { row, colour in
            let cells = zip(row, widths).map { text, width in
                text + String(repeating: " ", count: width - text.count)
            }
            let first =
                hasColours && colour != nil
                ? "\u{1B}[\(colour ?? "0")m\(cells[0])\u{1B}[0m" : cells[0]
            let line = ([first] + cells.dropFirst()).joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func colour(_ outcome: Outcome) -> String {
        switch outcome {
        case .succeeded: "32"
        case .failed: "1;31"
        case .running: "1;34"
        case .aborted: "35"
        case .caught, .notReached: "0"
        }
    }
}
