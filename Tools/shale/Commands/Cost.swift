import ArgumentParser
import Foundation
import ShaleMeter
import ShalePlatform
import ShaleTables

/// `shale cost`: what was used, and what it would cost.
struct Cost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what tables have used, and what that costs by a price list.",
        discussion: """
            A server meters what is used of each table and index, hour by hour, and keeps it for
            400 days. Prices come from a file that you edit; without one they are Amazon's public
            ones for us-east-1 of a named date, which --print-prices prints. Beside the bill by
            request stands what the same traffic costs with provisioned units: scaled to each
            hour, and fixed at the busiest one.
            Nothing is changed. The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String?

    @Option(help: "A file of prices, as --print-prices prints one.", completion: .file())
    var prices: String?

    @Option(help: "How many days, today among them: 1 to 400.")
    var days = 30

    @Option(help: "Draw costs by day into this SVG file.", completion: .file())
    var plot: String?

    @Flag(help: "One JSON object.")
    var json = false

    @Flag(help: "Print the example of a file of prices, and nothing else.")
    var printPrices = false

    func validate() throws {
        guard printPrices || directory != nil else {
            throw ValidationError("Name the directory of the database.")
        }
        guard (1...Int(Meter.daysKept)).contains(days) else {
            throw ValidationError("--days is from 1 to \(Meter.daysKept).")
        }
    }

    func run() async throws {
        if printPrices { return print(try PriceFile.text(.example)) }
        let list = try prices.map { try PriceFile.read($0) } ?? .example
        var hours: [UsageHour] = []
        try await Opening.withDatabase(directory ?? "", access: .readOnly) { database, _ in
            let today = database.wallMilliseconds / 86_400_000
            do throws(DatabaseError) {
                hours = try await database.usageHours(of: (today - Int64(days) + 1)...today)
            } catch {
                throw Complaint(error)
            }
        }
        let report = UsageReport(hours, list)
        if let plot { try CostPlot(report, list).write(to: plot) }
        let outcome = CostOutcome(report, list)
        print(json ? try JSONOutput.line(outcome) : outcome.text)
    }
}
