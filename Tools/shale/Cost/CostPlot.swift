import Foundation
import ShaleMeter

/// Costs by day as bars, three ways of paying side by side.
struct CostPlot {
    private static let (width, height, margin) = (900.0, 320.0, 60.0)
    private static let colours = ["#4878a8", "#6aa84f", "#c27c2c"]
    private static let names = ["by request", "provisioned, scaled", "provisioned, fixed"]

    private let days: [(date: String, amounts: [Double])]
    private let prices: PriceList

    init(_ report: UsageReport, _ prices: PriceList) {
        self.prices = prices
        days = report.days.map { day in
            let amounts = CostOutcome.Amounts(day.bill)
            return (
                CostOutcome.date(day.day),
                [amounts.onDemand, amounts.provisionedScaled, amounts.provisionedFixed]
            )
        }
    }

    /// Writes the SVG file.
    func write(to path: String) throws {
        do {
            try svg.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Complaint(.failed, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    private var svg: String {
        let most = max(days.flatMap(\.amounts).max() ?? 0, 1e-9)
        let inner = Self.height - 2 * Self.margin
        let step = (Self.width - 2 * Self.margin) / Double(max(1, days.count))
        let bar = step * 0.8 / 3
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.width))" height="\(Int(Self.height))" \
            font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(Int(Self.margin))" y="20">\(Self.escaped(prices.name)), \(Self.escaped(prices.currency)) a day</text>
            """
        ]
        for (index, name) in Self.names.enumerated() {
            let x = Self.margin + 170 * Double(index)
            parts.append(
                "<rect x=\"\(x)\" y=\"30\" width=\"10\" height=\"10\" fill=\"\(Self.colours[index])\"/>"
                    + "<text x=\"\(x + 15)\" y=\"39\">\(name)</text>"
            )
        }
        for share in [0.0, 0.5, 1.0] {
            let y = Self.height - Self.margin - share * inner
            parts.append(
                "<line x1=\"\(Self.margin)\" y1=\"\(y)\" x2=\"\(Self.width - Self.margin)\" y2=\"\(y)\" stroke=\"#ccc\"/>"
                    + "<text x=\"4\" y=\"\(y + 4)\">\(String(format: "%.3g", most * share))</text>"
            )
        }
        for (place, day) in days.enumerated() {
            let left = Self.margin + step * (Double(place) + 0.1)
            for (index, amount) in day.amounts.enumerated() {
                let size = amount / most * inner
                parts.append(
                    "<rect x=\"\(left + bar * Double(index))\" y=\"\(Self.height - Self.margin - size)\" "
                        + "width=\"\(bar)\" height=\"\(size)\" fill=\"\(Self.colours[index])\"/>"
                )
            }
            // As many dates as there is room for.
            if place % max(1, days.count / 10) == 0 {
                parts.append(
                    "<text x=\"\(left)\" y=\"\(Self.height - Self.margin + 16)\">\(day.date)</text>"
                )
            }
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;")
    }
}
