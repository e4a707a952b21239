import Foundation
import ShaleMeter
import ShaleTables

/// What `cost` shows, for people and for programs.
struct CostOutcome: Encodable {
    /// Amounts of one table, index, day or of all.
    struct Amounts: Encodable {
        let reads: Double
        let writes: Double
        let storage: Double
        let backups: Double
        let streams: Double
        let functions: Double
        let onDemand: Double
        let provisionedScaled: Double
        let provisionedFixed: Double

        init(_ bill: Bill) {
            reads = bill.reads
            writes = bill.writes
            storage = bill.storage
            backups = bill.backups
            streams = bill.streams
            functions = bill.functionRequests + bill.functionMemory
            onDemand = bill.onDemand
            provisionedScaled = bill.scaled + bill.others
            provisionedFixed = bill.provisioned + bill.others
        }
    }

    /// One table or index.
    struct Resource: Encodable {
        let name: String
        let readUnits: Double
        let writeUnits: Double
        let streamReads: Int
        let cacheHits: Int
        let gigabyteHours: Double
        let cost: Amounts

        init(_ resource: UsageReport.Resource) {
            name = resource.name
            readUnits = Double(resource.total.count.readHalves) / 2
            writeUnits = Double(resource.total.count.writeHalves) / 2
            streamReads = resource.total.count.streamReads
            cacheHits = resource.total.count.cacheHits
            gigabyteHours = Double(resource.total.byteSeconds) / 3600 / 1_073_741_824
            cost = Amounts(resource.bill)
        }
    }

    /// One function.
    struct Function: Encodable {
        let name: String
        let requests: Int
        let gigabyteMilliseconds: Double
        let cost: Amounts

        init?(_ resource: UsageReport.Resource) {
            guard let name = resource.total.functionName else { return nil }
            self.name = name
            requests = resource.total.requests
            gigabyteMilliseconds = Double(resource.total.megabyteMilliseconds) / 1_024
            cost = Amounts(resource.bill)
        }
    }

    /// One day.
    struct Day: Encodable {
        let date: String
        let cost: Amounts
    }

    let prices: String
    let currency: String
    let resources: [Resource]
    let functions: [Function]
    let days: [Day]
    let total: Amounts

    init(_ report: UsageReport, _ list: PriceList) {
        prices = list.name
        currency = list.currency
        let tables = report.resources.filter { $0.total.functionName == nil }
        resources = tables.map { Resource($0) }
        functions = report.resources.compactMap { Function($0) }
        days = report.days.map { Day(date: Self.date($0.day), cost: Amounts($0.bill)) }
        total = Amounts(report.total)
    }

    /// "2026-11-28".
    static func date(_ day: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(day) * 86_400)
        return date.formatted(.iso8601.year().month().day())
    }

    // MARK: Text

    var text: String {
        guard !resources.isEmpty || !functions.isEmpty else {
            return "Nothing was metered in these days: a server meters while it runs, "
                + "once a minute."
        }
        var lines = ["Prices: \(prices)", ""]
        if !resources.isEmpty { lines += Self.columns(resourceRows) + [""] }
        if !functions.isEmpty { lines += Self.columns(functionRows) + [""] }
        lines += Self.columns(
            [["day", "by request", "provisioned, scaled", "provisioned, fixed"]]
                + days.map { [$0.date] + Self.ways($0.cost) } + [["all"] + Self.ways(total)]
        )
        let ways = [
            ("by request", total.onDemand), ("provisioned, scaled", total.provisionedScaled),
            ("provisioned, fixed", total.provisionedFixed),
        ]
        if let best = ways.min(by: { $0.1 < $1.1 }) {
            lines += ["", "The least for this traffic: \(best.0)."]
        }
        return lines.joined(separator: "\n")
    }

    private var functionRows: [[String]] {
        [["function", "requests", "GB-milliseconds", currency]]
            + functions.map { function in
                [
                    function.name, "\(function.requests)",
                    Self.count(function.gigabyteMilliseconds),
                    Self.amount(function.cost.functions),
                ]
            }
    }

    private var resourceRows: [[String]] {
        var table = [["", "read units", "write units", "GB-hours", "cache hits", currency]]
        for resource in resources {
            table.append([
                resource.name, Self.count(resource.readUnits), Self.count(resource.writeUnits),
                Self.amount(resource.gigabyteHours), "\(resource.cacheHits)",
                Self.amount(resource.cost.onDemand),
            ])
        }
        return table
    }

    private static func ways(_ amounts: Amounts) -> [String] {
        [amounts.onDemand, amounts.provisionedScaled, amounts.provisionedFixed].map(amount)
    }

    private static func amount(_ number: Double) -> String { String(format: "%.6f", number) }

    private static func count(_ number: Double) -> String { String(format: "%.1f", number) }

    /// Rows in columns: the first to the left, the others to the right.
    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }
    }
}
